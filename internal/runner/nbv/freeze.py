"""Lists the packages that the notebook can import, before its first cell can change them."""

import contextlib
import os
import string
import subprocess
import sys
import threading
import time

from . import kernel, stop

MAX_BYTES = 256 << 10
# The kernel, which starts meanwhile, and the analysis of the source are more urgent.
NICENESS = 10
PIP_FREEZE = ["-m", "pip", "--isolated", "--disable-pip-version-check", "freeze"]
PIP_IS_MISSING = "No module named pip"
WITHOUT_PIP = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "installed.py")]
# They change what Python itself prints, keep it from ending, or name another Python.
UNWANTED = ("PYTHONEXECUTABLE", "PYTHONINSPECT", "PYTHONWARNINGS")


class Unknown(Exception):
    """The packages cannot be listed; the text says why."""


class Freeze:
    """The list in the making: it begins at once, so that the kernel can start meanwhile."""

    def __init__(self, spec, folder, note):
        # A folder of its own stays empty, whatever else the run keeps: a pip.py in it would be taken for pip.
        self.folder = os.path.join(folder, "packages")
        self.note, self.environ = note, surroundings(spec)
        self.python = python_of(spec)
        if self.python is None:
            self.python = [sys.executable]
            if str(spec.language).lower().startswith("python"):
                note("requirements.lock is of the image's python3: the kernel does not tell which Python it runs in")
        self.listing = Listing(self.python + PIP_FREEZE, self.environ, self.folder)

    def lines(self, until):
        """Waits, at most until then, and returns the lines; none, and a note, where there is no list."""
        try:
            return self.wait(until)
        except Unknown as problem:
            self.note("requirements.lock was not made: %s" % problem)
            return []

    def wait(self, until):
        code, output, said = self.listing.end(until)
        if code != 0 and PIP_IS_MISSING in said:
            self.note("requirements.lock has names and versions only: pip is not in the image")
            self.listing = Listing(self.python + WITHOUT_PIP, self.environ, self.folder)
            code, output, said = self.listing.end(until)
        if code != 0:
            last = said.split("\n")[-1]
            raise Unknown("pip freeze ended with exit code %d%s" % (code, ": " + last if last else ""))
        if not output:
            raise Unknown("pip freeze lists no package")
        return output


def python_of(spec):
    """Returns the command that starts the kernel's Python, None where its kernel.json does not tell."""
    argv = [str(part) for part in spec.argv]
    command = argv[: argv.index("-m")] if "-m" in argv else []
    names = [os.path.basename(part) for part in command]
    if not any(name.startswith(("python", "pypy")) for name in names) or any("{" in part for part in command):
        return None
    # Jupyter, too, takes a bare name for the Python that it runs in itself.
    version = sys.version_info
    bare = ("python", "python%d" % version[0], "python%d.%d" % version[:2])
    return [sys.executable] + command[1:] if command[0] in bare else command


def surroundings(spec):
    """Returns the environment of the kernel without what would bend the list.

    What the image or the run sets for pip does not count: PIP_USER=1, which
    many images have, would hide all but the packages of the user.
    """
    environ = dict(os.environ)
    for name, value in (getattr(spec, "env", None) or {}).items():
        environ[name] = string.Template(str(value)).safe_substitute(os.environ)
    for name in list(environ):
        if name in UNWANTED or name.startswith("PIP_"):
            del environ[name]
    environ.update(PIP_CONFIG_FILE=os.devnull, PYTHONIOENCODING="utf-8", PYTHONDONTWRITEBYTECODE="1")
    return environ


class Listing:
    """One program that prints packages; its output is kept in memory, out of the notebook's reach."""

    def __init__(self, command, environ, folder):
        self.output, self.problem, self.errors = b"", None, kernel.Log()
        self.begun = time.monotonic()
        try:
            os.makedirs(folder, exist_ok=True)
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self.errors.writer,
                start_new_session=True,
            )
        except (OSError, ValueError) as problem:
            self.problem = "%s cannot be started: %s" % (command[0], problem)
        if self.problem is None:
            with contextlib.suppress(OSError):  # it may have ended already
                os.setpriority(os.PRIO_PROCESS, self.process.pid, NICENESS)
        self.readers = [self.errors.follow(), threading.Thread(target=self._read, daemon=True)]
        self.readers[1].start()

    def _read(self):
        if self.problem is None:
            with self.process.stdout as pipe:  # closed early, a flood ends by itself
                self.output = pipe.read(MAX_BYTES + 1)

    def end(self, until):
        """Returns (exit code, lines, end of the error text) of a program that ended in time."""
        if self.problem is not None:
            raise Unknown(self.problem)
        for reader in self.readers:
            reader.join(max(0.0, until - time.monotonic()))
        try:
            code = self.process.wait(max(0.01, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            code = None
        if code is None or any(reader.is_alive() for reader in self.readers):
            stop.kill_group(self.process.pid)
            self.process.wait()
            raise Unknown("pip freeze did not end within %.1f s" % (time.monotonic() - self.begun))
        if len(self.output) > MAX_BYTES:
            raise Unknown("pip freeze printed more than %d KiB" % (MAX_BYTES >> 10))
        lines = self.output.decode("utf-8", "replace").split("\n")
        return code, [line for line in lines if line], self.errors.tail()
