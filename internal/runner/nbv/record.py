"""The record of a run: what run.json holds."""

import datetime
import platform
import time

from . import reading, text

VERSION = 2
MAX_NOTES = 50
MAX_TRACEBACK = 8 << 10
MAX_VALUE = 2 << 10
MAX_DETAIL = 4 << 10
MAX_NAME = 200
MAX_STDERR = 2 << 10


def moment():
    return datetime.datetime.now(datetime.timezone.utc)


def timestamp(of):
    return of.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def bounded(value, limit):
    return text.bound(text.clean(str(value)), limit)[0]


class Cell:
    """One code cell: where it is and how it fared."""

    def __init__(self, index, node, status):
        self.index, self.node, self.status = index, node, status
        # Where it is in the executed notebook, which may have one cell more.
        self.position = index
        self.began, self.seconds = None, 0.0
        self.error = None
        self.output_dropped = False
        self.facts = None

    def set_error(self, name, value, traceback):
        self.error = {
            "name": bounded(name, MAX_NAME),
            "value": bounded(value, MAX_VALUE),
            "traceback": bounded(traceback, MAX_TRACEBACK),
        }


class Run:
    """Everything known about the run; built up as it goes, written at its end."""

    def __init__(self, arguments, started):
        self.limits = arguments
        self.started = started
        self.deadline = started + arguments.timeout_seconds
        self.started_at = timestamp(moment())
        self.outcome, self.detail = "", ""
        self.notes, self.cells, self.packages, self.requirements = [], [], {}, []
        self.failed_cell = self.exit_code = self.signal = None
        self.out_of_memory = False
        self.parameters, self.inserted, self.time_limit = {}, None, None
        self.kernel = self.nbformat = self.notebook = None
        self.observed, self.observed_detail = False, "no cell ran"
        self.analysis = reading.nothing("")

    def note(self, sentence):
        if len(self.notes) < MAX_NOTES and sentence not in self.notes:
            self.notes.append(bounded(sentence, 500))

    def finish(self, outcome, detail="", cell=None):
        self.outcome, self.detail = outcome, bounded(detail, MAX_DETAIL)
        self.failed_cell = cell

    def finish_without_cells(self, outcome, detail):
        self.cells = []
        self.finish(outcome, detail)

    def remaining(self):
        return self.deadline - time.monotonic()

    def as_json(self, cells):
        return {
            "version": VERSION,
            "outcome": self.outcome,
            "detail": self.detail,
            "notes": self.notes,
            "failedCell": self.failed_cell,
            "exitCode": self.exit_code,
            "signal": self.signal,
            "outOfMemory": self.out_of_memory,
            "startedAt": self.started_at,
            "finishedAt": timestamp(moment()),
            "seconds": round(time.monotonic() - self.started, 6),
            "timeoutSeconds": self.limits.timeout_seconds,
            "timeLimit": self.time_limit and self.time_limit.as_json(),
            "parameters": self.parameters,
            "kernel": self.kernel,
            "python": platform.python_version(),
            "packages": self.packages,
            "requirements": self.requirements,
            "nbformat": self.nbformat,
            "observed": self.observed,
            "observedDetail": bounded(self.observed_detail, 500),
            "analysis": self.analysis,
            "cells": cells,
        }

    def cells_as_json(self):
        """Cells share one budget of text; the cell that ended the run always gets its share."""
        left, entries = self.limits.max_total_output_bytes, []
        for cell in self.cells:
            ended_here = cell.status in ("error", "timeout", "died", "exited")
            room = self.limits.max_cell_output_bytes if ended_here else left
            entry, used = self.cell_as_json(cell, room)
            left = max(0, left - used)
            entries.append(entry)
        return entries

    def cell_as_json(self, cell, room):
        output = text.of_outputs(cell.node.get("outputs", []))
        if cell.status == "exited":
            output = text.EXIT_WARNING.sub("", output)
        output, cut = text.bound(output, min(room, self.limits.max_cell_output_bytes))
        used, error = text.size(output), cell.error
        if error and cell.status == "ok":  # an expected error is output like any other
            wanted = text.size(error["traceback"]) + text.size(error["value"])
            if wanted > room - used:
                error = dict(error, traceback="", value=text.bound(error["value"], 100)[0])
                cut = True
            used += text.size(error["traceback"]) + text.size(error["value"])
        entry = {
            "index": cell.index,
            "id": cell.node["id"],
            "status": cell.status,
            "executionCount": cell.node.get("execution_count"),
            "seconds": round(cell.seconds, 6),
            "source": text.first_line(cell.node["source"]),
            "output": output,
            "outputTruncated": cut or cell.output_dropped,
            "error": error,
            "stderr": bounded(text.of_stderr(cell.node.get("outputs", [])), MAX_STDERR),
            "facts": cell.facts,
        }
        return entry, used
