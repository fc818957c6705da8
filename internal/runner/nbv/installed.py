"""Prints names and versions of the installed packages as pip freeze does, in images without pip.

A program of its own: the kernel's Python, which may be another than the
runner's, runs it.
"""

import importlib.metadata
import re
import sys


def listed():
    """Returns the lines in the order of pip; of two packages of one name the first that Python finds counts."""
    # pip, too, lists these only where Python does not bring them along.
    hidden = {"pip"} if sys.version_info >= (3, 12) else {"pip", "setuptools", "distribute", "wheel"}
    found = {}
    for package in importlib.metadata.distributions():
        try:
            name, version = package.metadata["Name"], package.version
        except (KeyError, TypeError):  # what an interrupted installation left, in later versions of Python
            continue
        if name and version:
            canonical = re.sub(r"[-_.]+", "-", name).lower()
            found.setdefault(canonical, (name.lower(), "%s==%s" % (name, version)))
    return [line for _, line in sorted(found[canonical] for canonical in found if canonical not in hidden)]


if __name__ == "__main__":
    del sys.path[0]  # the folder of this file
    print("\n".join(listed()))
