"""What silences warnings, and what only seems to end the run: NB105 to NB107."""

import ast

from . import syntax


def find(analysis, cell):
    names = analysis.names
    for call in cell.tree.of(ast.Call):
        full = names.library(call.func)
        if full in ("warnings.filterwarnings", "warnings.simplefilter"):
            if mutes_all(call) and not is_limited(call, names):
                yield "NB105", call, full, ""
        elif full == "numpy.seterr":
            if any(is_text(argument, "ignore") for argument in arguments(call)):
                yield "NB106", call, full, ""
        elif names.is_builtin(call.func, "exit") or names.is_builtin(call.func, "quit"):
            yield "NB107", call, call.func.id, ""
    yield from bare(cell, names)


def bare(cell, names):
    """IPython calls exit where it is all that a cell says."""
    body = cell.tree.module.body
    if len(body) == 1 and isinstance(body[0], ast.Expr) and "\n" not in cell.text.strip():
        for name in ("exit", "quit"):
            if names.is_builtin(body[0].value, name):
                yield "NB107", body[0], name, ""


def mutes_all(call):
    """Tells whether the filter ignores every warning: it names no message, module or narrower class."""
    action = call.args[0] if call.args else syntax.keyword(call, "action")
    if not is_text(action, "ignore") or syntax.unpacks(call):
        return False
    others = list(call.args[1:])
    others += [argument.value for argument in call.keywords if argument.arg not in ("action", "append", "lineno")]
    return all(syntax.chain(other) == "Warning" or is_text(other, "") for other in others)


def is_limited(call, names):
    """Tells whether the filter ends with a "with warnings.catch_warnings()" around it."""
    for node in syntax.above(call):
        if isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                context = item.context_expr
                if isinstance(context, ast.Call) and names.dotted(context.func) == "warnings.catch_warnings":
                    return True
    return False


def arguments(call):
    return list(call.args) + [argument.value for argument in call.keywords]


def is_text(node, text):
    return isinstance(node, ast.Constant) and node.value == text
