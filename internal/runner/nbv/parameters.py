"""Reads the parameters of a run and writes them as Python, by the conventions of papermill."""

import ast
import json
import keyword
import math
import re

MAX_PARAMETERS = 100
MAX_CHARACTERS = 64 << 10
# Python's own compiler gives up at 200 brackets, older ones at 90.
MAX_DEPTH = 50
# Python 3.11 and later refuse to read a longer number.
MAX_DIGITS = 4000
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}\Z")
SURROGATE = re.compile("[\ud800-\udfff]")


class Invalid(Exception):
    """The notebook cannot be run with these parameters; the text says why."""


def decode(text):
    """Returns the parameters that a JSON object holds, refusing what Python would not get as it is meant."""
    if len(text) > MAX_CHARACTERS:
        raise Invalid("the parameters are longer than %d KiB" % (MAX_CHARACTERS >> 10))
    try:
        found = json.loads(text, parse_int=whole_number, parse_constant=no_number, object_pairs_hook=once)
    except json.JSONDecodeError as problem:
        raise Invalid("the parameters are not JSON: column %d: %s" % (problem.colno, problem.msg)) from None
    except RecursionError:
        raise Invalid("the parameters are nested more than %d levels deep" % MAX_DEPTH) from None
    if not isinstance(found, dict):
        raise Invalid("the parameters are JSON, but not an object of names and values")
    if len(found) > MAX_PARAMETERS:
        raise Invalid("there are more than %d parameters" % MAX_PARAMETERS)
    for name, value in found.items():
        check_name(name)
        check_value(name, value, 0)
    return found


def whole_number(digits):
    if len(digits) > MAX_DIGITS:
        raise Invalid("a parameter is a number of more than %d digits" % MAX_DIGITS)
    return int(digits)


def no_number(word):
    raise Invalid("a parameter is %s, which JSON does not know; set it in the notebook" % word)


def once(pairs):
    found = {}
    for name, value in pairs:
        if name in found:
            raise Invalid("the parameters hold %s twice" % ascii(name)[:120])
        found[name] = value
    return found


def check_name(name):
    if not NAME.match(name) or keyword.iskeyword(name):
        raise Invalid("%s is no name of a Python variable, so it cannot be a parameter" % ascii(name)[:120])


def check_value(name, value, depth):
    if depth > MAX_DEPTH:
        raise Invalid("the parameter %s is nested more than %d levels deep" % (name, MAX_DEPTH))
    if isinstance(value, str) and SURROGATE.search(value):
        raise Invalid("the parameter %s holds half of a surrogate pair, which is no text" % name)
    if isinstance(value, float) and not math.isfinite(value):
        raise Invalid("the parameter %s is a number that is too large for Python" % name)
    if isinstance(value, list):
        for item in value:
            check_value(name, item, depth + 1)
    if isinstance(value, dict):
        for key, item in value.items():
            check_value(name, key, depth + 1)
            check_value(name, item, depth + 1)


def as_python(parameters):
    """Returns the source of the cell that sets the parameters."""
    lines = ["%s = %r" % (name, value) for name, value in parameters.items()]
    return "\n".join(["# Parameters"] + lines) + "\n"


def assigned(tree):
    """Returns the names that a cell assigns outside of functions and classes, in order and once each."""
    names = []
    for node in tree.own(tree.module):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        for target in targets:
            names.extend(part.id for part in ast.walk(target) if is_stored(part))
    return list(dict.fromkeys(names))


def is_stored(node):
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
