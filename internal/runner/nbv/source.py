"""Reads the code cells of a notebook into trees."""

import ast
import re

from . import skips, syntax, transform

MAX_CELL = 1 << 20
MAX_NOTEBOOK = 2 << 20
MAX_LINES = 50_000
# Options of %timeit before its code.
OPTIONS = re.compile(r"\A\s*(?:-\w+(?:\s*\d+)?\s+)*")
# Line numbers in messages of the parser count lines that the user does not see.
WHERE = re.compile(r" \(detected at line \d+\)| on line \d+")


class Cell:
    """What is known of one code cell; tree is None where its source is not Python that can be read."""

    def __init__(self, index, text, tags):
        self.index, self.text, self.tags = index, text, tags
        self.magics, self.tree = [], None
        # The line and message of the parser, where the cell does not parse.
        self.error = None
        # For each line that Python runs the line of the cell; None where they are the same.
        self.numbers = None

    def line(self, line):
        """Returns where in the cell a line of the code that Python runs was written."""
        if not self.numbers or not isinstance(line, int):
            return line if isinstance(line, int) else 1
        return self.numbers[max(1, min(line, len(self.numbers))) - 1]

    @property
    def skipped(self):
        """It never runs, so nothing in it does harm or good."""
        return skips.skips(self.text, self.tags)

    @property
    def timed(self):
        """Its code runs many times over in a namespace of its own."""
        return any(magic in ("timeit", "prun") for magic in self.magics)


class Reader:
    """Reads cells one after the other; the work that they cause is bounded together."""

    def __init__(self):
        self.transformer, self.room = transform.Transformer(), MAX_NOTEBOOK

    def read(self, index, text, tags):
        cell = Cell(index, text, tags)
        if len(text) > min(MAX_CELL, self.room):
            return cell
        self.room -= len(text)
        try:
            body, above, cell.magics = transform.strip_magics(text)
            if body is not None:
                self.parse(cell, body, above)
        except (transform.TooMuch, RecursionError, MemoryError):
            cell.tree = cell.error = None
        return cell

    def parse(self, cell, body, above):
        code, numbers = body, None
        tree, problem = parsed(body)
        if tree is None:
            code, numbers, problem = self.transformed(body, problem)
            tree, problem = (None, problem) if code is None else parsed(code)
        cell.numbers = lines_of(body, numbers, above)
        # A plain body was parsed with the empty lines at its top, which IPython takes away.
        place = (lambda line: line + above) if numbers is None else cell.line
        if tree is not None:
            cell.tree = syntax.Tree(tree, place)
        elif problem is not None:
            line = getattr(problem, "lineno", None) or 1
            cell.error = place(line), WHERE.sub("", getattr(problem, "msg", None) or str(problem))[:120]

    def transformed(self, body, problem):
        try:
            code, numbers = self.transformer.transform(body)
        except (transform.TooMuch, transform.Unavailable):
            raise
        except Exception:  # tokenisers of different Pythons fail each in its own way, and the parser has failed before
            return None, None, problem
        return code, numbers, None


def parsed(code):
    """Returns (tree, None) or (None, what is wrong)."""
    if code.startswith("In ["):
        return None, None
    try:
        tree = ast.parse(code)
        if "run_line_magic" in code:
            unfold(tree)
        # What only the compiler refuses, such as return outside of a function, fails as well.
        compile(tree, "cell", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, True)
        return tree, None
    except (SyntaxError, ValueError) as problem:
        return None, problem


def unfold(tree):
    """Puts the code of %time and %timeit in the place of the magic: IPython runs it in the notebook's namespace."""
    for node in list(ast.walk(tree)):
        for field in ("body", "orelse", "finalbody"):
            statements = getattr(node, field, None)
            if isinstance(statements, list):
                setattr(node, field, [inner for one in statements for inner in timed_code(one)])


def timed_code(statement):
    """Returns the statements inside of a magic that times them, else the statement itself."""
    magic, text = line_magic(statement)
    if magic not in ("time", "timeit"):
        return [statement]
    try:
        inner = ast.parse(OPTIONS.sub("", text)).body
    except (SyntaxError, ValueError):
        return [statement]
    if magic == "timeit" and not all(isinstance(one, ast.Expr) for one in inner):
        # What it binds is gone when it ends.
        return [statement]
    for one in inner:
        one.timed = True
        for node in ast.walk(one):
            if hasattr(node, "lineno"):
                node.lineno = node.end_lineno = statement.lineno
                node.col_offset = node.end_col_offset = 0
    return inner or [statement]


def line_magic(statement):
    """Returns (magic, its text) of a statement that is a line magic as IPython writes it, else (None, None)."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call) or getattr(call.func, "attr", "") != "run_line_magic":
        return None, None
    texts = [getattr(argument, "value", None) for argument in call.args]
    return tuple(texts) if len(texts) == 2 and all(isinstance(text, str) for text in texts) else (None, None)


def lines_of(body, numbers, above):
    """Returns the lines of the cell for the lines that Python runs, None where they are the same."""
    if body.count("\n") > MAX_LINES:
        return None
    if numbers is None:
        empty = body[: len(body) - len(body.lstrip())].count("\n")
        if not empty and not above:
            return None
        numbers = range(empty + 1, body.count("\n") + 2)
    return [number + above for number in numbers]
