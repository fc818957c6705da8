"""Says which names, and whose calls, the observer is to look at in each cell."""

import hashlib

MAX_NAMES, MAX_FUNCTIONS = 200, 500
# A function that uses these notices when somebody else looks at its names.
LOOKS_AT_NAMES = {"locals", "vars", "eval", "exec", "dir"}


def make(cells, analysis, lines, watched):
    """Returns the plan: the cells by what IPython will call their raw source, and names for every cell."""
    sources = {cell.index: cell.node["source"] for cell in cells}
    relations = Relations(analysis["cells"])
    planned = {}
    for source in analysis["cells"]:
        if source["index"] in sources:
            names = list(source["scope"]["binds"]) + source["scope"]["mutates"]
            planned[key(sources[source["index"]])] = {
                "names": list(dict.fromkeys(names))[:MAX_NAMES],
                "calls": relations.called(source),
                "leads": relations.leads(source),
                "lines": lines.get(source["index"]),
            }
    return {"cells": planned, "watch": watched}


def key(source):
    return hashlib.sha256(source.encode("utf-8", "replace")).hexdigest()


class Relations:
    """Which of the notebook's functions a name may lead to.

    That is more than what it calls: who takes a class, an object of it or a
    function that makes one may call any of its methods.
    """

    def __init__(self, sources):
        self.functions, self.methods, self.makers, self.near = {}, {}, {}, {}
        for source in sources:
            for function in source["functions"]:
                name = function["name"]
                self.functions.setdefault(name.partition(".<locals>.")[0], []).append(function)
        for name in self.functions:
            if "." in name:
                self.methods.setdefault(name.partition(".")[0], []).append(name)
        for source in sources:
            for name, bind in source["scope"]["binds"].items():
                if bind["callee"]:
                    self.makers.setdefault(name, set()).add(bind["callee"].partition(".")[0])
        for source in sources:
            self.meet(source)
        few = self.functions if len(self.functions) <= MAX_FUNCTIONS else ()
        self.delicate = {name for name in few if self.is_delicate(name)}

    def meet(self, source):
        """Notes what a class may inherit, and an object be given, in this cell."""
        objects = [load for load in source["scope"]["loads"] if self.is_object(load)]
        classes = {function["name"].partition(".")[0] for function in source["functions"]} & set(self.methods)
        for name in classes.union(source["scope"]["mutates"]):
            self.near.setdefault(name, set()).update(objects)

    def called(self, source):
        """Returns the qualified names of the functions that the cell may call, none where following calls would show.

        It shows in a recursion that goes on until Python's limit, and to a function that looks at its own names.
        """
        found = self.reached(source["scope"]["loads"])
        if found & self.delicate or len(self.functions) > MAX_FUNCTIONS:
            return []
        return sorted({function["name"] for name in found for function in self.functions[name]})

    def leads(self, source):
        """Returns the names in the cell from which a function may be called."""
        return [name for name in source["scope"]["loads"] if name in self.functions or self.is_object(name)]

    def is_delicate(self, name):
        waiting, seen = self.loads(name), set()
        if LOOKS_AT_NAMES.intersection(waiting):
            return True
        if any(function["name"].rpartition(".")[2] in function["scope"]["loads"] for function in self.functions[name]):
            return True
        while waiting:
            load = waiting.pop()
            if load == name:
                return True
            if load not in seen:
                seen.add(load)
                waiting.extend(self.loads(load))
        return False

    def loads(self, name):
        return [load for function in self.functions.get(name, []) for load in function["scope"]["loads"]]

    def reached(self, loads):
        """Returns the functions that code which loads these names may call, at first or at last."""
        waiting, seen = list(loads), set()
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                for more in (self.methods, self.makers, self.near):
                    waiting.extend(more.get(name, ()))
                waiting.extend(self.loads(name))
        return seen & set(self.functions)

    def is_object(self, name):
        """A class of the notebook, or what a call of one, or of a function that uses one, returned."""
        if name in self.methods:
            return True
        makers = self.makers.get(name, ())
        return any(maker in self.methods or not self.methods.keys().isdisjoint(self.loads(maker)) for maker in makers)
