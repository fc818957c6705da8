"""How a function returns: value, mixed, optional, procedure or generator."""

import ast

from .syntax import MATCH, TRIES, is_constant


def kind(function, own):
    """Returns the kind of a function; own are the nodes of its own code."""
    if any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in own):
        return "generator"
    values = nones = False
    for node in own:
        if isinstance(node, ast.Return):
            may_be_value, may_be_none = outcomes(node.value)
            values, nones = values or may_be_value, nones or may_be_none
    if not values:
        return "procedure"
    if not nones and not falls_through(function.body):
        return "value"
    return "optional" if is_optional(function.returns) else "mixed"


def outcomes(expression):
    """Returns (may it be a value, may it be None) as far as it is written down."""
    value = none = False
    stack = [expression]
    while stack:
        node = stack.pop()
        if node is None or is_constant(node, None):
            none = True
        elif isinstance(node, ast.IfExp):
            stack += [node.body, node.orelse]
        elif isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            # What is before an "or" is returned only where it is true.
            value = True
            stack.append(node.values[-1])
        else:
            value = True
    return value, none


def is_optional(annotation):
    """Tells whether the annotation allows None: Optional[x], x | None, "x | None"."""
    if annotation is None:
        return False
    for node in ast.walk(annotation):
        text = getattr(node, "id", None) or getattr(node, "attr", None) or getattr(node, "value", "")
        if is_constant(node, None) or isinstance(text, str) and ("Optional" in text or "None" in text):
            return True
    return False


def falls_through(body):
    """Tells whether the end of a function's body can be reached; in doubt it can."""
    stack = [body]
    while stack:
        body = stack.pop()
        if any(ends(statement) for statement in body):
            continue
        inner = parts(body[-1]) if body else None
        if inner is None:
            return True
        stack += inner
    return False


def ends(statement):
    """Tells whether nothing after the statement runs."""
    if isinstance(statement, (ast.Return, ast.Raise, ast.Continue, ast.Break)):
        return True
    if isinstance(statement, ast.While) and isinstance(statement.test, ast.Constant) and statement.test.value:
        return not any(isinstance(node, ast.Break) for node in ast.walk(statement))
    if isinstance(statement, ast.Assert):
        return is_constant(statement.test, False)
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        called = statement.value.func
        return isinstance(called, ast.Attribute) and called.attr in ("exit", "_exit") and isinstance(
            called.value, ast.Name) and called.value.id in ("sys", "os")
    return False


def parts(statement):
    """Returns the bodies that a last statement may end with, None where it may fall through by itself."""
    if isinstance(statement, ast.If):
        return [statement.body, statement.orelse]
    if isinstance(statement, TRIES):
        if any(ends(last) for last in statement.finalbody):
            return []
        return [statement.orelse or statement.body] + [handler.body for handler in statement.handlers]
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        return None if any(suppresses(item) for item in statement.items) else [statement.body]
    if MATCH and isinstance(statement, MATCH):
        last = statement.cases[-1]
        takes_all = last.guard is None and getattr(last.pattern, "pattern", "") is None
        return [case.body for case in statement.cases] if takes_all else None
    return None


def suppresses(item):
    called = getattr(item.context_expr, "func", None)
    return (getattr(called, "attr", None) or getattr(called, "id", "")) in ("suppress", "raises")
