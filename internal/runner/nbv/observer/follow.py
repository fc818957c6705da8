"""Two ways to be told when a function returns."""

import _thread
import opcode
import sys
import threading
import time
import types

CODE = types.CodeType
CO_SUSPENDS = 0x20 | 0x80 | 0x200  # generators, coroutines and both at once
MAX_SUSPENSIONS = 50
TOOLS = (4, 3)  # those that no kind of tool has a claim to
TICK = 0.01
# Following costs time for as long as Python itself runs, not what it calls in C. Each function has some time of its own on
# top, for the statements that name it: one that is called late is seen as well.
START_SECONDS, SHARE, FUNCTION_SECONDS = 0.06, 0.03, 0.03
RETURNS = frozenset(code for name, code in opcode.opmap.items() if name in ("RETURN_VALUE", "RETURN_CONST"))
JUMPS = frozenset(code for name, code in opcode.opmap.items() if "JUMP" in name or name == "FOR_ITER")


def make(watch):
    """Returns the best way that this Python has."""
    monitoring = getattr(sys, "monitoring", None)
    if monitoring is not None:
        for tool in TOOLS:
            if monitoring.get_tool(tool) is None:
                return Monitor(watch, monitoring, tool)
    return Profile(watch)


class Monitor:
    """Python 3.12 and later: events of single functions. It is not told of functions that raise: that is no event of one."""

    def __init__(self, watch, monitoring, tool):
        self.watch, self.monitoring, self.tool = watch, monitoring, tool
        self.event, self.tired = monitoring.events.PY_RETURN, []
        monitoring.use_tool_id(tool, "notebook-validator")
        monitoring.register_callback(tool, self.event, self.returned)

    def begin(self, _leads):
        for function in self.tired:
            self.learned(function)
        self.tired = []

    def end(self):
        pass

    def runs(self, _code):
        pass

    def learned(self, function):
        self.monitoring.set_local_events(self.tool, function.code, self.event)

    def returned(self, code, _offset, result):
        try:
            function = self.watch.functions.get(id(code))
            if function is None:
                return
            self.watch.returned(function, sys._getframe(1), result, False)
            if function.left <= 0:
                self.monitoring.set_local_events(self.tool, code, 0)
                self.tired.append(function)
        except Exception:  # without the fact nothing is known of this call
            return


class Profile:
    """Python before 3.12: every call and return, for a while."""

    def __init__(self, watch):
        self.watch, self.on, self.used = watch, None, 0.0
        self.namespace = watch.observer.shell.user_ns
        self.started, self.pending = time.perf_counter(), pending_call(self.overspent)
        self.ending = None
        self.own, self.may = self.event.__code__, False
        # Names that lead to functions, and the functions that the statement that runs names.
        self.leads, self.named = set(), ()

    def begin(self, leads):
        self.may = bool(self.watch.wanted) and self.pending is not None
        self.leads, self.named = set(leads), ()

    def runs(self, code):
        """A statement begins: follows it if it may call a function, and the notebook has no profiler of its own."""
        if not self.may:
            return
        names = names_in(code)
        if self.leads.isdisjoint(names):
            self.stop()
            return
        # It may keep a function in whatever else it names.
        self.leads.update(name for name in names if type(self.namespace.get(name)) is not types.ModuleType)
        self.named = self.watch.unseen(names)
        if self.on is None and sys.getprofile() is None and self.left() > 0:
            self.start()

    def start(self):
        self.on = threading.Event()
        # A Thread object would count: the notebook's own threads would get other names.
        _thread.start_new_thread(self.guard, (self.on, threading.get_ident()))
        sys.setprofile(self.event)

    def end(self):
        self.may = False
        self.stop()

    def stop(self):
        if self.on is not None:
            self.on.set()
            self.on = None
            if sys.getprofile() == self.event:
                sys.setprofile(None)

    def overspent(self, _):
        # The following that cost too much may have ended meanwhile, and another have begun.
        if self.on is self.ending:
            self.stop()
        return 0

    def learned(self, function):
        pass

    def event(self, frame, event, result):
        if frame.f_globals is self.namespace and event == "return":
            try:
                self.returned(frame, result)
            except Exception:  # without the fact nothing is known of this call
                return

    def returned(self, frame, result):
        function = self.watch.functions.get(id(frame.f_code))
        if function is None or function.left <= 0:
            return
        code, raised = frame.f_code, False
        if result is None or code.co_flags & CO_SUSPENDS:
            # A generator that yields and a function that raises tell themselves like a return of None.
            raised = code.co_code[frame.f_lasti] not in RETURNS
            if code.co_flags & CO_SUSPENDS and raised:
                function.suspensions += 1
                if function.suspensions >= MAX_SUSPENSIONS:
                    function.left = 0
                return
        self.watch.returned(function, frame, result, raised)
        if function.left <= 0 and self.watch.done():
            self.end()

    def left(self):
        """Returns the time that following may take yet: that of the notebook or of a function that is named."""
        left = START_SECONDS + SHARE * (time.perf_counter() - self.started) - self.used
        return max([left] + [function.seconds for function in self.named if function.left > 0])

    def spend(self, seconds):
        self.used += seconds
        for function in self.named:
            function.seconds -= seconds

    def guard(self, done, thread):
        """Ends the following when it has cost enough; runs beside the notebook."""
        before, clock = None, time.pthread_getcpuclockid(thread)
        then = time.clock_gettime(clock)
        while not done.wait(TICK):
            before, same = self.place(thread), before
            now = time.clock_gettime(clock)
            if before is None or before != same:
                self.spend(now - then)
            then = now
            if self.left() <= 0:
                self.ending = done
                self.pending()
                return

    def place(self, thread):
        """Returns where the notebook waits for C, None where Python itself runs: in a loop or in the following."""
        frame = sys._current_frames().get(thread)
        if frame is None or frame.f_code is self.own or frame.f_code.co_code[frame.f_lasti] in JUMPS:
            return None
        return id(frame), frame.f_lasti


def names_in(code):
    """Returns the names in a piece of code, those in its functions, classes and comprehensions included."""
    found, waiting = set(), [code]
    while waiting:
        code = waiting.pop()
        found.update(code.co_names)
        waiting.extend(inner for inner in code.co_consts if type(inner) is CODE)
    return found


def pending_call(function):
    """Returns a way to have the main thread call the function between two steps of its code, None without one."""
    try:
        import ctypes

        kind = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
        add = ctypes.pythonapi.Py_AddPendingCall
        add.argtypes = (kind, ctypes.c_void_p)
    except (ImportError, AttributeError):
        return None
    called = kind(function)  # C does not keep it alive

    def call():
        add(called, None)

    return call
