"""Runs one notebook by nbclient and nothing else, as people do, and writes what came of it and how long that took."""

import json
import os
import sys
import time

STARTED = time.perf_counter()

import nbformat  # noqa: E402
from nbclient import NotebookClient  # noqa: E402
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError  # noqa: E402


def clean(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}


def skipped(cell):
    return cell.cell_type != "code" or "skip-execution" in cell.metadata.get("tags", []) or not cell.source.strip()


def execute(notebook, folder, timeout):
    """Runs the cells and returns the times and the error that ended the run, empty for none."""
    client = NotebookClient(notebook, timeout=timeout, kernel_name="python3", resources={"metadata": {"path": folder}})
    error = ""
    with client.setup_kernel():
        ready = time.perf_counter()
        try:
            for index, cell in enumerate(notebook.cells):
                if not skipped(cell):
                    client.execute_cell(cell, index)
        except CellExecutionError as problem:
            # Older versions of nbclient do not keep the name: it is at the start of the last line then.
            error = getattr(problem, "ename", "") or str(problem).strip().splitlines()[-1].split(":")[0]
        except (CellTimeoutError, DeadKernelError) as problem:
            error = type(problem).__name__
        done = time.perf_counter()
    return {"error": error, "startup": ready - STARTED, "cells": done - ready}


def main(path, executed, result, timeout):
    notebook = nbformat.read(path, 4)
    clean(notebook)
    record = execute(notebook, os.path.dirname(os.path.abspath(path)), int(timeout))
    record["total"] = time.perf_counter() - STARTED
    nbformat.write(notebook, executed)
    with open(result, "w") as file:
        json.dump(record, file)
    sys.stdout.flush()
    # Message threads of the client library may wait for a kernel that is gone.
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
