"""Puts the observer into the kernel and collects what it records."""

import json
import os
import queue
import time

from . import bytecode, kernel, plan, schema

SECONDS = 60.0
MAX_CELL_BYTES = 64 << 10
MAX_TOTAL_BYTES = 4 << 20
# Imports the observer as a package of its own name, leaves no name and no file behind.
CODE = """(lambda sys, util: (lambda held, prefix, spec: (
    setattr(sys, "dont_write_bytecode", True),
    setattr(sys, "pycache_prefix", %r),
    sys.modules.__setitem__(spec.name, util.module_from_spec(spec)),
    spec.loader.exec_module(sys.modules[spec.name]),
    setattr(sys, "dont_write_bytecode", held),
    setattr(sys, "pycache_prefix", prefix),
    sys.modules[spec.name].install(get_ipython(), %r, %r)) and None)(
    sys.dont_write_bytecode, sys.pycache_prefix,
    util.spec_from_file_location("_notebook_validator", %r, submodule_search_locations=[%r])))(
    __import__("sys"), __import__("importlib.util").util)"""


class Observing:
    """The observer of one run; without one, the reason why there is none."""

    def __init__(self, folder, note):
        self.folder, self.note, self.file = folder, note, None
        self.client = self.request = None
        self.detail, self.total = "", 0

    @property
    def observed(self):
        return self.file is not None

    def decline(self, reason):
        self.detail = reason
        self.close()

    def close(self):
        if self.file is not None:
            self.file.close()
        self.file = None

    def begin(self, client, planned):
        """Asks the kernel to install the observer; what else there is to do can go on meanwhile."""
        plan_path = os.path.join(self.folder, "plan.json")
        facts_path = os.path.join(self.folder, "facts.jsonl")
        try:
            with open(plan_path, "w", encoding="ascii") as file:
                json.dump(planned, file)
            with open(facts_path, "xb"):
                pass
            # Held from the beginning: a notebook may put another file in its place.
            self.file = open(facts_path, "rb")
        except OSError as problem:
            return self.decline("the facts have no place: %s" % problem.strerror)
        package = os.path.join(bytecode.OBSERVER, "__init__.py")
        code = CODE % (self.folder, plan_path, facts_path, package, bytecode.OBSERVER)
        self.client = client
        self.request = client.execute(code, silent=True, store_history=False, allow_stdin=False)
        return None

    def ready(self, remaining):
        """Waits until the observer is there; whatever becomes of it, the notebook runs."""
        until = time.monotonic() + min(SECONDS, remaining / 2)
        while self.observed:
            try:
                reply = kernel.receive(self.client.get_shell_msg, max(0.01, until - time.monotonic()))
            except queue.Empty:
                return self.decline("the observer was not ready in time")
            except kernel.Foreign as problem:
                return self.decline("the kernel's answer to the observer cannot be read: %s" % problem)
            if reply["parent_header"].get("msg_id") == self.request:
                content = reply["content"]
                if content.get("status") != "ok":
                    said = "%s: %s" % (content.get("ename"), content.get("evalue"))
                    self.decline("the observer could not be installed: " + said)
                return None
        return None

    def facts(self, cell):
        """Returns the facts of the cell that ended just now, None if it was not observed."""
        if not self.observed:
            return None
        found = None
        for line in self.new_lines():
            found = decode(line, plan.key(cell.node["source"])) or found
        if found is None:
            return None
        size = len(json.dumps(found))
        if self.total + size > MAX_TOTAL_BYTES:
            self.note("the facts of some cells were left out: all together may have %d MiB" % (MAX_TOTAL_BYTES >> 20))
            return None
        self.total += size
        return found

    def new_lines(self):
        try:
            size = os.fstat(self.file.fileno()).st_size
            # Only the last line counts; of what else a notebook writes here nothing is kept.
            if size - self.file.tell() > 2 * MAX_CELL_BYTES:
                self.file.seek(size - 2 * MAX_CELL_BYTES)
            return self.file.read(2 * MAX_CELL_BYTES).split(b"\n")
        except (OSError, ValueError):
            return []


def decode(line, key):
    """Returns the facts of one line if they are of that cell and have the right form, else None."""
    if not line or len(line) > MAX_CELL_BYTES:
        return None
    try:
        told = json.loads(line)
        if type(told) is dict and told.get("key") == key:
            return schema.CELL(told.get("facts"))
    except (ValueError, RecursionError, schema.Wrong):
        pass
    return None
