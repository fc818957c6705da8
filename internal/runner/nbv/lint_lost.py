"""NB305: a statement that is nothing but a call whose result is all that it does."""

import ast

from . import missing, syntax
from .syntax import FUNCTIONS, TRIES

# Only pandas and what follows it have methods of these names, and they change nothing by themselves.
PURE = frozenset(
    "dropna fillna sort_values sort_index reset_index set_index drop_duplicates astype rename_axis"
    " pivot_table melt ffill bfill interpolate".split()
)
# Methods of many names; these arguments show that pandas is meant.
WITH = {
    "rename": ("columns", "index", "mapper", "axis"),
    "drop": ("columns", "index", "labels", "axis", "level"),
    "merge": ("on", "how", "left_on", "right_on", "left_index", "right_index", "suffixes"),
    "join": ("on", "how", "lsuffix", "rsuffix"),
    "replace": ("to_replace", "regex"),
    "reindex": ("index", "columns", "fill_value", "method"),
    "set_axis": ("labels", "axis"),
    "clip": ("lower", "upper"),
}
# Methods of str with as many arguments as they may have.
TEXT = {
    "strip": 1, "lstrip": 1, "rstrip": 1, "lower": 0, "upper": 0, "title": 0, "capitalize": 0, "casefold": 0,
    "swapcase": 0, "removeprefix": 1, "removesuffix": 1, "zfill": 1,
}
FUNCTIONS_OF_LIBRARIES = frozenset((
    "pandas.merge", "pandas.concat", "pandas.to_datetime", "pandas.to_numeric", "pandas.get_dummies", "pandas.melt",
    "pandas.pivot_table", "numpy.sort", "numpy.append", "numpy.delete", "numpy.insert", "numpy.concatenate",
    "numpy.reshape", "numpy.where",
))


def find(analysis, cell):
    if "raises-exception" in cell.tags or cell.timed:
        return
    for statement in cell.tree.of(ast.Expr):
        call = statement.value
        if isinstance(call, ast.Call) and is_pure(call, analysis.names) and is_lost(statement, cell, analysis):
            yield "NB305", statement, missing.leaf(call), syntax.chain(getattr(call.func, "value", None)) or ""


def is_pure(call, names):
    full, name = names.library(call.func), missing.leaf(call)
    given = {argument.arg for argument in call.keywords}
    if full in FUNCTIONS_OF_LIBRARIES or names.is_builtin(call.func, "sorted"):
        return not given & {"out", "copy", None}
    if not isinstance(call.func, ast.Attribute) or names.imported(call.func) or name in names.methods:
        return False
    if given & {"inplace", "out", None}:
        return syntax.is_constant(syntax.keyword(call, "inplace"), False)
    if name in PURE or given & set(WITH.get(name, ())):
        return True
    if name in TEXT:
        return not given and len(call.args) <= TEXT[name]
    if name == "assign":
        return bool(given) and not call.args
    if name == "drop":
        return is_drop_of_rows(call.args)
    if name in ("append", "merge"):
        return is_made_by(call.func.value, names, is_frame)
    return name == "replace" and is_replace(call, names)


def is_drop_of_rows(arguments):
    """Tells whether df.drop([1, 2]), df.drop(rows.index) or df.drop("a", 1) is meant, not the drop of a table."""
    if len(arguments) == 2:
        return syntax.is_constant(arguments[1], 0, 1)
    return len(arguments) == 1 and (
        isinstance(arguments[0], ast.List) or getattr(arguments[0], "attr", "") == "index")


def is_replace(call, names):
    """Tells whether x.replace(...) is that of a text or of pandas; paths, databases and caches have one as well."""
    if call.keywords or not 1 <= len(call.args) <= 2:
        return False
    if isinstance(call.args[0], ast.Dict):
        return len(call.args) == 1
    if len(call.args) == 1:
        return False
    receiver = call.func.value
    if isinstance(call.args[0], ast.List) or missing.writes(call.args, names):
        return True
    if isinstance(receiver, (ast.Constant, ast.JoinedStr, ast.Subscript)):
        return True
    if isinstance(receiver, ast.Attribute) and receiver.attr == "str":
        return True
    return is_made_by(receiver, names, is_frame) or is_made_by(receiver, names, is_text)


def is_made_by(receiver, names, test):
    """Tells whether all that is ever assigned to the receiver passes the test."""
    made = names.shapes.get(syntax.chain(receiver), ())
    return bool(made) and all(test(shape) for shape in made)


def is_frame(shape):
    return shape.startswith(("pandas.DataFrame(", "pandas.Series(", "pandas.read_", "pandas.concat("))


def is_text(shape):
    return shape in ("str", "str()", "input()") or shape.startswith("str.") or shape.endswith((
        ".read()", ".strip()", ".lower()", ".upper()", ".decode()", ".read_text()"))


def is_lost(statement, cell, analysis):
    """Tells whether nobody sees the result: Jupyter shows the last expression of a cell."""
    if getattr(statement, "timed", False):
        return False
    at_top = isinstance(statement.parent, ast.Module)
    if at_top and (statement is cell.tree.module.body[-1] or analysis.displays_all):
        return False
    # Who only wants to see whether something raises calls it and goes on.
    below = statement
    for node in syntax.above(statement):
        if isinstance(node, TRIES) and node.handlers and below in node.body:
            return False
        if isinstance(node, (ast.With, ast.AsyncWith)) and any(expects(item) for item in node.items):
            return False
        if isinstance(node, FUNCTIONS):
            break
        below = node
    return True


def expects(item):
    called = getattr(item.context_expr, "func", None)
    return (getattr(called, "attr", None) or getattr(called, "id", "")) in ("raises", "assertRaises", "suppress", "warns")
