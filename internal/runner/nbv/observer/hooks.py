"""Ties the observer to IPython and Python.

Each hook calls what was there before with nothing changed. Where it can, it sits
beside the path of the notebook's exceptions, not in it, so that tracebacks stay
as they are.
"""

import functools
import subprocess
import sys
import threading
import types
import warnings

# IPython's advice to people at a prompt.
EXIT_ADVICE = "To exit: use 'exit'"


def quiet(function):
    """Lets no problem of the observer reach the notebook."""

    @functools.wraps(function)
    def wrapper(*arguments):
        try:
            return function(*arguments)
        except Exception:  # without the fact the cell is not observed, nothing worse
            return None

    return wrapper


def install(shell, observer):
    display(shell, observer)
    warning(shell, observer)
    thread(observer)
    shell_lines(observer)
    compiling(shell, observer)
    lasting(shell)

    @quiet
    def begin(info):
        observer.begin(info.raw_cell, bool(info.store_history))

    @quiet
    def end(_result):
        observer.end()

    shell.events.register("pre_run_cell", begin)
    shell.events.register("post_run_cell", end)


@quiet
def lasting(shell):
    """Has a notebook go on after exit(), as it does where it is quick.

    exit() is for people at a prompt: it asks whoever shows the prompt to end, and stops
    the kernel a tenth of a second later. Whether a notebook gets to its end before that
    depends on the machine, and a verdict must not.
    """
    shell.unobserve_all("exit_now")


def display(shell, observer):
    """Sees every value that is displayed, None and what a semicolon hides included."""
    hook = shell.displayhook
    code = type(hook).__call__.__code__
    seen = quiet(observer.display)
    if "check_for_underscore" in code.co_names and "result" in code.co_varnames:
        first = hook.check_for_underscore

        def check_for_underscore():
            caller = sys._getframe(1)
            if caller.f_code is code:
                seen(caller.f_locals.get("result"))
            return first()

        hook.check_for_underscore = check_for_underscore
        return
    whole = shell.display_trap.hook

    def display_hook(value=None):
        seen(value)
        return whole(value)

    shell.display_trap.hook = display_hook


def warning(shell, observer):
    """Sees the warnings that are shown; it works below showwarning, which notebooks replace."""
    show = warnings._showwarnmsg
    recorded = warnings._showwarnmsg_impl

    @quiet
    def seen(message, frame):
        text = str(message.message)
        # While catch_warnings records, its list takes the place of the printing.
        if not text.startswith(EXIT_ADVICE) and warnings._showwarnmsg_impl is recorded:
            own, line = place(message, frame, shell.user_ns)
            line = observer.line(line, message.filename) if own else line
            observer.warned(message.category, text, line, own)

    def _showwarnmsg(msg):
        if observer.busy == threading.get_ident():
            return
        seen(msg, sys._getframe(1))
        show(msg)

    warnings._showwarnmsg = _showwarnmsg


def place(message, frame, namespace):
    """Returns (is it a place in the notebook's own code, the line there)."""
    line = message.lineno if type(message.lineno) is int and 0 <= message.lineno < 2 ** 31 else 0
    for _ in range(500):
        if frame is None:
            break
        if frame.f_globals is namespace and frame.f_code.co_filename == message.filename:
            return True, line
        frame = frame.f_back
    return False, line


def thread(observer):
    hook = threading.excepthook
    seen = quiet(observer.thread_ended)

    def excepthook(arguments):
        seen(arguments.exc_type)
        return hook(arguments)

    threading.excepthook = excepthook


def shell_lines(observer):
    """Sees the exit codes of !command and of out = !command."""
    seen = quiet(observer.exited)
    zmqshell = sys.modules.get("ipykernel.zmqshell")
    if hasattr(zmqshell, "system"):
        system = zmqshell.system

        def noting(command):
            code = system(command)
            seen(code)
            return code

        zmqshell.system = noting
    common = sys.modules.get("IPython.utils._process_common")
    if getattr(common, "subprocess", None) is subprocess:

        class Popen(subprocess.Popen):
            def communicate(self, *arguments, **named):
                said = super().communicate(*arguments, **named)
                seen(self.returncode)
                return said

        stand_in = types.ModuleType("subprocess")
        stand_in.__dict__.update(subprocess.__dict__)
        stand_in.Popen = Popen
        common.subprocess = stand_in


def compiling(shell, observer):
    """Sees the code of each cell before it runs, with the functions it defines."""
    seen = quiet(observer.compiled)
    kind = type(shell.compile)

    class Compiler(kind):
        def __call__(self, *arguments, **named):
            code = super().__call__(*arguments, **named)
            seen(code)
            return code

    Compiler.__name__, Compiler.__qualname__, Compiler.__module__ = kind.__name__, kind.__qualname__, kind.__module__
    shell.compile.__class__ = Compiler
