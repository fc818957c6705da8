"""Runs single cells in a kernel that is ready."""

import queue
import time

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete

from . import kernel

POLL_SECONDS = 0.2
# After the reply the closing "idle" message should follow at once; it can be
# lost when a cell floods the channel.
IDLE_SECONDS = 4.0
# What one message costs in memory besides its text.
MESSAGE_BYTES = 300
OUTPUT_KINDS = ("stream", "display_data", "execute_result", "update_display_data")


class Ended:
    """How a cell ended: ok, error, timeout or died, with the kernel's reply if there is one."""

    def __init__(self, status, reply=None):
        self.status, self.reply = status, reply
        self.limit = None


class Executor:
    """Sends cells to the kernel and files what comes back into the notebook."""

    def __init__(self, notebook, running, limits, note):
        self.kernel, self.limits, self.note = running, limits, note
        # The client's own loop is not used: it cannot stop after an interrupt.
        # Its bookkeeping of displays, clear_output and widgets is.
        self.book = NotebookClient(notebook, km=running.manager, record_timing=False, store_widget_state=False)
        self.book.reset_execution_trackers()
        self.book.kc = running.client
        self.kept_bytes = 0

    def execute(self, cell, deadline):
        """Runs one cell; returns when it ended, was stopped at the deadline or its kernel died."""
        if time.monotonic() >= deadline:
            return Ended("timeout")
        self.book.clear_before_next_output = False
        running = Running(self, cell, deadline)
        return running.until_end()

    def file(self, message, cell, cell_bytes):
        """Files one message; returns (was it the last, bytes it was counted with)."""
        kind = message["msg_type"]
        size = message_size(message)
        if kind in OUTPUT_KINDS or kind.startswith("comm"):
            room = self.room(cell_bytes)
            if size > room:
                cell.output_dropped = True
                if kind != "stream" or room <= MESSAGE_BYTES:
                    return False, 0
                # One message may hold all that was printed in a while: megabytes.
                message["content"]["text"] = message["content"]["text"][: room - MESSAGE_BYTES]
                size = room
        self.kept_bytes += size
        try:
            self.book.process_message(message, cell.node, cell.position)
        except CellExecutionComplete:
            return True, size
        except Exception as problem:  # messages are made by the notebook's code
            self.note("an output of cell %d could not be recorded: %s" % (cell.index, type(problem).__name__))
        return False, size

    def room(self, cell_bytes):
        """Memory is bounded for the notebook; each cell may still keep what a report shows of it."""
        of_notebook = self.limits.max_executed_bytes - self.kept_bytes
        of_cell = self.limits.max_cell_output_bytes - cell_bytes
        return max(of_notebook, of_cell)


class Running:
    """One cell while it runs."""

    def __init__(self, executor, cell, deadline):
        self.executor, self.cell, self.client = executor, cell, executor.kernel.client
        self.deadline, self.stop_at = deadline, None
        self.reply, self.idle, self.bytes = None, False, 0
        self.request = self.client.execute(
            cell.node["source"], silent=False, store_history=True, allow_stdin=False, stop_on_error=False
        )
        self.last_message = time.monotonic()

    def until_end(self):
        while not (self.idle and self.reply):
            now = time.monotonic()
            if self.stop_at is None and now >= self.deadline:
                self.stop_at = now + self.executor.limits.interrupt_grace_seconds
                self.executor.kernel.interrupt()
            if self.stop_at is not None and now >= self.stop_at:
                return Ended("timeout", self.reply)
            if not self.receive_output(min(POLL_SECONDS, self.next_limit() - now)):
                self.receive_reply()
                if self.reply and self.idle_is_lost():
                    break
                if not self.reply and not self.executor.kernel.alive():
                    return Ended("timeout" if self.stop_at else "died")
            elif self.idle:
                self.receive_reply()
        return self.ended()

    def ended(self):
        if self.stop_at is not None:
            return Ended("timeout", self.reply)
        return Ended("ok" if self.reply["status"] == "ok" else "error", self.reply)

    def next_limit(self):
        return self.deadline if self.stop_at is None else self.stop_at

    def idle_is_lost(self):
        if time.monotonic() - self.last_message < IDLE_SECONDS:
            return False
        self.executor.note("some output of cell %d may be missing: the kernel sent more than could be taken in" % self.cell.index)
        return True

    def receive_output(self, seconds):
        """Takes one message in; returns False if none of this kernel came in time."""
        try:
            message = kernel.receive(self.client.get_iopub_msg, max(0.001, seconds))
        except queue.Empty:
            return False
        except kernel.Foreign as problem:
            return self.left_out(problem)
        self.last_message = time.monotonic()
        if message["parent_header"].get("msg_id") == self.request:
            self.idle, size = self.executor.file(message, self.cell, self.bytes)
            self.bytes += size
        return True

    def receive_reply(self):
        """Takes the reply in, if it is there."""
        try:
            while not self.reply:
                message = kernel.receive(self.client.get_shell_msg, POLL_SECONDS if self.idle else 0.001)
                if message["parent_header"].get("msg_id") == self.request:
                    self.reply = message["content"]
        except queue.Empty:
            pass
        except kernel.Foreign as problem:
            self.left_out(problem)

    def left_out(self, problem):
        """Records that something came that may have been an output; returns False as if nothing had come."""
        if not self.cell.output_dropped:
            self.cell.output_dropped = True
            self.executor.note("what came while cell %d ran cannot be read: %s" % (self.cell.index, problem))
        return False


def message_size(message):
    """Returns about how much memory the message takes."""
    content = message["content"]
    return MESSAGE_BYTES + sum(length(value) for value in content.values())


def length(value):
    if isinstance(value, (str, bytes)):
        return len(value)
    if isinstance(value, dict):
        return sum(len(str(key)) + length(item) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return sum(length(item) for item in value)
    return 8
