"""What a piece of code binds, changes and uses."""

import ast

from . import missing, syntax

MAX_NAMES, MAX_NAME = 5000, 500
# Library functions that change what they are handed, and how many of their first arguments.
CHANGERS = {"shuffle": 1, "fill_diagonal": 1, "put": 1, "put_along_axis": 1, "copyto": 1, "place": 1, "putmask": 1}
KINDS = {
    ast.Name: "name", ast.Attribute: "name", ast.Subscript: "subscript", ast.Constant: "constant",
    ast.BinOp: "arithmetic", ast.UnaryOp: "arithmetic", ast.Compare: "arithmetic", ast.IfExp: "condition",
    ast.BoolOp: "condition", ast.List: "container", ast.Tuple: "container", ast.Set: "container",
    ast.Dict: "container", ast.ListComp: "container", ast.SetComp: "container", ast.DictComp: "container",
}


class Scope:
    """One piece of code: the nodes of a cell or of a function."""

    def __init__(self, cell, own, names):
        self.cell, self.own, self.names = cell, own, names
        self.binds, self.mutates, self.loads = {}, set(), set()
        for node in own:
            self.read(node)

    def facts(self, body):
        """Returns facts.Scope; body is the list of statements."""
        last = body[-1] if body and isinstance(body[-1], ast.Expr) else None
        return {
            "binds": {name: self.binds[name] for name in listed(self.binds)},
            "mutates": listed(self.mutates),
            "loads": listed(self.loads),
            "nanLiteral": missing.writes(self.own, self.names),
            "reads": missing.reads(self.own, self.names, self.cell),
            "asksMissing": missing.asks(self.own),
            "last": self.origin(last.value, last.lineno) if last else None,
        }

    def read(self, node):
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                self.loads.add(node.id)
        elif isinstance(node, ast.Attribute):
            # In df.dropna() no attribute is read that could have been bound.
            if isinstance(node.ctx, ast.Load) and not syntax.is_called(node):
                self.load_attribute(node)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                self.bind(target, node.value)
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)):
            if node.value is not None:
                self.bind(node.target, node.value)
        elif isinstance(node, ast.AugAssign):
            self.bind(node.target, None, "arithmetic")
            if syntax.base(node.target):
                self.loads.add(syntax.base(node.target))
            self.load_attribute(node.target)
        elif isinstance(node, (ast.For, ast.AsyncFor)):
            self.bind(node.target, None)
        elif isinstance(node, ast.withitem):
            if node.optional_vars is not None:
                self.bind(node.optional_vars, None)
        elif isinstance(node, ast.Delete):
            self.mutates.update(self.own_base(part) for part in node.targets if not isinstance(part, ast.Name))
        elif isinstance(node, ast.Call):
            self.call(node)
        elif type(node).__name__ in ("MatchAs", "MatchStar", "MatchMapping"):
            name = getattr(node, "name", None) or getattr(node, "rest", None)
            if name:
                self.binds[name] = blank("other", getattr(node, "lineno", 1))
        self.mutates.discard(None)

    def load_attribute(self, node):
        """Notes self.mean, but not np.pi: what is imported is not bound here."""
        name = syntax.chain(node)
        if name and "." in name and not self.names.is_known(name.partition(".")[0]):
            self.loads.add(name)

    def bind(self, target, value, kind=None):
        """Notes a target; unpacking gives each name its own part of the value where that can be seen."""
        stack = [(target, value)]
        while stack:
            target, value = stack.pop()
            if isinstance(target, ast.Starred):
                stack.append((target.value, None))
            elif isinstance(target, (ast.Tuple, ast.List)):
                stack += reversed(list(zip(target.elts, parts(value, target.elts))))
            else:
                self.bind_one(target, value, kind)

    def bind_one(self, target, value, kind):
        name = syntax.chain(target)
        if name:
            self.binds.pop(name, None)
            self.binds[name] = self.origin(value, target.lineno) if kind is None else blank(kind, target.lineno)
        if not isinstance(target, ast.Name):
            self.mutates.add(self.own_base(target))

    def call(self, node):
        """A call may change what its method belongs to, and what is handed to a function of the notebook."""
        function = self.names.called(node, self.cell)
        statement = isinstance(node.parent, ast.Expr)
        if isinstance(node.func, ast.Attribute) and (statement or function or node.func.attr in self.names.methods):
            self.mutates.add(self.own_base(node.func))
        values = list(node.args) + [argument.value for argument in node.keywords]
        if function is None and not self.is_class(node):
            values = values[: CHANGERS.get(missing.leaf(node), 0)]
            values += [argument.value for argument in node.keywords if argument.arg == "out"]
        self.mutates.update(self.own_base(value) for value in values if not isinstance(value, ast.Call))

    def is_class(self, call):
        return syntax.chain(call.func) in self.names.classes

    def own_base(self, node):
        name = syntax.base(node)
        return None if name is None or self.names.is_known(name) or name in self.names.own else name

    def origin(self, value, line):
        """Returns facts.Bind for a value."""
        while isinstance(value, ast.NamedExpr):
            value = value.value
        bind = blank(KINDS.get(type(value), "other"), line)
        if value is None:
            return bind
        bind["nanLiteral"] = missing.writes(syntax.walk(value), self.names)
        call = value.value if isinstance(value, ast.Await) else value
        if isinstance(value, ast.Await):
            bind["kind"] = "await"
        if isinstance(call, ast.Call):
            self.describe(bind, call, isinstance(value, ast.Await))
        return bind

    def describe(self, bind, call, awaited):
        function = self.names.called(call, self.cell)
        bind["kind"] = "await" if awaited else "call"
        bind["callee"] = self.names.dotted(call.func)[:200]
        if function is not None and function.is_async == awaited:
            bind["returns"] = function.returns
        arguments = list(call.args) + [argument.value for argument in call.keywords]
        bind["inPlace"] = syntax.is_constant(syntax.keyword(call, "inplace"), True)
        bind["noneArgument"] = any(syntax.is_constant(argument, None) for argument in arguments)
        bind["checked"] = any(is_set(syntax.keyword(call, name)) for name in ("check", "validate", "verify_integrity"))


def listed(names):
    """Returns names in order, as many as a notebook may well have; nobody writes longer ones by hand."""
    return sorted(name for name in names if len(name) <= MAX_NAME)[:MAX_NAMES]


def parts(value, targets):
    """Returns the value of each target of an unpacking, None where it cannot be seen."""
    plain = isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(targets)
    if plain and not any(isinstance(part, ast.Starred) for part in value.elts + targets):
        return value.elts
    return [None] * len(targets)


def is_set(value):
    return value is not None and not syntax.is_constant(value, None, False)


def blank(kind, line):
    return {
        "kind": kind, "callee": "", "returns": "", "line": line, "nanLiteral": False, "inPlace": False,
        "noneArgument": False, "checked": False,
    }
