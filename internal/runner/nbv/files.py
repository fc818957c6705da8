"""The files that a run leaves: run.json and, where the notebook could be read, executed.ipynb."""

import json
import os
import shutil
import tempfile

RUN, EXECUTED = "run.json", "executed.ipynb"


def write(result, folder):
    """Writes executed.ipynb first: its size may add a note to run.json."""
    cells = result.cells_as_json()  # before outputs are dropped from the notebook
    if result.notebook is not None:
        # Whether they can be imported is known only where a notebook was read.
        from . import conventions, executed

        conventions.describe(result)
        data = executed.encode(result.notebook, result.limits.max_executed_bytes, result.note)
        write_atomically(os.path.join(folder, EXECUTED), data)
    data = json.dumps(result.as_json(cells), ensure_ascii=True, allow_nan=False)
    write_atomically(os.path.join(folder, RUN), data.encode("ascii"))


def remove(path):
    """Removes whatever has this name; the notebook may have put a folder or a link there."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
    elif os.path.lexists(path):
        os.unlink(path)


def write_atomically(path, data):
    """A reader sees the whole file or none, also after a power cut."""
    descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".nbv-")
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    # The report container runs as another user and must be able to read it.
    os.chmod(temporary, 0o644)
    remove(path)
    os.replace(temporary, path)
    folder = os.open(os.path.dirname(path), os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
