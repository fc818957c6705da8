"""Makes notebooks with exactly one fault each of good ones, the same ones for the same seed.

Reads a plan (hosts with what survey.py said of them, a seed, a number) and writes the notebooks and a manifest.
"""

import json
import os
import random
import re
import sys

from faults import ALL
from places import PLACES, build, fits

WORD = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
# Such cells speak of missing values or read data: what they bind is no surprise to anybody.
UNFIT = re.compile(r"^\s*%%|\bread_\w+|\bload\w*|\bfetch\w*|\bnan\b|\binf\b|\bNaN\b|\bNA\b|isna|isnull|notnull|notna|isnan", re.M)
MADE_UP = {
    "array": ["import numpy as np", "{name} = np.array({numbers})"],
    "frame": ["import pandas as pd", "{name} = pd.DataFrame({{'product': {words}, 'amount': {numbers}}})"],
}
WORDS = ["apple", "pear", "plum", "cherry", "quince", "medlar"]


def source_of(cell):
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


class Host:
    """One good notebook and what is known of its variables."""

    def __init__(self, name, path, survey):
        with open(path, encoding="utf-8") as file:
            self.notebook = json.load(file)
        self.name = name
        self.cells = self.notebook["cells"]
        self.words = set(WORD.findall("\n".join(source_of(cell) for cell in self.cells)))
        self.facts = {int(index): facts for index, facts in survey["cells"].items()}
        self.code = sorted(self.facts)

    def free(self, candidates, rng):
        """Returns a name that the notebook does not use."""
        base = rng.choice(candidates)
        name, number = base, 2
        while name in self.words or name + "_now" in self.words:
            name, number = "%s_%d" % (base, number), number + 1
        return name

    def inputs(self, kind):
        """Returns (cell, name, fact) for each variable of the kind and each cell after which it is there."""
        return [(index, name, fact) for index in self.code for name, fact in sorted(self.facts[index].items())
                if fact["kind"] == kind]

    def spliceable(self, after, name):
        """Returns the later cells at whose start the variable is still there and whose values nobody excuses."""
        good, before = [], after
        for index in self.code:
            if index <= after:
                continue
            cell = self.cells[index]
            tags = cell.get("metadata", {}).get("tags", [])
            there = not name or name in self.facts[before]
            if there and not tags and source_of(cell).strip() and not UNFIT.search(source_of(cell)):
                good.append(index)
            before = index
        return good


def code_cell(source):
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}


def made_up(kind, host, rng):
    """Returns a name, its fact and a data cell for a host that has nothing of the kind."""
    name = host.free(("readings", "samples") if kind == "array" else ("orders", "sales"), rng)
    numbers = [round(rng.uniform(1, 50), 2) + i / 1000 for i in range(6)]
    source = "\n".join(MADE_UP[kind]).format(name=name, numbers=numbers, words=WORDS)
    return name, {"kind": kind, "number": ["amount"], "text": ["product"]}, source


class Seeding:
    """One fault on its way into one notebook."""

    def __init__(self, host, fault, place, rng):
        self.host, self.fault, self.place, self.rng = host, fault, place, rng
        self.cells = [dict(cell) for cell in host.cells]
        self.seeded = []
        self.made_up = False

    def choose_input(self):
        """Sets the input's name, its fact and the cell after which it is there."""
        self.name, self.fact, self.after = "", {}, self.rng.choice(self.host.code)
        if not self.fault.needs:
            return
        there = self.host.inputs(self.fault.needs)
        if there:
            self.after, self.name, self.fact = self.rng.choice(there)
            return
        self.name, self.fact, source = made_up(self.fault.needs, self.host, self.rng)
        self.made_up = True
        self.after += 1
        self.cells.insert(self.after, code_cell(source))

    def code(self):
        columns = {key: repr(self.rng.choice(self.fact[key])) for key in ("number", "text") if self.fact.get(key)}
        target = self.host.free(self.fault.names, self.rng)
        return build(self.place, self.fault, target, self.name, columns, self.host.words)

    def plant(self):
        """Puts the fault into the notebook and returns its entry of the manifest, without the file's name."""
        self.choose_input()
        code = self.code()
        mode = self.rng.choice(("own cell", "own cells", "spliced"))
        places = [] if self.made_up or mode != "spliced" else self.host.spliceable(self.after, self.name)
        if mode == "spliced" and places:
            self.splice(self.rng.choice(places), code)
        else:
            mode = "own cells" if mode == "own cells" and code.definitions else "own cell"
            self.insert(code, mode)
        return {
            "host": self.host.name, "kind": self.fault.kind, "variant": self.fault.variant, "place": self.place,
            "mode": mode, "cells": self.seeded, "name": code.name, "rules": self.fault.rules,
            "input": "made up" if self.made_up else self.name,
        }

    def splice(self, index, code):
        cell = self.cells[index]
        lines = code.definitions + code.use
        self.cells[index] = dict(cell, source="\n".join(lines) + "\n" + source_of(cell))
        self.seeded = [index]

    def insert(self, code, mode):
        sources = [code.definitions, code.use] if mode == "own cells" else [code.definitions + code.use]
        for lines in sources:
            self.after += 1
            self.cells.insert(self.after, code_cell("\n".join(lines)))
            self.seeded.append(self.after)

    def write(self, path):
        cells = [{key: value for key, value in cell.items() if key != "id"} for cell in self.cells]
        for cell in cells:
            if cell["cell_type"] == "code":
                cell.update(outputs=[], execution_count=None)
        # Without ids, so that format 4.4 is enough.
        notebook = dict(self.host.notebook, cells=cells, nbformat=4, nbformat_minor=4)
        with open(path, "w", encoding="utf-8") as file:
            json.dump(notebook, file)


def combinations(rng):
    """Yields every fault in every place, in an order that the seed decides, again and again."""
    every = [(fault, place) for fault in ALL for place in PLACES if fits(place, fault)]
    # There are more places inside of things than at the top level, where most faults are.
    every += 2 * [pair for pair in every if pair[1] in PLACES[:2]]
    while True:
        rng.shuffle(every)
        yield from every


def main(plan_file, out):
    with open(plan_file, encoding="utf-8") as file:
        plan = json.load(file)
    order = combinations(random.Random("order %d" % plan["seed"]))
    manifest = []
    for entry in plan["hosts"]:
        host = Host(entry["name"], entry["path"], entry["survey"])
        for number in range(plan["each"]):
            rng = random.Random("%d %s %d" % (plan["seed"], host.name, number))
            fault, place = next(order)
            seeding = Seeding(host, fault, place, rng)
            record = seeding.plant()
            record["notebook"] = "%s.seed-%03d.ipynb" % (host.name, number)
            seeding.write(os.path.join(out, record["notebook"]))
            manifest.append(record)
    with open(os.path.join(out, "manifest.json"), "w", encoding="utf-8") as file:
        json.dump(manifest, file, indent=1)


if __name__ == "__main__":
    main(*sys.argv[1:])
