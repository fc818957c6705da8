"""Code that does not mean what it looks like: NB301 to NB304."""

import ast

from . import missing, syntax
from .lint_inplace import void_call


def find(analysis, cell):
    for node in cell.tree.of(ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.Return):
        yield from result_of_void(node, cell, analysis.names)
    for node in cell.tree.of(ast.Compare):
        yield from comparison(node, analysis.names)
    for node in cell.tree.of(ast.Assert):
        if isinstance(node.test, ast.Tuple) and node.test.elts:
            yield "NB304", node, "", ""


def result_of_void(node, cell, names):
    """NB301: the result of a call that changes its object and returns None is kept."""
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    if isinstance(target, (ast.Tuple, ast.List)) and not isinstance(node.value, (ast.Tuple, ast.List)):
        return
    values = node.value.elts if isinstance(target, (ast.Tuple, ast.List)) else [node.value]
    for value in values:
        while isinstance(value, ast.NamedExpr):
            value = value.value
        if isinstance(value, ast.Call) and void_call(value, cell, names, isinstance(node, ast.Return)):
            yield "NB301", value, syntax.chain(target) or "", names.dotted(value.func)


def comparison(node, names):
    """NB302: x == nan; NB303: x is 1."""
    left = node.left
    for operator, right in zip(node.ops, node.comparators):
        nan = missing.is_nan(left, names), missing.is_nan(right, names)
        if isinstance(operator, (ast.Eq, ast.NotEq)) and nan[0] != nan[1]:
            yield "NB302", node, names.dotted(left if nan[0] else right), ""
        if isinstance(operator, (ast.Is, ast.IsNot)) and (is_literal(left) or is_literal(right)):
            yield "NB303", node, "", ""
        left = right


def is_literal(node):
    """Tells whether the node is a number, a text or a display, which "is" compares by identity."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        node = node.operand
    if isinstance(node, ast.Constant):
        return isinstance(node.value, (int, float, complex, str, bytes)) and not isinstance(node.value, bool)
    return isinstance(node, (ast.List, ast.Dict, ast.Set, ast.JoinedStr)) or isinstance(node, ast.Tuple)
