"""Lint: places in the source that break a rule. What a rule means for the verdict is decided elsewhere."""

from . import lint_await, lint_checks, lint_errors, lint_files, lint_lost, lint_muted, lint_network, lint_values

MAX_FINDINGS = 2000
RULES = (
    lint_errors.find, lint_muted.find, lint_network.find, lint_files.find, lint_values.find, lint_lost.find,
    lint_await.find, lint_checks.find,
)


def findings(analysis):
    """Returns facts.Lint for the whole notebook, in the order of its cells and lines."""
    found = {}
    for cell in analysis.cells:
        if cell.skipped:
            continue
        if cell.error is not None and "raises-exception" not in cell.tags:
            add(found, cell.index, cell.error[0], "NB001", "", cell.error[1])
        if cell.tree is not None:
            for rule in RULES:
                for number, node, name, detail in rule(analysis, cell):
                    add(found, cell.index, node.lineno, number, name or "", detail)
    if lint_checks.is_unchecked(analysis):
        add(found, None, 0, "NB402", "", "")
    every = sorted(found.values(), key=lambda item: (item["cell"] is None, item["cell"], item["line"], item["rule"]))
    return every[:MAX_FINDINGS]


def add(found, cell, line, rule, name, detail):
    """Adds a finding; the same one twice on a line helps nobody."""
    key = cell, line, rule, name
    found.setdefault(key, {"rule": rule, "cell": cell, "line": line, "name": name[:200], "detail": detail[:200]})
