"""One run of one notebook, from the file to the last cell."""

import importlib.metadata
import json
import os
import shutil
import time

from . import (
    cells, conventions, freeze, injection, kernel, limits, memory, notebook, observe, parameters, plan, reading, record, skips,
    text,
)


def run(result, arguments):
    """Runs the notebook and fills the result; the outcome is always set when this returns."""
    result.packages = versions()
    path = os.path.abspath(arguments.notebook)
    try:
        result.notebook, result.nbformat = notebook.load(path)
    except notebook.Invalid as problem:
        return result.finish_without_cells("invalid_notebook", str(problem))
    if result.nbformat["major"] == 3:
        result.note("the notebook has format 3; it was upgraded to format 4 in memory")
    conventions.tidy(result.notebook, result.note)
    result.cells = list(code_cells(result.notebook))
    if not any(cell.status == "not_run" for cell in result.cells):
        return result.finish("no_code_cells", "the notebook has no code cell to run")
    return run_in_kernel(result, arguments, os.path.dirname(path))


def versions():
    found = {}
    for name in ("nbclient", "nbformat", "jupyter_client", "ipykernel"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            pass
    return found


def code_cells(node):
    """Yields the record of every code cell; cells that are never to run are skipped already."""
    for index, cell in enumerate(node["cells"]):
        if notebook.is_code(cell):
            skip = skips.skips(cell["source"], notebook.tags(cell))
            yield record.Cell(index, cell, "skipped" if skip else "not_run")


def run_in_kernel(result, arguments, folder):
    own_folder = kernel.prepare_folders(arguments.output_dir)
    running = None
    try:
        name = kernel.choose(result.notebook["metadata"], result.note)
        running = kernel.Kernel(name, folder)
        result.kernel = running.facts()
        injection.prepare(result, arguments)
        observer = start(result, arguments, running, own_folder)
        kills_before = memory.oom_kills(arguments.cgroup_root)
        run_cells(result, arguments, running, observer)
        if result.outcome == "kernel_died":
            result.exit_code, result.signal = running.end()
            result.out_of_memory = memory.oom_kills(arguments.cgroup_root) > kills_before
    except kernel.Unavailable as problem:
        result.finish(problem.outcome, str(problem))
    except parameters.Invalid as problem:
        result.finish("parameters_invalid", str(problem))
    finally:
        if running is not None:
            running.kill()
        shutil.rmtree(own_folder, ignore_errors=True)


def start(result, arguments, running, own_folder):
    """Starts the kernel and the observer in it, and meanwhile reads the source and lists the packages.

    What a cell installs later is not of the image.
    """
    begun = time.monotonic()
    read = reading.Reading(result.notebook, result.kernel["language"], own_folder, arguments.observer)
    frozen = freeze.Freeze(running.manager.kernel_spec, own_folder, result.note) if arguments.freeze_seconds > 0 else None
    observer = observe.Observing(own_folder, result.note)
    try:
        running.start(max(0.1, min(arguments.startup_timeout_seconds, result.remaining())))
        result.analysis, lines = read.result(result.remaining() / 2)
        begin_to_observe(result, arguments, running, observer, lines)
    finally:
        read.stop()
        # The list is not worth the notebook's time: at least half of what is left is for the cells.
        until = min(begun + arguments.freeze_seconds, time.monotonic() + result.remaining() / 2)
        result.requirements = frozen.lines(until) if frozen else []
    observer.ready(result.remaining())
    result.observed, result.observed_detail = observer.observed, observer.detail
    return observer


def begin_to_observe(result, arguments, running, observer, lines):
    language = result.kernel["language"]
    if not arguments.observer:
        observer.decline("it was not asked for")
    elif not language.lower().startswith("python"):
        observer.decline("the kernel's language is %s" % (language or "not told"))
    else:
        planned = plan.make(result.cells, result.analysis, lines, arguments.watch)
        observer.begin(running.client, planned)


def run_cells(result, arguments, running, observer):
    injection.insert(result)
    executor = cells.Executor(result.notebook, running, arguments, result.note)
    progress = Progress(arguments.progress_file, result)
    for cell in injection.steps(result):
        if cell.status == "skipped":
            progress.ended(cell)
        elif cell is result.inserted:
            if not set_parameters(result, executor, running):
                return
        else:
            progress.begins(cell)
            ended = execute(result, executor, cell)
            cell.facts = observer.facts(cell)
            goes_on = judge(result, cell, ended, running, "raises-exception" in notebook.tags(cell.node))
            progress.ended(cell)
            if not goes_on:
                return
    result.finish("completed")


def execute(result, executor, cell):
    """Runs one cell within its limit of time; returns how it ended."""
    limit = limits.of_cell(result, cell)
    cell.began, begin = record.moment(), time.monotonic()
    ended = executor.execute(cell, limit.deadline)
    cell.seconds, ended.limit = time.monotonic() - begin, limit
    return ended


def set_parameters(result, executor, running):
    """Runs the inserted cell; the record tells of its failure in a cell of the notebook, as it has no other."""
    inserted = result.inserted
    ended = execute(result, executor, inserted)
    inserted.status = ended.status
    if ended.status == "ok":
        return True
    cell = injection.blamed(result)
    if cell.began is None:
        cell.began, cell.seconds = inserted.began, inserted.seconds
    if ended.reply:
        ended.reply["evalue"] = "the parameters could not be set: %s" % ended.reply.get("evalue", "")
    return judge(result, cell, ended, running, False)


def judge(result, cell, ended, running, expected):
    """Sets the cell's status, and the outcome if the run ends here; returns whether it goes on."""
    reply = ended.reply or {}
    cell.status = ended.status
    if reply.get("status") == "error":
        cell.set_error(reply.get("ename", ""), reply.get("evalue", ""), "\n".join(reply.get("traceback", [])))
    if ended.status == "ok" or (ended.status == "error" and expected and cell.error):
        cell.status = "ok"
        return True
    if ended.status == "timeout":
        result.time_limit = ended.limit
        sentence = "the time of %g s was used up in cell %d" % (ended.limit.seconds, cell.index)
        result.finish("timeout", sentence, cell.index)
    elif ended.status == "died":
        result.finish("kernel_died", running.log.tail(), cell.index)
    elif cell.error is None:
        cell.set_error("KernelError", "the kernel answered with status %s" % reply.get("status"), "")
        result.finish("error", cell.error["value"], cell.index)
    elif cell.error["name"] == "SystemExit":
        exited(result, cell, reply.get("evalue", ""))
    else:
        result.finish("error", cell.error["name"] + ": " + cell.error["value"], cell.index)
    return False


def exited(result, cell, value):
    """The notebook ended itself, as a script does by sys.exit."""
    cell.status = "exited"
    result.exit_code, detail = exit_code(value)
    result.finish("exited", detail, cell.index if result.exit_code else None)


def exit_code(value):
    """Returns (exit code, text) of what SystemExit was raised with; only its text is known."""
    if value in ("", "None", "False"):
        return 0, ""
    try:
        code = int(value)
    except ValueError:
        return 1, value
    if str(code) != value:  # only a text is written like "007"
        return 1, value
    # Beyond 32 bits nothing distinguishes one failure from another.
    return max(-(2 ** 31), min(2 ** 31 - 1, code)), ""


class Progress:
    """Says where the run is, for people in the log and for the pod's status in a file."""

    def __init__(self, path, result):
        self.path, self.result = path, result
        self.done, self.total = 0, len(result.cells)

    def begins(self, cell):
        self.write(cell)

    def ended(self, cell):
        self.done += 1
        if cell.status != "skipped":
            self.write(cell)
        line = "[%d/%d] cell %d %s %.2fs" % (self.done, self.total, cell.index, cell.status, cell.seconds)
        print(line, flush=True)

    def write(self, cell):
        if not self.path:
            return
        facts = {
            "cell": cell.index,
            "id": cell.node["id"],
            "done": self.done,
            "total": self.total,
            "seconds": round(time.monotonic() - self.result.started, 3),
        }
        try:
            # In place: the file is mounted into the container and cannot be replaced.
            with open(self.path, "w") as file:
                json.dump(facts, file)
        except OSError:
            # Progress is a convenience; the result does not depend on it.
            self.path = ""
