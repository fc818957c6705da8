"""Knows the cells that never run. The report knows them too, in Go: a cell skipped beyond these is not believed."""

import re

TAGS = ("skip-execution", "nbval-skip", "papermill-error-cell-tag")
# A line of its own, as nbval wants it.
COMMENT = re.compile(r"^[ \t]*#+[ \t]*NBVAL_SKIP[ \t]*\r?$", re.MULTILINE)


def skips(source, tags):
    """Returns whether a code cell with this source and these tags is left out."""
    return not source.strip() or any(tag in tags for tag in TAGS) or bool(COMMENT.search(source))
