"""Files that stay open, and exit codes that nobody looks at: NB203 and NB204."""

import ast

from . import syntax
from .syntax import FUNCTIONS, TRIES

OPENERS = frozenset(("io.open", "gzip.open", "bz2.open", "lzma.open", "codecs.open"))
KEEPERS = frozenset(("enter_context", "enter_async_context", "closing", "callback", "push"))
PROCESSES = frozenset(("subprocess.run", "subprocess.call", "os.system"))


def find(analysis, cell):
    names = analysis.names
    for call in cell.tree.of(ast.Call):
        full = names.library(call.func)
        if full in OPENERS or names.is_builtin(call.func, "open"):
            if not is_closed(call, names):
                yield "NB203", call, full or "open", ""
        elif full in PROCESSES and not analysis.exit_code_checked:
            if is_ignored(call, full, cell, analysis):
                yield "NB204", call, full, ""


def is_closed(call, names):
    """Tells whether somebody else closes the file: a with, a finally, the caller, the object that keeps it."""
    for node in syntax.above(call):
        if isinstance(node, ast.withitem):
            return True
        if isinstance(node, ast.Call) and names.dotted(node.func).split(".")[-1] in KEEPERS:
            return True
        if isinstance(node, ast.stmt):
            break
    parent = call.parent
    if isinstance(parent, (ast.Return, ast.Yield, ast.Lambda)):
        return True
    if isinstance(parent, ast.Assign):
        target = parent.targets[0]
        return isinstance(target, ast.Attribute) or closed_later(call, syntax.chain(target))
    # A file without a name is closed at once by CPython; that is let pass where failing is thought of.
    return isinstance(parent, (ast.Attribute, ast.Call)) and is_handled(call)


def closed_later(call, name):
    """Tells whether a finally of the same function or cell closes the name, or a with does."""
    around = [node for node in syntax.above(call) if isinstance(node, FUNCTIONS + (ast.Module,))]
    for node in ast.walk(around[0]):
        if isinstance(node, TRIES) and any(closes(part, name) for last in node.finalbody for part in ast.walk(last)):
            return True
        if isinstance(node, ast.withitem) and name in syntax.names(node.context_expr):
            return True
    return False


def closes(node, name):
    return (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "close"
            and syntax.chain(node.func.value) == name)


def is_handled(node):
    """Tells whether a handler of the code takes care of what the node raises."""
    below = node
    for parent in syntax.above(node):
        if isinstance(parent, TRIES) and parent.handlers and below in parent.body:
            return True
        if isinstance(parent, FUNCTIONS):
            return False
        below = parent
    return False


def is_ignored(call, full, cell, analysis):
    """Tells whether nobody can know how the process ended."""
    if syntax.keyword(call, "check") is not None or syntax.unpacks(call):
        return False
    if full == "subprocess.run":
        return True
    # The others return the exit code itself.
    parent = call.parent
    if isinstance(parent, ast.Expr):
        return True
    if not isinstance(parent, ast.Assign):
        return False
    name = syntax.chain(parent.targets[0])
    return name == "_" or name is not None and name not in analysis.loaded
