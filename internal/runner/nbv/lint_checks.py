"""Data that is loaded and never checked: NB401 and NB402."""

import ast

from . import missing, syntax

LOADS = ("load", "loadtxt", "genfromtxt", "fromfile")
IN_MEMORY = ("io.StringIO", "io.BytesIO", "StringIO", "BytesIO")
# Settings and texts are no data sets.
NO_DATA = frozenset(("json", "yaml", "toml", "tomllib", "tomli", "configparser", "ast", "dotenv", "shelve"))
FITS = frozenset(("fit", "fit_transform", "fit_predict", "partial_fit"))
COLLECTIONS = ("sklearn", "seaborn", "tensorflow", "keras", "datasets", "torchvision", "statsmodels", "vega_datasets")
TRAINS = ("sklearn.model_selection.cross_val_score", "sklearn.model_selection.cross_validate")


def find(analysis, cell):
    """NB401: a name is bound to data that is read, and no check mentions the name."""
    for node in cell.tree.of(ast.Assign):
        call = node.value
        while isinstance(call, ast.Call) and not is_load(call, analysis.names) and isinstance(call.func, ast.Attribute):
            # What follows the call, as in read_csv(path).dropna(), is the same data.
            call = call.func.value
        if not isinstance(call, ast.Call) or not is_load(call, analysis.names):
            continue
        for target in node.targets:
            name = syntax.chain(target)
            if name and name not in analysis.checked_names and not is_handed_out(name, node):
                yield "NB401", node, name, analysis.names.dotted(call.func)


def is_load(call, names):
    """Tells whether the call reads data from outside of the notebook by a function of some library."""
    name = missing.leaf(call)
    if not name.startswith("read_") and name not in LOADS or not is_librarys(call, names):
        return False
    return not any(is_in_memory(argument, names) for argument in call.args[:1])


def is_librarys(call, names):
    return names.imported(call.func) and names.dotted(call.func).split(".")[0] not in NO_DATA


def is_in_memory(node, names):
    """Tells whether the data is written in the notebook itself."""
    if isinstance(node, ast.Call):
        return names.dotted(node.func) in IN_MEMORY
    made = names.shapes.get(syntax.chain(node), ())
    return bool(made) and all(shape[:-2] in IN_MEMORY for shape in made)


def is_handed_out(name, node):
    """Tells whether a function returns the name: whoever calls it may check."""
    function = syntax.function_of(node)
    if function is None:
        return False
    returned = [part.value for part in ast.walk(function) if isinstance(part, ast.Return) and part.value is not None]
    return any(name in syntax.names(value) for value in returned)


def is_unchecked(analysis):
    """NB402: the notebook loads data or fits a model and holds no check."""
    if analysis.checks:
        return False
    return any(
        is_work(call, analysis.names) for cell in analysis.parsed for call in cell.tree.of(ast.Call)
    )


def is_work(call, names):
    name = missing.leaf(call)
    if isinstance(call.func, ast.Attribute) and name in FITS:
        # Of a model, be it made on the spot: LinearRegression().fit(X, y); a library's function fit is something else.
        if isinstance(call.func.value, ast.Call) or not names.imported(call.func):
            return True
    if names.dotted(call.func) in TRAINS or is_load(call, names):
        return True
    return name.startswith(("load_", "fetch_")) and names.dotted(call.func).split(".")[0] in COLLECTIONS
