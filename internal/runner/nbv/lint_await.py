"""NB306: a coroutine that is made and never awaited."""

import ast

from . import syntax

SLEEP = "asyncio.sleep"
# These look at a coroutine without running it.
LOOKS = ("print", "display", "type", "repr", "str", "id", "isinstance", "bool")


def find(analysis, cell):
    for call in cell.tree.of(ast.Call):
        parent = call.parent
        if not isinstance(parent, (ast.Expr, ast.Assign, ast.AnnAssign)):
            continue
        name = coroutine(call, cell, analysis.names)
        if name and not is_awaited_later(parent, analysis):
            yield "NB306", call, name, ""


def coroutine(call, cell, names):
    """Returns the name of the coroutine function that is called, else None."""
    full = names.dotted(call.func)
    if names.library(call.func) == SLEEP:
        return full
    function = names.called(call, cell)
    if function is None or not function.is_async or function.returns == "generator":
        return None
    # A decorator may have made anything of it; of two definitions either may be meant.
    if function.node.decorator_list or not all(other.is_async for other in names.functions[function.name]):
        return None
    return None if names.shapes.get(full) else full


def is_awaited_later(parent, analysis):
    """Tells whether the name that the coroutine is bound to is awaited or handed on anywhere."""
    if isinstance(parent, ast.Expr):
        return False
    targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
    names = {syntax.chain(target) for target in targets}
    return None in names or bool(names & analysis.handed_on)


def handed_on(cells):
    """Returns the names that are awaited, returned or handed to something that may await them."""
    found = set()
    for cell in cells:
        for node in cell.tree.of(ast.Name, ast.Attribute):
            if isinstance(node.ctx, ast.Load) and is_use(node):
                found.add(syntax.chain(node))
    return found


def is_use(node):
    parent = node.parent
    if isinstance(parent, ast.Call):
        return node is not parent.func and getattr(parent.func, "id", "") not in LOOKS
    return isinstance(parent, (
        ast.Await, ast.Return, ast.Yield, ast.keyword, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Starred, ast.Assign,
        ast.ListComp, ast.Subscript, ast.comprehension, ast.For, ast.Attribute,
    ))
