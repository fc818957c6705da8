"""Names that the notebook asks about: whether they are None or empty, whether they hold missing values."""

import ast

from . import missing, syntax

KNOWS_MISSING = frozenset(
    "isnan isna isnull notna notnull isfinite isinf isposinf isneginf dropna fillna ffill bfill pad backfill"
    " nan_to_num masked_invalid fix_invalid interpolate combine_first assert_allclose assert_array_equal"
    " assert_almost_equal assert_array_almost_equal assert_array_less assert_all_finite is_nan is_null is_finite"
    " is_infinite is_not_null is_not_nan drop_nulls drop_nans fill_null fill_nan nanmean".split()
)
# Arguments that say what is to become of missing values.
ARGUMENTS = frozenset("skipna nan_policy dropna equal_nan na_position allow_nan missing_values na_rep na_action".split())


def of_none(tree, names):
    """Returns the names that some test asks about."""
    found = set()
    for test in tests(tree):
        found |= names.data(test)
    return found


def tests(tree):
    for node in tree.of(ast.If, ast.While, ast.IfExp, ast.Assert):
        yield node.test
    for node in tree.of(ast.BoolOp):
        yield from node.values
    for node in tree.of(ast.comprehension):
        yield from node.ifs
    for node in tree.of(ast.Compare):
        if any(syntax.is_constant(side, None) for side in [node.left] + node.comparators):
            yield node
    for node in tree.of(syntax.MATCH) if syntax.MATCH else ():
        yield node.subject
    for node in tree.kinds.get(getattr(ast, "match_case", None), ()):
        if node.guard is not None:
            yield node.guard


def of_nan(tree, names):
    """Returns the names that are handed to something that knows about missing values."""
    found = set()
    for node in tree.of(ast.Call):
        if knows(node, names):
            found |= names.data(node)
    for node in tree.of(ast.Compare):
        # Only NaN differs from itself.
        sides = [syntax.chain(side) for side in [node.left] + node.comparators]
        if len(sides) == 2 and sides[0] and sides[0] == sides[1]:
            found |= names.data(node)
    return found


def knows(call, names):
    name = missing.leaf(call)
    if name in KNOWS_MISSING or name.startswith("nan") and len(name) > 3:
        return True
    if name.startswith(("fit", "transform")) and isinstance(call.func, ast.Attribute):
        made = names.shapes.get(syntax.chain(call.func.value), ())
        return any(shape.endswith("Imputer()") for shape in made)
    if name == "replace" and missing.writes(syntax.walk(call), names):
        return True
    return any(argument.arg in ARGUMENTS for argument in call.keywords)
