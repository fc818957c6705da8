"""What is known of the cell that runs, and how it is written down."""

import hashlib
import json
import os
import threading
from time import perf_counter, thread_time

from . import calls, values

SECONDS = 0.1  # of looking at values, at most for each cell
# For the notebook: once that much, and a share of its time on top; a little is left for every cell.
START_SECONDS, SHARE, LEAST_SECONDS = 0.1, 0.04, 0.005
ELEMENTS = 20_000_000
MAX_DISPLAYED = 3
MAX_VALUES = 200
MAX_WARNINGS = 50
MAX_THREADS = 50
MAX_BYTES = 60_000
MISSING = object()


class Observer:
    """Sees the cells of one notebook."""

    def __init__(self, shell, plan, path):
        self.shell, self.plan, self.path = shell, plan, path
        self.encode = json.JSONEncoder(allow_nan=False).encode
        self.pid = os.getpid()
        self.installed, self.total = perf_counter(), 0.0
        # Taken while something is looked at: what happens meanwhile is not the notebook's.
        self.busy = None
        self.key = None
        # A thread may end, and a warning come, between two cells: the next one tells it.
        self.warnings, self.threads = [], []
        self.calls, self.files = calls.Watch(self), {}
        self.reset()

    def reset(self):
        self.displayed, self.exit_codes = [], []
        self.started = self.cost = 0.0
        left = START_SECONDS + SHARE * (perf_counter() - self.installed) - self.total
        self.seconds = min(SECONDS, max(LEAST_SECONDS, left))
        self.budget = values.Budget(self.seconds, ELEMENTS)

    def begin(self, source, stored):
        """A cell begins. Cells that a cell runs itself are part of it: they are not stored."""
        if self.key is not None and not stored:
            return
        begun = thread_time()
        self.reset()
        self.key = hashlib.sha256(source.encode("utf-8", "replace")).hexdigest()
        planned = self.wanted()
        self.calls.begin(planned.get("calls", ()), planned.get("leads", ()))
        self.started, self.cost = perf_counter(), thread_time() - begun

    def compiled(self, code):
        """The code of a cell, or a part of it, is about to run."""
        if self.key is not None and type(code) is type(self.compiled.__code__):
            self.files[code.co_filename] = self.wanted().get("lines")
            self.calls.compiled(code)

    def line(self, number, filename):
        """Returns the line of the cell for one of the code that Python runs: IPython takes some lines away."""
        numbers = self.files.get(filename)
        return numbers[number - 1] if numbers and 0 < number <= len(numbers) else number

    def wanted(self):
        """Returns the part of the plan that is about the cell that runs."""
        return self.plan["cells"].get(self.key, {})

    def end(self):
        if self.key is None:
            return
        ended, begun = perf_counter(), thread_time()
        try:
            self.calls.end()
            if os.getpid() == self.pid:  # a fork of the kernel has nothing to tell
                self.write(self.facts(ended - self.started, begun))
        finally:
            self.key = None
            self.total += self.cost + thread_time() - begun

    def facts(self, seconds, begun):
        self.busy = threading.get_ident()
        try:
            self.budget.deadline = begun + max(0.0, self.seconds - self.cost)
            found = {
                "values": self.values(),
                "displayed": self.displayed[-MAX_DISPLAYED:],
                "calls": self.calls.seen,
                "warnings": self.warnings[:MAX_WARNINGS],
                "threads": self.threads[:MAX_THREADS],
                "exitCode": next((code for code in reversed(self.exit_codes) if code), 0) if self.exit_codes else None,
                "seconds": seconds,
                "cost": self.cost + thread_time() - begun,
            }
            self.warnings, self.threads = [], []
        finally:
            self.busy = None
        return found

    def values(self):
        found = {}
        for name in (self.wanted().get("names", []) + self.plan["watch"])[:MAX_VALUES]:
            value = self.find(name)
            if value is not MISSING and name not in found and not values.is_code(value):
                found[name] = values.summarise(value, self.budget)
        return found

    def find(self, name):
        """Returns what a name, or a dotted name, stands for; only attributes that an instance itself holds count."""
        first, *rest = name.split(".")
        value = self.shell.user_ns.get(first, MISSING)
        for attribute in rest:
            if value is MISSING:
                break
            value = values.instance_dict(value).get(attribute, MISSING)
        return value

    def write(self, facts):
        data = self.encode({"key": self.key, "facts": facts})
        while len(data) > MAX_BYTES and facts["calls"]:
            facts["calls"] = facts["calls"][: len(facts["calls"]) // 2]
            data = self.encode({"key": self.key, "facts": facts})
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND)
        try:
            # Whatever the notebook has written here, the line begins anew.
            os.write(descriptor, ("\n" + data + "\n").encode("ascii"))
        finally:
            os.close(descriptor)

    def look(self, value):
        """Summarises a value while the cell runs, and counts what that costs."""
        begun, self.busy = thread_time(), threading.get_ident()
        try:
            self.budget.deadline = begun + max(0.0, self.seconds - self.cost)
            return values.summarise(value, self.budget)
        finally:
            self.busy = None
            self.cost += thread_time() - begun

    def display(self, value):
        if self.key is not None:
            self.displayed = self.displayed[1 - MAX_DISPLAYED:] + [self.look(value)]

    def exited(self, code):
        if self.key is not None and type(code) is int and abs(code) < 2 ** 31:
            self.exit_codes = self.exit_codes[-1000:] + [code]

    def warned(self, category, message, line, own):
        if len(self.warnings) < MAX_WARNINGS:
            name = values.qualname_of(category).rpartition(".")[2]
            self.warnings.append({"category": name[:100], "message": message[:200], "line": line, "own": own})

    def thread_ended(self, exception):
        if exception is not SystemExit and len(self.threads) < MAX_THREADS:
            self.threads.append(values.qualname_of(exception)[:100])
