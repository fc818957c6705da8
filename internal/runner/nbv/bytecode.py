"""Has the observer compiled while the kernel starts, so that the kernel need not do it between its start and the first cell."""

import os
import py_compile
import sys

OBSERVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "observer")


def prepare(folder):
    """Compiles the observer for this Python into the folder, which then serves as sys.pycache_prefix.

    Python names the files for its own version: a kernel of another one does not find them and compiles for itself.
    """
    sys.pycache_prefix = folder
    for name in sorted(os.listdir(OBSERVER)):
        if name.endswith(".py"):
            py_compile.compile(os.path.join(OBSERVER, name), doraise=True)
