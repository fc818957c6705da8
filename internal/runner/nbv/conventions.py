"""What other tools leave in a notebook, and what this one leaves for them: the conventions of papermill and nbmake."""

import datetime
import time

from . import injection, notebook, record

BANNER = "papermill-error-cell-tag"
# Times of an earlier run that Jupyter wrote beside the settings of this one.
STALE = ("iopub.", "shell.")


def tidy(node, note):
    """Takes out what an earlier run left behind; what a person set stays as it is."""
    for cell in node["cells"]:
        if BANNER in notebook.tags(cell):
            # Emptied, not removed: all other cells keep their numbers.
            cell["source"], cell["metadata"] = "", {}
    for owner in [node] + node["cells"]:
        owner["metadata"].pop("papermill", None)
        execution = owner["metadata"].get("execution")
        if isinstance(execution, dict):
            for key in [key for key in execution if key.startswith(STALE)]:
                del execution[key]
    execution = node["metadata"].get("execution")
    if isinstance(execution, dict) and execution.get("allow_errors") is True:
        note("metadata.execution.allow_errors of the notebook is not honoured: an error ends the run and fails; "
             "tag a cell raises-exception where its error is meant")


def describe(result):
    """Writes how the run went into the metadata of the notebook and its code cells, as papermill does."""
    steps = injection.steps(result)
    cells = [of_cell(cell, result) for cell in steps]
    for cell, facts in zip(steps, cells):
        cell.node["metadata"]["papermill"] = facts
    done = result.outcome == "completed" or (result.outcome == "exited" and not result.exit_code)
    result.notebook["metadata"]["papermill"] = {
        "parameters": result.parameters,
        "start_time": result.started_at,
        "end_time": record.timestamp(record.moment()),
        "duration": round(time.monotonic() - result.started, 6),
        "exception": any(facts["exception"] for facts in cells),
        "status": "completed" if done else "failed",
    }


def of_cell(cell, result):
    if cell.status in ("skipped", "not_run"):
        # papermill itself calls such cells completed or pending; neither is true.
        status = cell.status.replace("_", "-")
        return {"start_time": None, "end_time": None, "duration": None, "exception": None, "status": status}
    failed = cell.status not in ("ok", "exited") or (cell.status == "exited" and bool(result.exit_code))
    ended = cell.began + datetime.timedelta(seconds=cell.seconds)
    return {
        "start_time": record.timestamp(cell.began),
        "end_time": record.timestamp(ended),
        "duration": round(cell.seconds, 6),
        "exception": failed,
        "status": "failed" if failed else "completed",
    }
