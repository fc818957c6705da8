"""Has the source analysed, and the observer compiled, while the kernel starts."""

import contextlib
import json
import os
import select
import signal
import time

from . import bytecode, schema

# The kernel, which starts meanwhile, is what all wait for.
NICENESS = 5
MAX_BYTES = 8 << 20
SECONDS = 60.0


def nothing(detail):
    """The analysis of a notebook that could not be read."""
    return {
        "done": False, "detail": detail[:1000], "lint": [], "cells": [], "noneGuards": [], "nanGuards": [], "checks": 0,
        "checkedCells": [], "responseChecked": False, "returnCodeChecked": False,
    }


class Reading:
    """The analysis in the making, in a process of its own.

    What a parser does with a strange source, be it a crash, ends that process
    only; and it takes no time where a second processor is free.
    """

    def __init__(self, notebook, language, folder, wanted=True):
        self.begun, self.pid, self.reader = time.monotonic(), None, None
        self.problem = "the source of %s is not analysed" % (language or "this language")
        if not wanted:
            self.problem = "it was not asked for"
        if not wanted or not language.lower().startswith("python"):
            return
        reader, writer = os.pipe()
        try:
            self.pid = os.fork()
        except OSError as problem:
            os.close(reader)
            os.close(writer)
            self.problem = "no process could be started for the analysis: %s" % problem.strerror
            return
        if self.pid == 0:
            work(notebook, language, folder, writer)
        os.close(writer)
        self.reader = reader

    def result(self, remaining):
        """Waits, at most that long, and returns (the analysis, lines); the analysis says itself if it is none.

        Lines are, by the index of a cell, the line of the cell for each line of the code that Python runs, where
        these are not the same.
        """
        if self.pid is None:
            return nothing(self.problem), {}
        data, until = b"", max(self.begun + SECONDS, time.monotonic() + 1.0)
        until = min(until, time.monotonic() + max(0.1, remaining))
        while True:
            ready, _, _ = select.select([self.reader], [], [], max(0.0, until - time.monotonic()))
            piece = os.read(self.reader, 1 << 20) if ready else None
            if not piece or len(data) > MAX_BYTES:
                break
            data += piece
        self.stop()
        if piece is None:
            return nothing("the analysis of the source took too long"), {}
        return decode(data)

    def stop(self):
        """Ends the process; nothing is left of it."""
        if self.pid is None:
            return
        os.close(self.reader)
        try:
            os.kill(self.pid, signal.SIGKILL)
        except OSError:
            pass
        try:
            os.waitpid(self.pid, 0)
        except OSError:
            pass
        self.pid = None


def decode(data):
    if len(data) > MAX_BYTES:
        return nothing("the analysis of the source is larger than %d MiB" % (MAX_BYTES >> 20)), {}
    try:
        told = schema.READING(json.loads(data))
        return told["analysis"], {int(index): numbers for index, numbers in told["lines"].items()}
    except schema.Wrong:
        return nothing("the analysis of the source has a form of its own"), {}
    except (ValueError, RecursionError):
        return nothing("the analysis of the source ended before its time"), {}


def work(notebook, language, folder, writer):
    """The other process: analyses, tells, and leaves without a trace but the compiled observer."""
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        with contextlib.suppress(OSError):  # a courtesy
            os.nice(NICENESS)
        try:
            found = read(notebook, language)
        except Exception as problem:  # a strange source is no reason not to run it
            said = "the source could not be analysed: %s: %s" % (type(problem).__name__, problem)
            found = {"analysis": nothing(said), "lines": {}}
        with contextlib.suppress(Exception):  # without it the kernel compiles the observer itself
            bytecode.prepare(folder)
        data = json.dumps(found, allow_nan=False).encode("ascii")
        while data:
            data = data[os.write(writer, data):]
    finally:
        os._exit(0)


def read(notebook, language):
    # Slow to import, and not needed in the runner itself.
    from . import analysis

    found, lines = analysis.analyse(notebook, language), {}
    for index, cell in enumerate(notebook["cells"]):
        numbers = analysis.lines(cell["source"]) if found["done"] and cell["cell_type"] == "code" else None
        if numbers is not None:
            lines[index] = list(numbers)
    return {"analysis": found, "lines": lines}
