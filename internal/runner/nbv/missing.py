"""Places in the source that write, read or ask about missing values: NaN, Inf, NA."""

import ast

NAN = frozenset(("nan", "NaN", "NAN", "NA", "NaT"))
INF = frozenset(("inf", "Inf", "NINF", "PINF", "infty", "Infinity"))
MODULES = frozenset(("numpy", "math", "cmath", "pandas", "torch", "jax", "cupy", "np", "pd", "scipy", "tensorflow"))
ASKS = frozenset(("isna", "isnull", "notna", "notnull", "isnan", "is_nan", "is_null"))
READS = ("loadtxt", "genfromtxt", "fromfile", "open_dataset", "imread", "urlopen")


def is_nan(node, names):
    """Tells whether the expression is NaN, NA or NaT as written."""
    return is_literal(node, names, NAN, ("nan",))


def is_missing(node, names):
    """Tells whether the expression is NaN, NA or an infinity as written."""
    return is_literal(node, names, NAN | INF, ("nan", "inf", "infinity"))


def is_literal(node, names, words, texts):
    if isinstance(node, ast.Attribute):
        return node.attr in words and names.dotted(node.value).split(".")[0] in MODULES
    if isinstance(node, ast.Name):
        full = names.imports.get(node.id, "")
        return full.rpartition(".")[2] in words and full.split(".")[0] in MODULES
    if isinstance(node, ast.Constant):
        return isinstance(node.value, float) and node.value in (float("inf"), -float("inf")) and "inf" in texts
    if isinstance(node, ast.Call) and len(node.args) == 1 and isinstance(node.args[0], ast.Constant):
        text = node.args[0].value
        made = names.dotted(node.func).rpartition(".")[2] in ("float", "float64", "float32", "Decimal")
        return made and isinstance(text, str) and text.strip().lstrip("+-").lower() in texts
    return False


def writes(nodes, names):
    """Tells whether one of the nodes writes a missing value or an infinity itself."""
    return any(
        isinstance(node, (ast.Attribute, ast.Name, ast.Constant, ast.Call)) and is_missing(node, names)
        for node in nodes
    )


def asks(nodes):
    """Tells whether one of the nodes asks which values are missing."""
    return any(leaf(node) in ASKS for node in nodes if isinstance(node, ast.Call))


def leaf(call):
    """Returns the last part of what is called."""
    return getattr(call.func, "attr", None) or getattr(call.func, "id", "")


def reads(nodes, names, cell, depth=20):
    """Tells whether one of the nodes reads data; the notebook's own functions read if their code does."""
    for node in nodes:
        if isinstance(node, ast.Call):
            function = names.called(node, cell)
            if is_reader(leaf(node)) if function is None else function_reads(function, names, depth):
                return True
    return False


def function_reads(function, names, depth):
    if function.reads is None and depth:
        # A function that calls itself reads no more for that.
        function.reads = False
        function.reads = reads(function.own, names, function.cell, depth - 1)
    return bool(function.reads)


def is_reader(name):
    return name.startswith(("read_", "load", "fetch")) or name in READS
