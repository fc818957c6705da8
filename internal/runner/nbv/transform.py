"""Turns cells into Python as IPython does, and keeps count of the lines as the user sees them."""

import contextlib
import functools
import importlib.util
import os
import sys
import types

PYTHON_MAGICS = ("time", "timeit", "capture", "prun")
# Words that IPython takes for a line magic without its % where the cell is one line.
AUTOMAGICS = frozenset(
    "pip conda mamba uv cd ls ll pwd cat cp mv rm mkdir rmdir man less more load run env who whos reset matplotlib"
    " load_ext reload_ext timeit time history hist bookmark autoreload pylab precision".split()
)
# Every magic of a cell makes IPython tokenise the whole cell once more; characters, for a cell and for the notebook.
MAX_OF_CELL = 128 << 10
MAX_OF_NOTEBOOK = 1 << 20


class Unavailable(Exception):
    """There is no IPython to ask."""


class TooMuch(Exception):
    """The cell takes more work than it is worth."""


class Transformer:
    """IPython's own transformer, loaded when the first cell needs it."""

    def __init__(self):
        self.path, self.module, self.room = find(), None, MAX_OF_NOTEBOOK

    def transform(self, body):
        """Returns (Python, for each of its lines the line of the body that it was written on)."""
        if self.module is None:
            self.module = load(self.path)
        manager = self.module.TransformerManager()
        if is_automagic(body):
            body = "%" + body.lstrip()
        lines = (body if body.endswith("\n") else body + "\n").splitlines(True)
        numbers = list(range(1, len(lines) + 1))
        for change in list(manager.cleanup_transforms) + list(manager.line_transforms):
            after = change(lines)
            # Only empty lines at the top are ever taken away.
            lines, numbers = after, numbers[max(0, len(lines) - len(after)):]
        lines, numbers = self.transform_tokens(manager, lines, numbers)
        return "".join(lines), numbers

    def transform_tokens(self, manager, lines, numbers):
        changed, room = True, MAX_OF_CELL + 3 * sum(map(len, lines))
        while changed:
            size = sum(map(len, lines))
            room, self.room = room - size, self.room - size
            if min(room, self.room) < 0:
                raise TooMuch
            changed, after = manager.do_one_token_transform(lines)
            if changed:
                numbers = numbers_after(lines, after, numbers)
            lines = after
        return lines, numbers


def find():
    """Returns where the transformer is; to look imports nothing."""
    try:
        spec = importlib.util.find_spec("IPython")
    except (ImportError, ValueError):
        spec = None
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = os.path.join(folder, "core", "inputtransformer2.py")
        if os.path.isfile(path):
            return path
    raise Unavailable("IPython is not installed beside the runner")


@functools.lru_cache(None)
def load(path):
    """Loads the one module: IPython as a whole takes longer to import than a notebook to analyse."""
    try:
        with empty_package(os.path.dirname(os.path.dirname(path))):
            spec = importlib.util.spec_from_file_location("nbv_inputtransformer", path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
        return module
    except Exception:  # another IPython may need more of itself
        try:
            from IPython.core import inputtransformer2
        except Exception as problem:  # a broken installation raises anything
            raise Unavailable("IPython cannot be imported: %s" % type(problem).__name__) from None
        return inputtransformer2


@contextlib.contextmanager
def empty_package(folder):
    """Stands in for IPython where it is not imported yet: its modules can be imported without all that it imports."""
    if "IPython" in sys.modules:
        yield
        return
    sys.modules["IPython"] = types.ModuleType("IPython")
    sys.modules["IPython"].__path__ = [folder]
    try:
        yield
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] == "IPython"]:
            del sys.modules[name]


def is_automagic(body):
    """Tells whether the body is one line such as pip install x, which no transformer of whole cells knows."""
    text = body.strip()
    word = text.split(None, 1)[0] if text else ""
    return word in AUTOMAGICS and "\n" not in text and not text[len(word):].lstrip().startswith(("=", "("))


def numbers_after(before, after, numbers):
    """A magic, however many lines it was written on, has become one line: the first that differs."""
    gone = len(before) - len(after)
    if gone <= 0:
        return numbers + numbers[-1:] * -gone
    first = 0
    while first < len(after) and before[first] == after[first]:
        first += 1
    return numbers[: first + 1] + numbers[first + 1 + gone:]


def strip_magics(text):
    """Returns (Python below the cell magics or None for another language, lines above it, magics)."""
    above, magics = 0, []
    while True:
        body = text.lstrip()
        first, _, rest = body.partition("\n")
        if not first.startswith("%%") or first.rstrip().endswith("?"):
            return text, above, magics
        magics.append((first[2:].split() or [""])[0][:100])
        if magics[-1] not in PYTHON_MAGICS:
            return None, above, magics
        above += text[: len(text) - len(body)].count("\n") + 1
        text = rest
