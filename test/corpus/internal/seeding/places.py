"""Puts the lines of a fault where they belong: the top level, a function, a method, an attribute."""

import re
from collections import namedtuple

PLACES = ("top level", "column of a table", "function, local name", "function, returned", "method, local name", "method, returned",
          "attribute of self", "attribute of an object")

# Names that the code around a fault uses.
HELPERS = ("summarise", "Summary", "summary", "count", "doubled", "read_text", "fetch_rows", "table", "prices", "other",
           "above", "below", "ordered", "limit", "kind", "size")

# Code is what a place makes of a fault: definitions, and the lines that use them.
Code = namedtuple("Code", "definitions use name")


def fits(place, fault):
    """A statement has no value that could be returned or bound to an attribute."""
    if place == "column of a table":
        return fault.column
    return fault.binds or place in ("top level", "function, local name", "method, local name")


def indent(lines, by=1):
    return ["    " * by + line for line in lines]


def written(fault, target, source, columns):
    return [line.format(target=target, x=source, **columns) for line in fault.lines]


def build(place, fault, name, source, columns, taken):
    """Returns the code of a fault. source is the input's name, empty for a fault that needs none; taken are the names that
    the notebook uses itself."""
    code = BUILDERS[place](fault, name, source, columns)
    for helper in HELPERS:
        if helper in taken and helper != source:
            word = re.compile(r"(?<![\w.'])%s(?![\w'])" % helper)
            code = Code(*[[word.sub(helper + "_here", line) for line in lines] for lines in code[:2]], code.name)
    return code


def top(fault, name, source, columns):
    return Code(fault.setup, written(fault, name, source, columns), name)


def column(fault, name, source, columns):
    definitions = fault.setup + ["table = %s.copy()" % source]
    return Code(definitions, written(fault, "table['%s']" % name, "table", columns), "table")


def function(fault, name, source, columns, returned):
    parameter = "values" if source else ""
    body = written(fault, name, parameter, columns)
    if returned:
        body.append("return " + name)
        use = ["%s_now = summarise(%s)" % (name, source)]
    else:
        body.append("return len(values)" if source else "return 1")
        use = ["count = summarise(%s)" % source]
    return Code(fault.setup + ["def summarise(%s):" % parameter] + indent(body), use, name)


def class_with(body, source):
    """Returns the lines of a class whose one method has the body."""
    lines = ["class Summary:"]
    if source:
        lines += indent(["def __init__(self, values):"]) + indent(["self.values = values"], 2)
    return lines + indent(["def compute(self):"]) + indent(body, 2)


def method(fault, name, source, columns, returned):
    body = written(fault, name, "self.values", columns)
    if returned:
        body.append("return " + name)
        use = ["summary = Summary(%s)" % source, "%s_now = summary.compute()" % name]
    else:
        body.append("return len(self.values)" if source else "return 1")
        use = ["summary = Summary(%s)" % source, "count = summary.compute()"]
    return Code(fault.setup + class_with(body, source), use, name)


def self_attribute(fault, name, source, columns):
    body = written(fault, "self." + name, "self.values", columns) + ["return self"]
    use = ["summary = Summary(%s).compute()" % source]
    return Code(fault.setup + class_with(body, source), use, "self." + name)


def object_attribute(fault, name, source, columns):
    definitions = fault.setup + ["class Summary:", "    pass", "summary = Summary()"]
    return Code(definitions, written(fault, "summary." + name, source, columns), "summary." + name)


BUILDERS = {
    "top level": top,
    "column of a table": column,
    "function, local name": lambda *a: function(*a, returned=False),
    "function, returned": lambda *a: function(*a, returned=True),
    "method, local name": lambda *a: method(*a, returned=False),
    "method, returned": lambda *a: method(*a, returned=True),
    "attribute of self": self_attribute,
    "attribute of an object": object_attribute,
}
