"""Tells whether the kernel of the operating system killed something for lack of memory."""

import os


def oom_kills(root):
    """Returns how often a process of this container was killed for lack of memory so far."""
    for path, key in candidates(root):
        count = read(path, key)
        if count is not None:
            return count
    return 0


def candidates(root):
    """Yields the counters of cgroup v2 and v1, the own group before the mounted root."""
    groups = {"v1": [], "v2": []}
    try:
        with open("/proc/self/cgroup") as file:
            for line in file:
                _, controllers, path = line.rstrip("\n").split(":", 2)
                if not controllers:
                    groups["v2"].append(path.lstrip("/"))
                elif "memory" in controllers.split(","):
                    groups["v1"].append(path.lstrip("/"))
    except (OSError, ValueError):
        pass
    for group in groups["v2"] + [""]:
        yield os.path.join(root, group, "memory.events"), "oom_kill"
    for group in groups["v1"] + [""]:
        yield os.path.join(root, "memory", group, "memory.oom_control"), "oom_kill"


def read(path, key):
    try:
        with open(path) as file:
            for line in file:
                name, _, value = line.partition(" ")
                if name == key:
                    return int(value)
    except (OSError, ValueError):
        pass
    return None
