"""Puts the cell that sets the parameters into the notebook, where papermill would put it."""

import nbformat

from . import notebook, parameters, record, source, transform

DECLARES, INJECTED = "parameters", "injected-parameters"
MAX_LISTED = 12
ADVICE = (
    ": correct the name in spec.parameters, set a value for it in a cell tagged parameters,"
    " or set spec.unknownParameters to warn"
)


class Inserted(record.Cell):
    """A cell that the notebook itself does not have; it runs after the cell with the index after, -1 for none."""

    def __init__(self, after, node):
        super().__init__(max(after, 0), node, "not_run")
        self.after = after


def prepare(result, arguments):
    """Gives an injected cell of an earlier run its new source, or makes a cell for insert; refuses what cannot be set."""
    given = parameters.decode(arguments.parameters)
    if not given:
        return
    language = result.kernel["language"]
    if not language.lower().startswith("python"):
        raise parameters.Invalid("parameters can be set in Python only, and the kernel runs %s" % language)
    declaring = first(result.cells, DECLARES)
    problem = unknown(given, declaring, result.note)
    if problem and arguments.unknown_parameters == "fail":
        raise parameters.Invalid(problem + ADVICE)
    if problem:
        result.note(problem)
    place(result, declaring, parameters.as_python(given))
    result.parameters = given


def first(cells, tag):
    return next((cell for cell in cells if tag in notebook.tags(cell.node)), None)


def unknown(given, declaring, note):
    """Returns a sentence about the parameters that the notebook does not know, "" where it knows all."""
    if declaring is None:
        return "no cell of the notebook is tagged parameters, so it does not know %s" % listed(given)
    try:
        tree = source.Reader().read(declaring.index, declaring.node["source"], ()).tree
    except transform.Unavailable:
        tree = None
    where = "the cell tagged parameters (cell %d)" % declaring.index
    if tree is None:
        note("%s cannot be read, so it was not checked that it sets %s" % (where, listed(given)))
        return ""
    known = parameters.assigned(tree)
    missing = [name for name in given if name not in known]
    return "%s does not set %s; it sets %s" % (where, listed(missing), listed(known) or "none") if missing else ""


def listed(names):
    """A sentence has room for some names only."""
    shown = [name[:100] for name in names][:MAX_LISTED]
    more = ["and %d more" % (len(names) - MAX_LISTED)] if len(names) > MAX_LISTED else []
    return ", ".join(shown + more)


def place(result, declaring, text):
    """Decides where the parameters are set: in place of an earlier injected cell, else after the one that declares them."""
    earlier = first([cell for cell in result.cells if cell.status != "skipped"], INJECTED)
    if earlier is not None:
        earlier.node["source"] = text
        after = earlier.index
    else:
        after = -1 if declaring is None else declaring.index
        node = nbformat.v4.new_code_cell(source=text, metadata={"tags": [INJECTED]})
        node["id"] = free_id(result.notebook["cells"])
        result.inserted = Inserted(after, node)
    for cell in result.cells:
        found = [tag for tag in (DECLARES, INJECTED) if tag in notebook.tags(cell.node)]
        if cell.index > after and found and cell.status != "skipped":
            result.note("cell %d is tagged %s and runs after the parameters were set: what it sets counts" % (cell.index, found[0]))


def free_id(cells):
    taken, wanted = {cell["id"] for cell in cells}, INJECTED
    while wanted in taken:
        wanted += "-x"
    return wanted


def insert(result):
    """Puts the cell into the notebook; before that, the notebook is as its author wrote it."""
    inserted = result.inserted
    if inserted is None:
        return
    inserted.position = inserted.after + 1
    result.notebook["cells"].insert(inserted.position, inserted.node)
    for cell in result.cells:
        cell.position += cell.index > inserted.after


def steps(result):
    """Returns all cells to run, in order."""
    inserted = result.inserted
    if inserted is None:
        return result.cells
    before = [cell for cell in result.cells if cell.index <= inserted.after]
    return before + [inserted] + result.cells[len(before):]


def blamed(result):
    """Returns the cell of the notebook that tells of a failure of the inserted one: the next that runs, else the last."""
    runnable = [cell for cell in result.cells if cell.status != "skipped"]
    later = [cell for cell in runnable if cell.index > result.inserted.after]
    return later[0] if later else runnable[-1]
