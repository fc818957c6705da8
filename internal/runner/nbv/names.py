"""What the names of a notebook stand for: imports, its own functions and classes, instances of these."""

import ast
import builtins

from . import returns, syntax
from .syntax import FUNCTIONS

BUILTINS = frozenset(dir(builtins)) | {"get_ipython", "display", "exit", "quit"}
CONTAINERS = {
    "list": "list", "sorted": "list", "set": "set", "dict": "dict", "collections.deque": "list",
    "collections.OrderedDict": "dict", "collections.defaultdict": "dict", "collections.Counter": "dict",
}
VOID = frozenset("sort reverse append extend insert remove clear update add discard shuffle".split())
DISPLAYS = {
    ast.List: "list", ast.ListComp: "list", ast.Set: "set", ast.SetComp: "set", ast.Dict: "dict",
    ast.DictComp: "dict", ast.JoinedStr: "str",
}


class Function:
    """One function or method of the notebook."""

    def __init__(self, cell, node, own):
        self.cell, self.node, self.own = cell, node, own
        self.name = syntax.qualified(node)
        self.line = min([node.lineno] + [decorator.lineno for decorator in node.decorator_list])
        self.returns = returns.kind(node, own)
        self.is_async = isinstance(node, ast.AsyncFunctionDef)
        # Whether its code reads data, when somebody has asked.
        self.reads = None

    def parameters(self):
        arguments = self.node.args
        every = arguments.posonlyargs + arguments.args + arguments.kwonlyargs
        return {argument.arg for argument in every + [arguments.vararg, arguments.kwarg] if argument}


class Names:
    """The names of all cells together: a notebook has one namespace."""

    def __init__(self, cells):
        self.imports, self.functions, self.classes, self.constructed = {}, {}, {}, {}
        # What is assigned to each name anywhere: list, dict, set, str, or the callee, or other.
        self.shapes = {}
        self.by_cell = {}
        for cell in cells:
            self.read_imports(cell.tree)
        for cell in cells:
            self.read_definitions(cell)
        for cell in cells:
            self.read_values(cell.tree)
        self.roots = {full.split(".")[0] for full in self.imports.values()}
        self.methods = {name.rpartition(".")[2] for name in self.functions if "." in name}
        self.own = {f.node.name for every in self.functions.values() for f in every} | set(self.classes)

    def read_imports(self, tree):
        for node in tree.of(ast.Import):
            for alias in node.names:
                first = alias.name.split(".")[0]
                self.imports[alias.asname or first] = alias.name if alias.asname else first
        for node in tree.of(ast.ImportFrom):
            for alias in node.names:
                self.imports[alias.asname or alias.name] = "%s.%s" % (node.module or "", alias.name)

    def read_definitions(self, cell):
        every = [Function(cell, node, cell.tree.own(node)) for node in cell.tree.of(*FUNCTIONS)]
        self.by_cell[cell] = sorted(every, key=lambda function: function.line)
        for function in self.by_cell[cell]:
            self.functions.setdefault(function.name, []).append(function)
        for node in cell.tree.of(ast.ClassDef):
            self.classes[syntax.qualified(node)] = [self.dotted(base) for base in node.bases]

    def read_values(self, tree):
        for node in tree.of(ast.Assign):
            for target in node.targets:
                self.read_value(target, node.value)
        for node in tree.of(ast.AnnAssign, ast.NamedExpr):
            if node.value is not None:
                self.read_value(node.target, node.value)
        for node in tree.of(ast.withitem):
            if node.optional_vars is not None:
                self.read_value(node.optional_vars, node.context_expr)
        for node in tree.of(ast.For, ast.AsyncFor):
            self.read_value(node.target, None)
        for node in tree.of(ast.arg):
            self.shapes.setdefault(node.arg, set()).add("other")

    def read_value(self, target, value):
        name = syntax.chain(target)
        if name is not None and isinstance(value, ast.Call) and getattr(value.func, "attr", "") in VOID:
            # In x = x.append(1) the x is meant to stay what it is.
            return
        if name is not None:
            self.shapes.setdefault(name, set()).add(self.shape(value))
            return
        for part in syntax.walk(target):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                self.shapes.setdefault(part.id, set()).add("other")

    def shape(self, value):
        """Returns what a value is as far as the source says: list, dict, set, str, a callee with (), or other."""
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return "str"
        if isinstance(value, ast.Call):
            callee = self.dotted(value.func)
            return CONTAINERS.get(callee, callee + "()")
        return DISPLAYS.get(type(value), "other")

    def dotted(self, node):
        """Returns what an expression is called as, imports in full."""
        if not hasattr(node, "full"):
            node.full = syntax.dotted(node, self.imports)
        return node.full

    def library(self, node):
        """Returns the full name of an import, "" for anything else."""
        return self.dotted(node) if self.imported(node) else ""

    def is_builtin(self, node, name):
        """Tells whether the node is the builtin of that name, not something of the notebook called so."""
        return isinstance(node, ast.Name) and node.id == name and not (
            name in self.imports or name in self.shapes or name in self.own)

    def only(self, name, *shapes):
        """Tells whether the name is nothing but that, as far as the source says."""
        found = self.shapes.get(name, ())
        return bool(found) and all(shape in shapes for shape in found)

    def imported(self, node):
        """Tells whether an expression such as a.b.c begins with an import."""
        return syntax.base(node) in self.imports

    def data(self, node):
        """Returns the names in an expression that stand for data: neither imports nor builtins."""
        return {name for name in syntax.names(node) if not self.is_known(name.split(".")[0])}

    def is_known(self, name):
        return name in self.imports or name in BUILTINS and name not in self.shapes

    def called(self, call, cell):
        """Returns the notebook's own function that a call calls, or None where that is not plain."""
        if not hasattr(call, "function"):
            call.function = self.find_called(call.func, cell)
        return call.function

    def find_called(self, func, cell):
        if isinstance(func, ast.Name):
            return self.visible(func, cell)
        if not isinstance(func, ast.Attribute) or func.attr not in self.methods:
            return None
        owner = self.class_of(func.value)
        return self.method(owner, func.attr, cell) if owner else None

    def visible(self, name, cell):
        """Returns the function that a plain name means at a place: a nested one, else one of a cell."""
        scope = name.scope
        while isinstance(scope, FUNCTIONS):
            found = self.latest("%s.<locals>.%s" % (syntax.qualified(scope), name.id), cell)
            if found:
                return found
            scope = scope.scope
        return self.latest(name.id, cell)

    def latest(self, name, cell):
        """Returns the definition that is in force in a cell: the last one before its end."""
        found = self.functions.get(name)
        if not found:
            return None
        before = [function for function in found if function.cell.index <= cell.index]
        return (before or found)[-1]

    def class_of(self, value):
        """Returns the notebook's class of a receiver: self, Model() or m where m = Model()."""
        if isinstance(value, ast.Call):
            name = self.dotted(value.func)
            return name if name in self.classes else None
        name = syntax.chain(value)
        if name in ("self", "cls") and syntax.function_of(value) is not None:
            scope = syntax.function_of(value).scope
            return syntax.qualified(scope) if isinstance(scope, ast.ClassDef) else None
        if name in self.classes:
            return name
        found = self.shapes.get(name, ())
        made = next(iter(found))[:-2] if len(found) == 1 else None
        return made if made in self.classes else None

    def method(self, owner, name, cell):
        """Returns a method of a class or of the notebook's classes that it is derived from."""
        todo, seen = [owner], set()
        while todo:
            owner = todo.pop(0)
            if owner in seen or owner not in self.classes:
                continue
            seen.add(owner)
            found = self.latest("%s.%s" % (owner, name), cell)
            if found:
                return found
            todo += self.classes[owner]
        return None
