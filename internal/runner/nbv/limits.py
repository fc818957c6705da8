"""How long a cell may run, and what set that limit."""

import math
import time

LONGEST_SECONDS = 366 * 24 * 3600.0


class Limit:
    """The moment a cell must have ended by; kind is notebook, cell, cellMetadata or notebookMetadata."""

    def __init__(self, kind, seconds, deadline):
        self.kind, self.seconds, self.deadline = kind, seconds, deadline

    def as_json(self):
        return {"kind": self.kind, "seconds": self.seconds}


def of_cell(result, cell):
    """Returns what limits the cell: the end of the notebook's own time wherever that is nearer."""
    whole = Limit("notebook", result.limits.timeout_seconds, result.deadline)
    kind, seconds = nearest(result, cell)
    if seconds <= 0:
        return whole
    deadline = time.monotonic() + seconds
    return whole if whole.deadline <= deadline else Limit(kind, seconds, deadline)


def nearest(result, cell):
    """Returns (kind, seconds) of the most particular limit, which may be 0 to say that there is none."""
    own = seconds_of(cell.node["metadata"])
    if own is not None:
        return "cellMetadata", own
    of_all = seconds_of(result.notebook["metadata"])
    if of_all is not None:
        return "notebookMetadata", of_all
    return "cell", result.limits.cell_timeout_seconds


def seconds_of(metadata):
    """Returns metadata.execution.timeout, 0 where it says that there is no limit, None where it says nothing."""
    execution = metadata.get("execution")
    if not isinstance(execution, dict) or "timeout" not in execution:
        return None
    seconds = execution["timeout"]
    if seconds is None:
        return 0.0
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        return None
    if isinstance(seconds, float) and math.isnan(seconds):
        return None
    return float(max(0, min(seconds, LONGEST_SECONDS)))
