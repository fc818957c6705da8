"""Runs one notebook from a fresh kernel and records, truthfully, what happened.

The only result is run.json in the output directory. The exit code is 0 whenever
run.json was written, whatever it says; every other end means that nothing is
known about the notebook.
"""

import argparse
import os
import sys
import time

sys.dont_write_bytecode = True

from nbv import files, record, stop  # noqa: E402

OLDEST_PYTHON = (3, 9)
LONGEST_SECONDS = 366 * 24 * 3600


def parse_arguments(argv):
    parser = argparse.ArgumentParser(prog="nbv_runner.py", description=__doc__, allow_abbrev=False)
    text, number, whole = {"default": ""}, {"type": float}, {"type": int}
    parser.add_argument("--notebook", required=True, help="the notebook to run")
    parser.add_argument("--output-dir", required=True, help="where run.json and executed.ipynb go")
    parser.add_argument("--timeout-seconds", required=True, help="time for the whole notebook", **number)
    parser.add_argument("--cell-timeout-seconds", default=0.0, help="time for each cell, 0 for no limit", **number)
    parser.add_argument("--startup-timeout-seconds", default=300.0, help="time for the kernel to start", **number)
    parser.add_argument("--interrupt-grace-seconds", default=5.0, help="time to end after an interrupt", **number)
    parser.add_argument("--freeze-seconds", default=120.0, help="time to list the packages, 0 not to", **number)
    parser.add_argument("--max-cell-output-bytes", default=16 << 10, help="output text kept per cell", **whole)
    parser.add_argument("--max-total-output-bytes", default=512 << 10, help="output text kept in all", **whole)
    parser.add_argument("--max-executed-bytes", default=8 << 20, help="size of executed.ipynb", **whole)
    parser.add_argument("--progress-file", help="where to say which cell is running", **text)
    parser.add_argument("--parameters", default="{}", help="what the notebook is given, a JSON object")
    parser.add_argument("--unknown-parameters", default="fail", choices=("fail", "warn"), help="what of those it does not know")
    parser.add_argument("--no-observer", dest="observer", action="store_false", help="neither analyse nor observe")
    parser.add_argument("--watch", action="append", default=[], help="a name to look at in every cell; can be repeated")
    parser.add_argument("--cgroup-root", default="/sys/fs/cgroup", help="where the memory counters are")
    arguments = parser.parse_args(argv)
    if not 0 < arguments.timeout_seconds <= LONGEST_SECONDS:
        parser.error("--timeout-seconds must be above 0 and at most %d" % LONGEST_SECONDS)
    if not 0 <= arguments.cell_timeout_seconds <= LONGEST_SECONDS:
        parser.error("--cell-timeout-seconds must be at least 0 and at most %d" % LONGEST_SECONDS)
    return arguments


def missing_parts():
    """Returns one sentence for each thing without which no notebook can run."""
    if sys.version_info < OLDEST_PYTHON:
        found = "%d.%d" % sys.version_info[:2]
        return ["the image's python3 is Python " + found + ", at least Python 3.9 is needed"]
    missing = []
    for module in ("nbclient", "nbformat", "jupyter_client"):
        try:
            __import__(module)
        except Exception as problem:  # a broken package may raise anything
            missing.append("%s cannot be imported (%s: %s)" % (module, type(problem).__name__, problem))
    return missing


def run(arguments, started):
    """Runs the notebook and returns the record of the run."""
    result = record.Run(arguments, started)
    missing = missing_parts()
    if missing:
        result.finish_without_cells("runner_missing", "; ".join(missing))
        return result
    from nbv import session

    session.run(result, arguments)
    return result


def main(argv):
    started = time.monotonic()
    arguments = parse_arguments(argv)
    os.makedirs(arguments.output_dir, exist_ok=True)
    run_json = os.path.join(arguments.output_dir, files.RUN)
    for left_over in (run_json, os.path.join(arguments.output_dir, files.EXECUTED)):
        files.remove(left_over)
    stop.on_signals(run_json)
    stop.adopt_orphans()
    result = run(arguments, started)
    stop.kill_everything_started()
    files.write(result, arguments.output_dir)
    sys.stdout.flush()
    sys.stderr.flush()
    # Leave without atexit handlers: message threads of the client libraries
    # may wait for a kernel that is gone.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
