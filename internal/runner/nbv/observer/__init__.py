"""Records, inside the kernel, what the cells of a notebook leave behind.

It records facts and judges nothing, prints nothing and raises nothing: the
notebook must run as it does without it. All state is in these modules, which no
name of the notebook refers to.
"""

import io
import json

from . import cell, hooks


def install(shell, plan_path, facts_path):
    """Begins to observe; the plan says which names matter in which cell."""
    with io.open(plan_path, encoding="utf-8") as file:
        plan = json.load(file)
    hooks.install(shell, cell.Observer(shell, plan, facts_path))
