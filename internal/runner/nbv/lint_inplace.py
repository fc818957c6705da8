"""Tells which calls change their object and return None; in doubt none does."""

import ast

from . import syntax

# pandas methods that return None with inplace=True.
PANDAS = frozenset(
    "dropna fillna drop rename rename_axis reset_index set_index set_axis sort_values sort_index drop_duplicates"
    " replace clip interpolate ffill bfill pad backfill mask where query eval add_categories remove_categories"
    " rename_categories reorder_categories set_categories as_ordered as_unordered remove_unused_categories".split()
)
# Libraries whose objects have methods sort and reverse that return a new object.
RETURNING = frozenset(
    "torch polars jax pyspark pymongo motor tensorflow tinydb duckdb ibis dask cudf cupy pyarrow django daft".split()
)
SHUFFLES = frozenset(("random.shuffle", "numpy.random.shuffle"))
GENERATORS = ("numpy.random.default_rng()", "numpy.random.RandomState()", "random.Random()",
              "numpy.random.Generator()")
ARRAYS = ("numpy.array()", "numpy.arange()", "numpy.zeros()", "numpy.ones()", "numpy.asarray()", "numpy.linspace()")
METHODS = {
    "append": ("list",), "extend": ("list",), "insert": ("list",), "remove": ("list", "set"),
    "clear": ("list", "set", "dict"), "update": ("dict", "set"), "add": ("set",), "discard": ("set",),
    "intersection_update": ("set",), "difference_update": ("set",),
}


def void_call(call, cell, names, returned):
    """Tells whether the call surely returns None though it looks as if it returned the changed object.

    A function that ends with "return items.append(x)" mostly wants to end there, so those are let pass.
    """
    if is_in_place(call, cell, names) or names.library(call.func) in SHUFFLES:
        return True
    if not isinstance(call.func, ast.Attribute) or names.imported(call.func):
        return False
    method, receiver = call.func.attr, syntax.chain(call.func.value)
    if method in names.methods:
        return False
    if method == "shuffle":
        return names.only(receiver, *GENERATORS)
    if method == "sort":
        return is_sort(call, receiver, names)
    if method == "reverse":
        return not call.args and not call.keywords and is_list(receiver, names)
    if returned:
        return False
    if method == "insert" and len(call.args) + len(call.keywords) > 2:
        # DataFrame.insert is the only one that takes so many.
        return "pandas" in names.roots
    return method in METHODS and has_shape(call.func.value, METHODS[method], names)


def is_in_place(call, cell, names):
    if not syntax.is_constant(syntax.keyword(call, "inplace"), True):
        return False
    function = names.called(call, cell)
    if function is not None:
        return function.returns == "procedure" and not function.is_async
    if isinstance(call.func, ast.Attribute):
        return call.func.attr in PANDAS and not names.imported(call.func)
    return False


def is_sort(call, receiver, names):
    """list.sort takes only key and reverse, ndarray.sort an axis, a kind and an order."""
    if any(argument.arg not in ("key", "reverse", "axis", "kind", "order") for argument in call.keywords):
        return False
    if call.args and not all(isinstance(argument, ast.Constant) and isinstance(argument.value, int)
                             for argument in call.args):
        return False
    return is_list(receiver, names)


def is_list(receiver, names):
    if names.only(receiver, "list", *ARRAYS):
        return True
    return not names.roots & RETURNING


def has_shape(receiver, shapes, names):
    name = syntax.chain(receiver)
    return name is not None and names.only(name, *shapes)
