"""Chooses, starts and ends the kernel."""

import os
import re
import signal
import tempfile
import threading
import time

import traitlets
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from jupyter_core.paths import jupyter_path

from . import stop, text

LOG_BYTES = 4 << 10
STARTS = 4
# How often a kernel that does not answer is looked after.
LOOK_SECONDS = 5.0
PORT_TAKEN = "Address already in use"
# What Jupyter's session raises for a message without this kernel's signature, and for what is no message.
NOT_OF_THIS_KERNEL = (ValueError, TypeError)
# What the debugger of ipykernel says of itself at every start.
DEBUGGER_NOISE = re.compile(r"^\d+\.\d+s - .*\n?", re.MULTILINE)


class Unavailable(Exception):
    """No kernel can run this notebook; outcome is the name of what happened."""

    def __init__(self, outcome, sentence):
        super().__init__(sentence)
        self.outcome = outcome


class Specs(KernelSpecManager):
    """The installed kernels. Jupyter would import IPython to know its folder and ipykernel to know its python3.

    That takes as long as a kernel takes to start.
    """

    @traitlets.default("kernel_dirs")
    def _kernel_dirs_default(self):
        own = os.environ.get("IPYTHONDIR") or os.path.join("~", ".ipython")
        return jupyter_path("kernels") + [os.path.join(os.path.expanduser(own), "kernels")]

    def get_kernel_spec(self, kernel_name):
        folder = self.find_kernel_specs().get(kernel_name)
        if folder and os.path.isfile(os.path.join(folder, "kernel.json")):
            return self.kernel_spec_class.from_resource_dir(folder)
        return super().get_kernel_spec(kernel_name)


def choose(metadata, note):
    """Returns the name of the installed kernel that the notebook is to run in."""
    installed = sorted(Specs().find_kernel_specs())
    wanted, language = wishes(metadata)
    for name in (wanted, wanted.lower()):
        if name in installed:
            return name
    python = language.startswith("python") or (not language and not wanted)
    if python and "python3" in installed:
        had = "the kernel %s is not installed" % wanted if wanted else "the notebook names no kernel"
        note("%s: it was run in the kernel python3" % had)
        return "python3"
    asked = "the kernel %s" % wanted if wanted else "a kernel for %s" % (language or "python")
    have = ", ".join(installed) or "none"
    raise Unavailable("no_such_kernel", "%s is not in the image; installed kernels: %s" % (asked, have))


def wishes(metadata):
    """Returns (kernel name, language in lower case) of the metadata, empty where not told."""
    spec, info = metadata.get("kernelspec"), metadata.get("language_info")
    spec = spec if isinstance(spec, dict) else {}
    info = info if isinstance(info, dict) else {}
    name = spec.get("name")
    language = spec.get("language") or info.get("name")
    name = text.bound(text.clean(name), 200)[0] if isinstance(name, str) else ""
    return name, language.lower() if isinstance(language, str) else ""


def prepare_folders(fallback):
    """Gives Jupyter and IPython folders they can write to, whoever the container runs as."""
    try:
        folder = tempfile.mkdtemp(prefix="nbv-")
    except OSError:
        folder = tempfile.mkdtemp(prefix=".nbv-", dir=fallback)
    os.environ["JUPYTER_RUNTIME_DIR"] = os.path.join(folder, "runtime")
    if not os.access(os.path.expanduser("~"), os.W_OK):
        os.environ.setdefault("IPYTHONDIR", os.path.join(folder, "ipython"))
    return folder


class Log:
    """Keeps the end of what the kernel process itself prints, such as a crash message."""

    def __init__(self):
        self.reader, self.writer = os.pipe()
        self.kept = b""

    def follow(self):
        os.close(self.writer)
        reader = threading.Thread(target=self._read, daemon=True)
        reader.start()
        return reader

    def _read(self):
        while True:
            piece = os.read(self.reader, 65536)
            if not piece:
                return
            self.kept = (self.kept + piece)[-LOG_BYTES:]

    def tail(self):
        said = text.clean(self.kept.decode("utf-8", "replace"))
        return DEBUGGER_NOISE.sub("", said).strip()


class Kernel:
    """One kernel process and the client that talks to it."""

    def __init__(self, name, folder):
        self.name, self.folder = name, folder
        self.renew()

    def renew(self):
        """Forgets the process and its ports."""
        self.manager = KernelManager(kernel_name=self.name, kernel_spec_manager=Specs())
        self.log, self.listener = Log(), None
        self.client = self.process = None

    def facts(self):
        spec = self.manager.kernel_spec
        return {"name": self.name, "language": str(spec.language), "displayName": str(spec.display_name)}

    def start(self, seconds):
        """Starts the process and waits until it answers.

        Jupyter chooses ports some time before the kernel takes them. Where another
        process was quicker the kernel hangs or ends, and is started again with others.
        """
        end = time.monotonic() + seconds
        for _ in range(STARTS - 1):
            self.launch()
            if self.wait(end, seconds):
                return
            self.kill_process()
            self.client.stop_channels()
            self.renew()
        self.launch()
        if not self.wait(end, seconds):
            self.give_up("other programs took its ports")

    def arguments(self):
        """Keeps IPython's history in memory, as nbclient does.

        Kernels that share a file of it wait for each other, and say so in the output of whatever cell runs.
        """
        return ["--HistoryManager.hist_file=:memory:"] if "ipykernel_launcher" in self.manager.kernel_spec.argv else []

    def launch(self):
        try:
            self.manager.start_kernel(
                cwd=self.folder, stdout=self.log.writer, stderr=self.log.writer, extra_arguments=self.arguments()
            )
        except Exception as problem:  # whatever the launcher raises, there is no kernel
            facts = (self.name, type(problem).__name__, problem)
            raise Unavailable("kernel_start_failed", "the kernel %s cannot be started: %s: %s" % facts) from None
        self.listener = self.log.follow()
        provisioner = getattr(self.manager, "provisioner", None)
        self.process = getattr(provisioner, "process", None) or getattr(self.manager, "kernel", None)
        self.client = self.manager.client()
        self.client.start_channels()

    def wait(self, end, seconds):
        """Waits until the kernel answers; returns False if it lost its ports to another process."""
        while True:
            left = end - time.monotonic()
            try:
                self.client.wait_for_ready(timeout=max(0.1, min(LOOK_SECONDS, left)))
                return True
            except NOT_OF_THIS_KERNEL:
                return False
            except RuntimeError:
                alive = self.alive()
                if not alive:
                    self.listener.join(1.0)  # its last words may be on their way
                if PORT_TAKEN in self.log.tail() and hasattr(self.process, "pid"):
                    return False
                if not alive:
                    self.give_up("it ended before it answered")
                if left <= LOOK_SECONDS:
                    self.give_up("it runs, but did not answer within %.0f s" % seconds)

    def give_up(self, why):
        said = self.log.tail()
        sentence = "the kernel %s did not become ready: %s" % (self.name, why)
        raise Unavailable("kernel_start_failed", sentence + (": " + said if said else "")) from None

    def alive(self):
        if hasattr(self.process, "poll"):
            return self.process.poll() is None
        return self.manager.is_alive()

    def interrupt(self):
        try:
            self.manager.interrupt_kernel()
        except Exception:  # a kernel that is gone is found dead by alive()
            pass

    def end(self):
        """Returns (exit code, signal name) of a kernel that died, None where not known."""
        code = getattr(self.process, "returncode", None)
        if code is None or code >= 0:
            return code, None
        try:
            return code, signal.Signals(-code).name
        except ValueError:
            return code, "signal %d" % -code

    def kill(self):
        """Kills the kernel with all it started; nothing of it runs on afterwards."""
        self.kill_process()
        stop.kill_everything_started()
        if hasattr(self.process, "wait"):
            self.process.wait()

    def kill_process(self):
        pid = getattr(self.process, "pid", None)
        if pid:
            stop.kill_group(pid)


class Foreign(Exception):
    """What arrived is not a message of this kernel, or none that can be read."""


def receive(get, seconds):
    """Returns the next message that get, a function of the client, has within the time.

    Raises queue.Empty if there is none and Foreign if it was signed by another: where
    a kernel died, another program may have its ports already.
    """
    try:
        return get(timeout=seconds)
    except NOT_OF_THIS_KERNEL as problem:
        raise Foreign("it is no message, or was not signed by the kernel (%s)" % type(problem).__name__) from None
