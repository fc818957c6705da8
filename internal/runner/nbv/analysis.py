"""Says what the source of a notebook says, before it runs: analyse(notebook, language)."""

import ast
import warnings

from . import checks, guards, lint, lint_await, scopes, shell, source, syntax, transform
from .names import Names

MAX_FUNCTIONS = 500
# The lines of the cells that were analysed last, by their text.
KNOWN = {}


def analyse(notebook, language):
    """Returns facts.Analysis as a dict that is ready for JSON.

    The notebook is a dict as notebook.load returns it, the language that of its kernel, "" if nobody knows. It never
    raises: whatever the source does to the analysis, the notebook can still be run.
    """
    if not is_python(language):
        return empty("the notebook is written in %s, not in Python" % str(language)[:50])
    try:
        with warnings.catch_warnings():
            # The parser warns about the notebook's code; the runner's log is no place for it.
            warnings.simplefilter("ignore")
            return Analysis(read(notebook)).facts()
    except transform.Unavailable as problem:
        return empty(str(problem))
    except Exception as problem:  # a mistake of the analysis is no failure of the notebook
        return empty("the source could not be analysed: %s" % type(problem).__name__)


def lines(text):
    """Returns for each line of the code that Python runs the line of the cell, or None where they are the same.

    IPython takes empty lines and cell magics away and joins the lines of a long magic, so a traceback and a function's
    co_firstlineno count otherwise than the user does: line n of the code is lines(text)[n - 1] of the cell.
    """
    if text in KNOWN:
        return KNOWN[text]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return source.Reader().read(0, text, ()).numbers
    except Exception:  # a line number is not worth a run
        return None


def is_python(language):
    name = str(language or "python").strip().lower()
    return name.startswith(("python", "ipython"))


def empty(detail):
    return {
        "done": False, "detail": detail, "lint": [], "cells": [], "noneGuards": [], "nanGuards": [], "checks": 0,
        "checkedCells": [], "responseChecked": False, "returnCodeChecked": False,
    }


def read(notebook):
    """Returns the code cells, read."""
    reader = source.Reader()
    return [
        reader.read(index, text_of(cell), tags_of(cell))
        for index, cell in enumerate(notebook.get("cells") or [])
        if isinstance(cell, dict) and cell.get("cell_type") == "code"
    ]


def text_of(cell):
    text = cell.get("source")
    if isinstance(text, list):
        text = "".join(part for part in text if isinstance(part, str))
    return text if isinstance(text, str) else ""


def tags_of(cell):
    metadata = cell.get("metadata")
    found = metadata.get("tags") if isinstance(metadata, dict) else None
    return frozenset(tag for tag in found if isinstance(tag, str)) if isinstance(found, list) else frozenset()


class Analysis:
    """The whole notebook, read."""

    def __init__(self, cells):
        KNOWN.clear()
        KNOWN.update((cell.text, cell.numbers) for cell in cells)
        self.cells = cells
        # Cells that never run neither define nor check anything.
        self.parsed = [cell for cell in cells if cell.tree is not None and not cell.skipped]
        self.names = Names(self.parsed)
        self.checks = [check for cell in self.parsed for check in checks.find(cell, self.names)]
        self.response_checked = any(checks.looks_at_response(cell.tree) for cell in self.parsed)
        self.exit_code_checked = any(checks.looks_at_exit_code(cell.tree) for cell in self.parsed)
        self.checked_names = checks.handed_on(self.parsed, self.names, self.checks)
        for check in self.checks:
            self.checked_names |= check.names
        self.handed_on = lint_await.handed_on(self.parsed)
        self.loaded = {
            syntax.chain(node) for cell in self.parsed for node in cell.tree.of(ast.Name, ast.Attribute)
            if isinstance(node.ctx, ast.Load)
        }
        # Jupyter can be told to show every expression of a cell.
        self.displays_all = any("ast_node_interactivity" in cell.text for cell in cells)

    def facts(self):
        none, nan = set(self.checked_names), set()
        for cell in self.parsed:
            none |= guards.of_none(cell.tree, self.names)
            nan |= guards.of_nan(cell.tree, self.names)
        return {
            "done": True,
            "detail": "",
            "lint": lint.findings(self),
            "cells": [self.cell_facts(cell) for cell in self.cells],
            "noneGuards": scopes.listed(none),
            "nanGuards": scopes.listed(nan),
            "checks": len(self.checks),
            "checkedCells": sorted({check.cell for check in self.checks}),
            "responseChecked": self.response_checked,
            "returnCodeChecked": self.exit_code_checked,
        }

    def cell_facts(self, cell):
        facts = {
            "index": cell.index,
            "parsed": cell.tree is not None,
            "magic": cell.magics[0] if cell.magics else "",
            "commands": [],
            "scope": NO_SCOPE,
            "functions": [],
        }
        if cell.tree is None:
            return facts
        facts["commands"] = shell.commands(cell.tree)
        module = cell.tree.module
        facts["scope"] = scopes.Scope(cell, cell.tree.own(module), self.names).facts(module.body)
        if cell.timed:
            # What a timed cell binds is gone when it ends.
            facts["scope"].update(binds={}, last=None)
        facts["functions"] = [
            self.function_facts(function) for function in self.names.by_cell.get(cell, [])[:MAX_FUNCTIONS]
            if len(function.name) <= scopes.MAX_NAME
        ]
        return facts

    def function_facts(self, function):
        return {
            "name": function.name,
            "line": function.line,
            "returns": function.returns,
            "scope": scopes.Scope(function.cell, function.own, self.names).facts(function.node.body),
        }


NO_SCOPE = {
    "binds": {}, "mutates": [], "loads": [], "nanLiteral": False, "reads": False, "asksMissing": False, "last": None,
}
