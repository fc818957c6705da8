"""A tree of code with the way upward: each node knows its parent and the function or class that it is in."""

import ast

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SCOPES = FUNCTIONS + (ast.ClassDef,)
TRIES = (ast.Try,) + ((ast.TryStar,) if hasattr(ast, "TryStar") else ())
MATCH = getattr(ast, "Match", ())
# Python shares these nodes between all trees, so they cannot know their parents.
SHARED = (ast.expr_context, ast.operator, ast.boolop, ast.unaryop, ast.cmpop)


class Tree:
    """The nodes of a module in the order of the source; no walk is recursive, whatever the nesting."""

    def __init__(self, module, line=None):
        self.module = module
        self.kinds, self.scopes = {}, {}
        module.parent, module.scope = None, None
        self.index(line)

    def index(self, line):
        stack = [(self.module, self.module)]
        while stack:
            node, scope = stack.pop()
            if line and hasattr(node, "lineno"):
                node.lineno = line(node.lineno)
            self.kinds.setdefault(type(node), []).append(node)
            self.scopes.setdefault(scope, []).append(node)
            below = []
            for field in node._fields:
                inner = node if isinstance(node, SCOPES) and field == "body" else scope
                value = getattr(node, field, None)
                for child in value if isinstance(value, list) else (value,):
                    if isinstance(child, ast.AST) and not isinstance(child, SHARED):
                        child.parent, child.scope = node, inner
                        below.append((child, inner))
            stack.extend(reversed(below))

    def of(self, *kinds):
        """Returns all nodes of these kinds."""
        if len(kinds) == 1:
            return self.kinds.get(kinds[0], [])
        return [node for kind in kinds for node in self.kinds.get(kind, [])]

    def own(self, scope):
        """Returns the nodes of a function, class or module without those of the functions and classes in it."""
        return self.scopes.get(scope, [])


def walk(node):
    """Yields the node and all below it, in no order that matters."""
    return ast.walk(node)


def above(node):
    """Yields the nodes above a node, the nearest first."""
    while getattr(node, "parent", None) is not None:
        node = node.parent
        yield node


def function_of(node):
    """Returns the function that a node is in, or None."""
    scope = node.scope
    while scope is not None and not isinstance(scope, FUNCTIONS):
        scope = scope.scope
    return scope


def qualified(definition):
    """Returns the name of a function or class as Python qualifies it."""
    parts, scope = [definition.name], definition.scope
    while isinstance(scope, SCOPES):
        parts.append(scope.name + (".<locals>" if isinstance(scope, FUNCTIONS) else ""))
        scope = scope.scope
    return ".".join(reversed(parts[:50]))


def dotted(node, imports):
    """Returns what an expression is called as, imports in full: pandas.read_csv, df.dropna, f().g, df[].map."""
    parts, suffix = [], ""
    while True:
        if isinstance(node, ast.Attribute):
            parts.append(node.attr + suffix)
            node, suffix = node.value, ""
        elif isinstance(node, ast.Call):
            node, suffix = node.func, "()" + suffix
        elif isinstance(node, ast.Subscript):
            node, suffix = node.value, "[]" + suffix
        elif isinstance(node, ast.Await):
            node = node.value
        else:
            break
    parts.append(root_name(node, imports) + suffix)
    return ".".join(reversed(parts[:20]))


def root_name(node, imports):
    if isinstance(node, ast.Name):
        return imports.get(node.id, node.id)
    if isinstance(node, ast.Constant) and isinstance(node.value, str) or isinstance(node, ast.JoinedStr):
        return "str"
    return "?"


def base(node):
    """Returns the name that an expression such as a.b[c].d() begins with, or None."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call, ast.Starred, ast.Await)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def chain(node):
    """Returns a name or dotted attribute as written, self.mean, or None for anything else."""
    parts = []
    while isinstance(node, ast.Attribute) and len(parts) < 20:
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join([node.id] + parts[::-1])


def names(node):
    """Returns the names that an expression mentions, dotted ones and what they begin with."""
    found = set()
    for part in walk(node):
        # In df.dropna() the name is df.
        if isinstance(part, ast.Name) or isinstance(part, ast.Attribute) and not is_called(part):
            found.add(chain(part))
    found.discard(None)
    return found


def is_called(node):
    return isinstance(node.parent, ast.Call) and node.parent.func is node


def keyword(call, name):
    """Returns the value of a keyword argument, or None."""
    for argument in call.keywords:
        if argument.arg == name:
            return argument.value
    return None


def unpacks(call):
    """Tells whether the call has arguments that cannot be seen: f(**options)."""
    return any(argument.arg is None for argument in call.keywords)


def is_constant(node, *values):
    return isinstance(node, ast.Constant) and any(node.value is value for value in values)
