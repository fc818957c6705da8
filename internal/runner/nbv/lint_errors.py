"""Handlers that hide errors: NB101 to NB104."""

import ast

from . import missing, syntax

BROAD = ("", "Exception", "BaseException")
EXITS = frozenset(("sys.exit", "os._exit", "os.abort", "exit", "quit", "pytest.fail", "pytest.skip"))
TELLS = frozenset("print pprint print_exc print_exception display echo secho showtraceback".split())
LOGS = frozenset("warn warning error info debug exception critical log write print".split())
NOT_LOGS = frozenset(("numpy", "math", "torch", "cmath"))


def find(analysis, cell):
    for handler in cell.tree.of(ast.ExceptHandler):
        caught = exception(handler.type)
        if caught in BROAD:
            yield from of_handler(handler, caught, analysis.names)
    for item in cell.tree.of(ast.withitem):
        yield from suppressed(item, analysis.names)


def exception(node):
    """Returns the broad class that a handler catches, "" for a bare one, None for narrow ones."""
    if node is None:
        return ""
    classes = node.elts if isinstance(node, ast.Tuple) else [node]
    for one in classes:
        name = syntax.chain(one) or ""
        name = name[len("builtins."):] if name.startswith("builtins.") else name
        if name in BROAD[1:]:
            return name
    return None


def of_handler(handler, caught, names):
    own = list(own_nodes(handler))
    for node in own:
        if is_none_return(node):
            yield "NB104", node, caught or "except", ""
    if any(isinstance(node, ast.Raise) or is_exit(node, names) for node in own):
        return
    if caught == "":
        yield "NB101", handler, "except", ""
    body = [statement for statement in handler.body if not is_nothing(statement)]
    said = [statement for statement in body if tells(statement, names)]
    if not body:
        yield "NB102", handler, caught or "except", ""
    elif len(said) == len(body):
        yield "NB103", handler, caught or "except", names.dotted(said[0].value.func)


def own_nodes(handler):
    """Yields the nodes of a handler without those of functions defined in it."""
    stack = list(handler.body)
    while stack:
        node = stack.pop()
        if isinstance(node, syntax.SCOPES + (ast.Lambda,)):
            continue
        yield node
        stack.extend(ast.iter_child_nodes(node))


def is_exit(node, names):
    return isinstance(node, ast.Call) and names.dotted(node.func) in EXITS


def is_nothing(statement):
    """Tells whether the statement does nothing: pass, continue, ..., a docstring."""
    if isinstance(statement, (ast.Pass, ast.Continue)):
        return True
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def is_none_return(node):
    return isinstance(node, ast.Return) and (node.value is None or syntax.is_constant(node.value, None))


def tells(statement, names):
    """Tells whether the statement only tells people: print(e), logging.error(e), traceback.print_exc()."""
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return False
    call = statement.value
    name, full = missing.leaf(call), names.dotted(call.func)
    if name in TELLS:
        return True
    return name in LOGS and "." in full and full.split(".")[0] not in NOT_LOGS and is_stream(name, full)


def is_stream(name, full):
    """Writing tells people something only on the standard streams."""
    return name != "write" or full.split(".")[-2] in ("stdout", "stderr", "tqdm", "__stderr__", "st", "streamlit")


def suppressed(item, names):
    call = item.context_expr
    if isinstance(call, ast.Call) and names.library(call.func) == "contextlib.suppress":
        for argument in call.args:
            if exception(argument):
                yield "NB102", call, exception(argument), "contextlib.suppress"
