"""Finds checks of data: assertions, tests that raise, and calls of libraries and functions made for checking."""

import ast
import re

from . import missing, syntax
from .syntax import FUNCTIONS

LIBRARIES = frozenset(
    "pandera great_expectations pydantic jsonschema cerberus deepchecks evidently voluptuous marshmallow".split()
)
ASSERTS = re.compile(r"assert_\w+|assert[A-Z]\w*\Z")
OWN = re.compile(r"_{0,2}(?:check|validate|assert|verify|ensure)(?:_|[A-Z]|\Z)")
METHODS = frozenset(("validate", "raise_for_status", "model_validate", "validate_python", "check_returncode"))
EXITS = frozenset(("sys.exit", "os._exit", "exit", "quit"))


class Check:
    """One check, and the names of data that it mentions."""

    def __init__(self, cell, names):
        self.cell, self.names = cell, names


def find(cell, names):
    """Returns the checks of a cell; one that mentions nothing but imports and builtins checks no data."""
    tree, found = cell.tree, []
    for node in tree.of(ast.Assert):
        found.append(names.data(node.test))
    for test in raising_tests(tree, names):
        found.append(names.data(test))
    for call in tree.of(ast.Call):
        if is_check(call, names):
            found.append(mentioned(call, cell, names))
    return [Check(cell.index, mentions) for mentions in found if mentions]


def raising_tests(tree, names):
    """Returns the tests of each "if" that raises or exits by itself."""
    found = {}
    ends = [node for node in tree.of(ast.Raise) if node.exc is not None]
    ends += [call for call in tree.of(ast.Call) if names.dotted(call.func) in EXITS and call.args]
    for end in ends:
        for node in syntax.above(end):
            if isinstance(node, FUNCTIONS + (ast.Lambda,)):
                break
            if isinstance(node, ast.If):
                found[node] = node.test
    return list(found.values())


def is_check(call, names):
    name, full = missing.leaf(call), names.dotted(call.func)
    if full.split(".")[0] in LIBRARIES or ASSERTS.match(name) or name in METHODS:
        return True
    if name.startswith("expect_") and isinstance(call.func, ast.Attribute):
        return True
    if OWN.match(name) and is_function(call.func, names):
        return True
    if is_model(full, names):
        return True
    if name in ("merge", "join") and is_given(call, "validate"):
        return True
    return is_given(call, "verify_integrity")


def is_function(func, names):
    """Tells whether a function is meant, the notebook's own or an imported one, rather than some object's method."""
    if isinstance(func, ast.Name):
        return True
    return names.imported(func) or syntax.base(func) in ("self", "cls") or func.attr in names.methods


def is_model(name, names):
    """Tells whether a class of the notebook is called that a library for checking data stands behind."""
    todo, seen = [name], set()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        if name.split(".")[0] in LIBRARIES:
            return True
        todo += names.classes.get(name, [])
    return False


def is_given(call, name):
    value = syntax.keyword(call, name)
    return value is not None and not syntax.is_constant(value, None, False)


def mentioned(call, cell, names):
    """Returns the data that a call is about: its arguments and the object that it is a method of."""
    found = set()
    for value in list(call.args) + [argument.value for argument in call.keywords]:
        found |= names.data(value)
    if isinstance(call.func, ast.Attribute):
        found |= names.data(call.func.value)
    if not call.args and not call.keywords and isinstance(call.func, ast.Name) and call.func.id in names.own:
        # It looks at what is global.
        found.add(call.func.id)
    return found


def handed_on(cells, names, checks):
    """Returns the names handed to functions of the notebook that check their parameters."""
    checkers = {}
    by_cell = {}
    for check in checks:
        by_cell.setdefault(check.cell, set()).update(check.names)
    found = set()
    for cell in cells:
        for call in cell.tree.of(ast.Call):
            function = names.called(call, cell)
            if function is None:
                continue
            if function not in checkers:
                checkers[function] = checks_parameters(function, by_cell.get(function.cell.index, ()))
            if checkers[function]:
                for value in list(call.args) + [argument.value for argument in call.keywords]:
                    found |= names.data(value)
    return found


def checks_parameters(function, checked):
    """Tells whether the function holds a check and some check of its cell mentions one of its parameters."""
    holds = any(isinstance(node, (ast.Assert, ast.Raise)) for node in function.own)
    return holds and bool(function.parameters() & set(checked))


def looks_at_response(tree):
    """Tells whether the code looks at the status of an HTTP response."""
    looks = ("raise_for_status", "status_code", "ok", "is_success", "is_error", "reason_phrase")
    return any(node.attr in looks for node in tree.of(ast.Attribute))


def looks_at_exit_code(tree):
    """Tells whether the code looks at the exit code of a process."""
    looks = ("returncode", "check_returncode", "CalledProcessError")
    if any(node.attr in looks for node in tree.of(ast.Attribute)):
        return True
    return any(node.id in ("_exit_code", "CalledProcessError") for node in tree.of(ast.Name))
