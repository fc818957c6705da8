"""Sees how the notebook's own functions return: their arguments, their names, their result.

A few calls of each are enough. Python 3.12 can watch just these functions; before,
all of Python's calls have to be followed, which is done as little as possible.
"""

import threading

from . import follow, values

CALLS = 3  # of each function in each cell
MAX_CALLS = 100  # in each cell
MAX_FUNCTIONS = 2000
MAX_NAMES = 100
CO_OPTIMIZED, CO_VARARGS, CO_VARKEYWORDS = 0x1, 0x4, 0x8
# What they see of a function's names changes when somebody else looks at them.
LOOKS_AT_NAMES = {"locals", "vars", "eval", "exec", "dir"}


class Function:
    """One function of the notebook, known by its code."""

    def __init__(self, name, line, code):
        self.name, self.line, self.code = name, line, code
        count = code.co_argcount + code.co_kwonlyargcount
        count += bool(code.co_flags & CO_VARARGS) + bool(code.co_flags & CO_VARKEYWORDS)
        self.parameters = frozenset(code.co_varnames[:count])
        self.left, self.suspensions = CALLS, 0
        self.words, self.seconds = frozenset(name.split(".")), follow.FUNCTION_SECONDS


class Watch:
    """The functions of one notebook and what was seen of them in the cell that runs."""

    def __init__(self, observer):
        self.observer, self.functions, self.seen = observer, {}, []
        self.follower = follow.make(self)
        self.wanted = frozenset()

    def begin(self, wanted, leads):
        self.seen, self.wanted = [], frozenset(wanted)
        for function in self.functions.values():
            function.left, function.suspensions = CALLS, 0
        self.follower.begin(leads)

    def end(self):
        self.follower.end()

    def compiled(self, code):
        """The code of a statement is about to run: learns the functions in it."""
        self.learn(code, "")
        self.follower.runs(code)

    def learn(self, code, within):
        for inner in code.co_consts:
            if type(inner) is not follow.CODE or len(self.functions) >= MAX_FUNCTIONS:
                continue
            name = within + inner.co_name
            if not inner.co_flags & CO_OPTIMIZED:
                self.learn(inner, name + ".")  # the body of a class
                continue
            if not inner.co_name.startswith("<") and not LOOKS_AT_NAMES.intersection(inner.co_names):
                line = self.observer.line(inner.co_firstlineno, inner.co_filename)
                self.functions[id(inner)] = function = Function(name, line, inner)
                self.follower.learned(function)
            self.learn(inner, name + ".<locals>.")

    def returned(self, function, frame, result, raised):
        """Notes one return; whatever is wrong with it, the function returns as ever."""
        if function.left <= 0 or self.observer.busy == threading.get_ident() or self.observer.key is None:
            return
        function.left -= 1
        if len(self.seen) >= MAX_CALLS:
            return
        arguments, others = {}, {}
        for name, value in list(frame.f_locals.items())[:MAX_NAMES]:
            if name.isidentifier() and not values.is_code(value):
                (arguments if name in function.parameters else others)[name] = self.observer.look(value)
        self.seen.append({
            "function": function.name, "line": function.line, "arguments": arguments, "values": others,
            "returned": self.observer.look(result), "raised": raised,
        })

    def unseen(self, names):
        """Returns the functions with these names that the cell may call and did not yet."""
        return [
            function for function in self.functions.values()
            if function.left == CALLS and function.name in self.wanted and not function.words.isdisjoint(names)
        ]

    def done(self):
        """Whether every function that the cell may call was seen often enough."""
        left = set(self.wanted)
        for function in self.functions.values():
            if function.left <= 0:
                left.discard(function.name)
        return not left
