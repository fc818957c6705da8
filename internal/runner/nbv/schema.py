"""Holds what the kernel and the analysis tell against the form that the report reads.

The notebook can write into the file of facts whatever it likes. What passes here
the report can read; what does not is as if it had never been told.
"""

import math

MAX_KEYS = 100_000
WHOLE = 2 ** 53


class Wrong(Exception):
    """A value does not have its form."""


def text(limit):
    def check(value):
        if type(value) is not str or len(value) > limit:
            raise Wrong
        return value.encode("utf-8", "replace").decode("utf-8")

    return check


def flag(value):
    if type(value) is not bool:
        raise Wrong
    return value


def whole(low, high=WHOLE):
    def check(value):
        if type(value) is not int or not low <= value <= high:
            raise Wrong
        return value

    return check


def real(value):
    if type(value) not in (int, float) or not math.isfinite(value):
        raise Wrong
    return float(value)


def seconds(value):
    if not 0 <= real(value) <= 1e9:
        raise Wrong
    return round(real(value), 6)


def optional(inner):
    return lambda value: None if value is None else inner(value)


def listing(inner, limit):
    def check(value):
        if type(value) is not list or len(value) > limit:
            raise Wrong
        return [inner(item) for item in value]

    return check


def mapping(inner, limit):
    def check(value):
        if type(value) is not dict or len(value) > limit:
            raise Wrong
        found = {text(1000)(key): inner(item) for key, item in value.items()}
        if len(found) != len(value):  # two keys that UTF-8 cannot tell apart
            raise Wrong
        return found

    return check


def form(required, others=None):
    """An object with all of the required fields, some of the others, and none besides."""
    fields = dict(required, **(others or {}))

    def check(value):
        if type(value) is not dict or not set(required) <= set(value) <= set(fields):
            raise Wrong
        return {name: fields[name](item) for name, item in value.items()}

    return check


def value_fields(attributes):
    count = whole(0)
    fields = {
        "none": flag, "scalar": flag, "number": real, "nan": count, "inf": count, "missing": count,
        "shape": listing(count, 64), "size": count, "len": count, "dtype": text(200), "allNaN": flag,
        "allNaNColumns": listing(text(500), 50), "infColumns": listing(text(500), 50), "badKeys": listing(text(500), 10),
        "coroutine": flag, "statusCode": whole(-(2 ** 31), 2 ** 31 - 1), "returnCode": whole(-(2 ** 31), 2 ** 31 - 1),
        "sampled": flag, "unassessed": text(200),
    }
    return form({"type": text(300)}, dict(fields, **attributes))


LINE = whole(0, 2 ** 31 - 1)
NAME = text(1000)
VALUE = value_fields({"attributes": mapping(value_fields({}), 50)})
CALL = form({
    "function": NAME, "line": LINE, "arguments": mapping(VALUE, 300), "values": mapping(VALUE, 300),
    "returned": VALUE, "raised": flag,
})
WARNING = form({"category": text(200), "message": text(300), "line": LINE, "own": flag})
CELL = form({
    "values": mapping(VALUE, 300), "displayed": listing(VALUE, 3), "calls": listing(CALL, 200),
    "warnings": listing(WARNING, 50), "threads": listing(text(200), 50),
    "exitCode": optional(whole(-(2 ** 31), 2 ** 31 - 1)), "seconds": seconds, "cost": seconds,
})

NAMES = listing(NAME, MAX_KEYS)
BIND = form({
    "kind": NAME, "callee": NAME, "returns": NAME, "line": LINE, "nanLiteral": flag, "inPlace": flag,
    "noneArgument": flag, "checked": flag,
})
SCOPE = form({
    "binds": mapping(BIND, MAX_KEYS), "mutates": NAMES, "loads": NAMES, "nanLiteral": flag, "reads": flag,
    "asksMissing": flag, "last": optional(BIND),
})
FUNCTION = form({"name": NAME, "line": LINE, "returns": NAME, "scope": SCOPE})
SOURCE = form({
    "index": LINE, "parsed": flag, "magic": NAME, "commands": NAMES, "scope": SCOPE,
    "functions": listing(FUNCTION, MAX_KEYS),
})
LINT = form({"rule": NAME, "cell": optional(LINE), "line": LINE, "name": NAME, "detail": NAME})
ANALYSIS = form({
    "done": flag, "detail": text(1000), "lint": listing(LINT, MAX_KEYS), "cells": listing(SOURCE, MAX_KEYS),
    "noneGuards": NAMES, "nanGuards": NAMES, "checks": whole(0, 2 ** 31 - 1), "checkedCells": listing(LINE, MAX_KEYS),
    "responseChecked": flag, "returnCodeChecked": flag,
})
READING = form({"analysis": ANALYSIS, "lines": mapping(listing(LINE, MAX_KEYS), MAX_KEYS)})
