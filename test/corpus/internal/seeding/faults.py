"""The faults that are seeded, each as the few lines of a notebook that hold it.

In the lines, {target} is what the faulty value is bound to, {x} the input, {number} and {text} columns of a table. Faults
without a target are statements.
"""

from collections import namedtuple

# needs is array, frame or nothing; rules are those that a finding of the fault may bear; column is set where the value can
# become a column of the input as well.
Fault = namedtuple("Fault", "kind variant needs rules setup lines names binds column")

NUMPY = ["import numpy as np"]
PANDAS = ["import pandas as pd"]
READER = [
    "def read_text(path):",
    "    try:",
    "        with open(path) as file:",
    "            return file.read()",
    "    except OSError:",
    "        return None",
]
FORGETFUL = ["def doubled(values):", "    result = [2 * value for value in values]"]
FETCHER = ["import asyncio", "async def fetch_rows():", "    await asyncio.sleep(0)", "    return [1, 2]"]


def fault(kind, variant, needs, rules, lines, setup=(), names=("result",), binds=True, column=False):
    return Fault(kind, variant, needs, rules.split(), list(setup), list(lines), names, binds, column)


SCALARS = "SCALAR WARN-NUM"
METRICS = ("ratio", "share", "loss", "average", "level")
TABLES = ("priced", "joined", "selection", "combined", "encoded")

NUMBERS = [
    fault("0/0", "counts", "array", SCALARS, [
        "above = ({x} > {x}.max()).sum()",
        "below = ({x} < {x}.min()).sum()",
        "{target} = above / below",
    ], NUMPY, METRICS),
    fault("0/0", "in a dict", "array", "CONTAINER WARN-NUM", [
        "below = ({x} < {x}.min()).sum()",
        "{target} = {{'n': len({x}), 'share': below / below}}",
    ], NUMPY, ("metrics", "figures")),
    fault("log of a negative", "scalar", "array", SCALARS,
          ["{target} = np.log({x}.min() - {x}.max() - 1)"], NUMPY, METRICS),
    fault("log of a negative", "array", "array", "ARR-ALLNAN WARN-NUM",
          ["{target} = np.log({x} - {x}.max() - 1)"], NUMPY, ("logs", "scores")),
    fault("mean of an empty slice", "array", "array", SCALARS,
          ["{target} = {x}[{x} > {x}.max()].mean()"], NUMPY, METRICS),
    fault("mean of an empty slice", "column", "frame", SCALARS,
          ["{target} = {x}[{x}[{number}] > {x}[{number}].max()][{number}].mean()"], PANDAS, METRICS),
    fault("one NaN", "root", "array", "ARR-NAN WARN-NUM",
          ["{target} = np.sqrt({x} - np.unique({x})[1])"], NUMPY, ("roots", "distances")),
    fault("one NaN", "warnings off", "array", "ARR-NAN", [
        "with np.errstate(all='ignore'):",
        "    {target} = np.sqrt({x} - np.unique({x})[1])",
    ], NUMPY, ("roots", "distances")),
]

FRAMES = [
    fault("misaligned add", "labels", "frame", "PD-ALLNAN", [
        "other = {x}[{number}].copy()",
        "other.index = ['row %d' % i for i in range(len(other))]",
        "{target} = {x}[{number}] + other",
    ], PANDAS, ("total", "sums"), column=True),
    fault("wrong map", "dict", "frame", "PD-ALLNAN",
          ["{target} = {x}[{text}].map({{'no such value': 1, 'nor this': 2}})"], PANDAS, ("codes", "encoded"), column=True),
    fault("wrong merge key", "inner", "frame", "EMPTY", [
        "prices = pd.DataFrame({{{text}: ['no such value'], 'unit_price': [1.5]}})",
        "{target} = {x}.merge(prices, on={text})",
    ], PANDAS, TABLES),
    fault("wrong merge key", "left", "frame", "PD-ALLNAN", [
        "prices = pd.DataFrame({{{text}: ['no such value'], 'unit_price': [1.5]}})",
        "{target} = {x}.merge(prices, on={text}, how='left')",
    ], PANDAS, TABLES),
    fault("failed to_numeric", "coerce", "frame", "PD-ALLNAN",
          ["{target} = pd.to_numeric({x}[{text}], errors='coerce')"], PANDAS, ("numbers", "amounts"), column=True),
    fault("empty filter", "equals", "frame", "EMPTY",
          ["{target} = {x}[{x}[{text}] == 'no such value']"], PANDAS, TABLES),
    fault("empty filter", "array", "array", "EMPTY", ["{target} = {x}[{x} > {x}.max()]"], NUMPY, ("peaks", "large")),
    fault("inplace result", "sort_values", "frame", "NONE-INPLACE NB301", [
        "table = {x}.copy()",
        "{target} = table.sort_values({number}, inplace=True)",
    ], PANDAS, TABLES),
    fault("inplace result", "list.sort", "array", "NONE-INPLACE NB301", [
        "ordered = list({x}[:5])",
        "{target} = ordered.sort()",
    ], NUMPY, ("ranking", "in_order")),
]

OTHERS = [
    fault("swallowed exception", "returns None", "", "NONE-MIXED",
          ["{target} = read_text('no-such-file.txt')"], READER, ("text", "notes", "document")),
    fault("swallowed exception", "pass", "", "NB102", [
        "try:",
        "    limit = int('twelve')",
        "except Exception:",
        "    pass",
    ], binds=False),
    fault("swallowed exception", "print", "", "NB103", [
        "try:",
        "    limit = int('twelve')",
        "except Exception as problem:",
        "    print('no limit:', problem)",
    ], binds=False),
    fault("lost assignment", "forgotten return", "", "NONE-PROC", [
        "{target} = doubled([1, 2, 3])",
        "kind = type({target})",
    ], FORGETFUL, ("scaled", "twice")),
    fault("lost assignment", "result thrown away", "frame", "NB305", [
        "table = {x}.copy()",
        "table.dropna()",
        "size = len(table)",
    ], PANDAS, binds=False),
    fault("forgotten await", "call", "", "CORO", ["{target} = fetch_rows()"], FETCHER, ("rows", "records")),
    fault("failed shell", "cp", "", "SHELL", ["!cp no-such-file.txt copy.txt"], binds=False),
    fault("failed shell", "python", "", "SHELL", ["!python3 -c 'import no_such_module'"], binds=False),
    fault("failed shell", "process", "", "PROC NB204", ["{target} = subprocess.run(['false'])"],
          ["import subprocess"], ("finished", "process")),
]

ALL = NUMBERS + FRAMES + OTHERS
