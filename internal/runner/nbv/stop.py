"""Ends every process that the run started, also those that detached themselves."""

import ctypes
import os
import signal
import time

PR_SET_CHILD_SUBREAPER = 36
KILL_SECONDS = 5.0


def on_signals(run_json):
    """A deleted pod ends at once: kernel killed, no result left behind."""

    def handler(number, _frame):
        kill_everything_started()
        try:
            os.unlink(run_json)
        except OSError:
            pass
        os._exit(128 + number)

    signal.signal(signal.SIGTERM, handler)
    signal.signal(signal.SIGINT, handler)


def adopt_orphans():
    """Makes processes that lose their parent children of this one, so they are found."""
    try:
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    except (OSError, AttributeError):
        pass


def kill_group(pid):
    """Kills the process group of pid, unless it is the runner's own."""
    try:
        group = os.getpgid(pid)
        if group != os.getpgrp():
            os.killpg(group, signal.SIGKILL)
    except OSError:
        pass


def kill_everything_started():
    """Kills all living descendants; each round also finds what forked meanwhile."""
    end = time.monotonic() + KILL_SECONDS
    while True:
        alive = living_descendants(os.getpid())
        if not alive or time.monotonic() > end:
            return
        for pid in alive:
            kill_group(pid)
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        time.sleep(0.01)


def living_descendants(root):
    """Returns the process ids below root, zombies left out."""
    children, states = {}, {}
    for pid, (state, parent) in processes():
        states[pid] = state
        children.setdefault(parent, []).append(pid)
    found, waiting = [], [root]
    while waiting:
        for pid in children.get(waiting.pop(), []):
            waiting.append(pid)
            if states[pid] not in "ZX":
                found.append(pid)
    return found


def processes():
    """Yields (pid, (state, parent pid)) of every process that can be seen."""
    try:
        names = os.listdir("/proc")
    except OSError:
        return
    for name in filter(str.isdigit, names):
        try:
            with open("/proc/%s/stat" % name, "rb") as stat:
                # The name in parentheses may hold anything, also ")".
                fields = stat.read().rpartition(b")")[2].split()
            yield int(name), (fields[0].decode(), int(fields[1]))
        except (OSError, IndexError, ValueError):
            continue
