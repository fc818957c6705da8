"""Mutates sources and checks that the analysis always answers, in time and as internal/facts says.

Usage: fuzz.py DIRECTORY_OF_NBV SEED NOTEBOOKS SECONDS FILE...

It stops after so many notebooks or so long, whichever is later; the files hold sources with "# %%" between their cells.
"""

import json
import random
import sys
import time

sys.path.insert(0, sys.argv[1])
from nbv import analysis  # noqa: E402

BIND = {
    "kind": str, "callee": str, "returns": str, "line": int, "nanLiteral": bool, "inPlace": bool, "noneArgument": bool,
    "checked": bool,
}
SCOPE = {
    "binds": {"*": BIND}, "mutates": [str], "loads": [str], "nanLiteral": bool, "reads": bool, "asksMissing": bool,
    "last": (BIND, None),
}
ANALYSIS = {
    "done": bool, "detail": str,
    "lint": [{"rule": str, "cell": (int, None), "line": int, "name": str, "detail": str}],
    "cells": [{
        "index": int, "parsed": bool, "magic": str, "commands": [str], "scope": SCOPE,
        "functions": [{"name": str, "line": int, "returns": str, "scope": SCOPE}],
    }],
    "noneGuards": [str], "nanGuards": [str], "checks": int, "checkedCells": [int], "responseChecked": bool,
    "returnCodeChecked": bool,
}
KINDS = "call await arithmetic name subscript constant condition container other".split()
RETURNS = "value mixed optional procedure generator".split()
SNIPPETS = [
    "%%time\n", "%%bash\n", "%%capture out\n", "%%timeit -n 3\n", "%%\n", "%% \n", "%time x = f()\n",
    "%timeit -n 1 g(x)\n", "!ls \\\n", "!pip install x && y\n",
    "x = !ls\n", "x?\n", "??x\n", "%\n", "!\n", "%%x?\n", "/f 1\n", ";f\n", ",f a\n", ">>> ", "In [3]: ", "    ",
    "\t", "\x0c", "\x00", "\u2028", "\x85", "\ufeff", "\r", "\r\n", "\\\n", "\ud800", "\U0001f600", "ﬁ", "１", "'''", '"',
    "(", ")", "[", "{", "}", ":", ",", "*", "**", "=", ":=", "@", "->", "async ", "await ", "lambda: ", "yield ",
    "return\n", "match x:\n    case [a, *b] if a: pass\n", "try:\n    f()\nexcept* E:\n    pass\n", "def f(x): return f(x)\n",
    "class A(A): pass\n", "global x\n",
    "del x[0], y.z\n", "f'{x!r:{y}}'", "b''", "1e999", "float('nan')", "None", "...",
    "import a.b as c, d\n", "from . import x\n", "from .. import *\n", "self.x = self.y.sort()\n", "x, (y, *z) = f(), 1\n",
]


def main():
    chance = random.Random(int(sys.argv[2]))
    begin = time.monotonic()
    sources = [text for file in sys.argv[5:] for text in read(file).split("\n# %%\n")]
    runs = 0
    while runs < int(sys.argv[3]) or time.monotonic() - begin < float(sys.argv[4]):
        notebook = {"cells": [cell(chance, sources) for _ in range(chance.randint(1, 4))]}
        try:
            check(notebook)
        except BaseException:
            print(json.dumps(notebook), file=sys.stderr)
            raise
        runs += 1
    print(runs)


def read(file):
    with open(file, encoding="utf-8") as opened:
        return opened.read()


def cell(chance, sources):
    tags = chance.choice([None, 3, "x", [], [3, None, {}], ["raises-exception"], ["skip-execution"], {"a": 1}])
    metadata = chance.choice([{}, {"tags": tags}, {"tags": tags}, None, 3, []])
    kind = chance.choice(["code"] * 9 + ["markdown"])
    return {"cell_type": kind, "source": mutated(chance, chance.choice(sources), sources), "metadata": metadata}


def mutated(chance, text, sources):
    for _ in range(chance.randint(0, 6)):
        text = chance.choice(MUTATIONS)(chance, text, sources)
    return text[:6000]


def between(chance, text):
    begin = chance.randint(0, len(text))
    return begin, min(len(text), begin + chance.choice([1, 1, 2, 5, 20]))


def delete(chance, text, _):
    begin, end = between(chance, text)
    return text[:begin] + text[end:]


def double(chance, text, _):
    begin, end = between(chance, text)
    return text[:end] + text[begin:end] * chance.choice([1, 2, 300]) + text[end:]


def insert(chance, text, _):
    at = chance.randint(0, len(text))
    return text[:at] + chance.choice(SNIPPETS) * chance.choice([1, 1, 1, 40]) + text[at:]


def insert_line(chance, text, sources):
    lines = text.split("\n")
    others = chance.choice(sources).split("\n")
    lines.insert(chance.randint(0, len(lines)), chance.choice(others + [snippet.rstrip("\n") for snippet in SNIPPETS]))
    return "\n".join(lines)


def swap_lines(chance, text, _):
    lines = text.split("\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines)


def swap_words(chance, text, _):
    words = text.split(" ")
    one, other = chance.randrange(len(words)), chance.randrange(len(words))
    words[one], words[other] = words[other], words[one]
    return " ".join(words)


def delete_line(chance, text, _):
    lines = text.split("\n")
    del lines[chance.randrange(len(lines))]
    return "\n".join(lines)


def indent(chance, text, _):
    head = chance.choice(["if x:\n", "def f(a):\n", "class C:\n", "async def f():\n", "for i in y:\n", "try:\n"])
    return head + "\n".join("    " + line for line in text.split("\n"))


def nest(chance, text, _):
    depth = chance.choice([3, 30, 150, 2000])
    before, after = chance.choice([
        ("(", ")"), ("[", "]"), ("-", ""), ("f(", ")"), ("not ", ""), ("x.", "y"), ("lambda: ", ""),
    ])
    return text + "\n" + before * depth + "x" + after * depth


MUTATIONS = [delete, double, insert, insert, insert_line, swap_lines, swap_words, delete_line, indent, nest]


def check(notebook):
    begin = time.monotonic()
    found = analysis.analyse(notebook, "python")
    assert time.monotonic() - begin < 60, "slow"
    assert found["done"], found["detail"]
    assert json.loads(json.dumps(found, allow_nan=False).encode("utf-8")) == found
    conforms(found, ANALYSIS, "")
    codes = [index for index, given in enumerate(notebook["cells"]) if given["cell_type"] == "code"]
    assert [one["index"] for one in found["cells"]] == codes
    for finding in found["lint"]:
        text = notebook["cells"][finding["cell"]]["source"] if finding["cell"] is not None else ""
        assert 0 <= finding["line"] <= len(text.splitlines()) + 1, finding
    for one in found["cells"]:
        for function in one["functions"]:
            assert function["returns"] in RETURNS and function["line"] >= 1, function
        for bind in one["scope"]["binds"].values():
            assert bind["kind"] in KINDS and bind["returns"] in RETURNS + [""] and bind["line"] >= 1, bind
    for text in (given["source"] for given in notebook["cells"]):
        assert analysis.lines(text) is None or all(line >= 1 for line in analysis.lines(text))


def conforms(value, kind, path):
    if isinstance(kind, tuple):
        if value is not None:
            conforms(value, kind[0], path)
    elif isinstance(kind, list):
        assert type(value) is list, path
        for item in value:
            conforms(item, kind[0], path + "[]")
    elif isinstance(kind, dict):
        assert type(value) is dict, path
        assert "*" in kind or set(value) == set(kind), (path, sorted(value))
        for key, item in value.items():
            conforms(item, kind.get("*") or kind[key], path + "." + key)
    else:
        assert type(value) is kind, (path, value)


if __name__ == "__main__":
    main()
