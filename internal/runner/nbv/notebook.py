"""Reads a notebook as Jupyter does: forgiving in details, never in structure."""

import json
import re

import nbformat

MAX_BYTES = 64 << 20
MAX_CODE_CELLS = 10000
ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


class Invalid(Exception):
    """The file is not a notebook that can be run; the text says why and where."""


def load(path):
    """Returns (notebook in format 4.5 without outputs, {"major", "minor"} of the file)."""
    content = decode(read(path))
    data = parse(content)
    version = format_of(data)
    if version["major"] == 3:
        node = upgrade(content)
    else:
        node = nbformat.from_dict(data)
    check_cells(node)
    node.setdefault("metadata", nbformat.from_dict({}))
    node["nbformat"], node["nbformat_minor"] = 4, max(5, version["minor"] if version["major"] == 4 else 5)
    name_cells(node["cells"])
    return node, version


def read(path):
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as problem:
        raise Invalid("the notebook cannot be read: %s" % problem.strerror) from None
    if len(data) > MAX_BYTES:
        raise Invalid("the notebook is larger than %d MiB" % (MAX_BYTES >> 20))
    return data


def decode(data):
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        before = data[: problem.start]
        line, column = before.count(b"\n") + 1, problem.start - before.rfind(b"\n")
        raise Invalid("the notebook is not UTF-8 text: line %d, column %d" % (line, column)) from None


def parse(content):
    try:
        return json.loads(content)
    except json.JSONDecodeError as problem:
        where = "line %d, column %d" % (problem.lineno, problem.colno)
        raise Invalid("the notebook is not JSON: %s: %s" % (where, problem.msg)) from None
    except (RecursionError, ValueError) as problem:
        raise Invalid("the notebook is not JSON that can be read: %s" % problem) from None


def format_of(data):
    if not isinstance(data, dict):
        raise Invalid("the file is JSON but not a notebook: line 1, column 1 should begin an object")
    major, minor = data.get("nbformat"), data.get("nbformat_minor", 0)
    if type(major) is not int or type(minor) is not int or minor < 0:
        raise Invalid("the file is JSON but not a notebook: it names no nbformat version")
    if major not in (3, 4):
        raise Invalid("the notebook has format %d; formats 3 and 4 can be run" % major)
    return {"major": major, "minor": minor}


def upgrade(content):
    try:
        return nbformat.reads(content, as_version=4)
    except Exception as problem:  # the converter raises whatever a wrong structure makes it raise
        kind = type(problem).__name__
        raise Invalid("the notebook of format 3 cannot be upgraded: %s: %s" % (kind, problem)) from None


def check_cells(node):
    if not isinstance(node.get("metadata", {}), dict):
        raise Invalid("the notebook's metadata is not an object")
    cells = node.get("cells")
    if not isinstance(cells, list):
        raise Invalid("the file is JSON but not a notebook: it has no list of cells")
    for index, cell in enumerate(cells):
        check_cell(index, cell)
    if sum(is_code(cell) for cell in cells) > MAX_CODE_CELLS:
        raise Invalid("the notebook has more than %d code cells" % MAX_CODE_CELLS)


def check_cell(index, cell):
    if not isinstance(cell, dict) or not isinstance(cell.get("cell_type"), str):
        raise Invalid("cell %d is not a cell: it has no cell_type" % index)
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise Invalid("the source of cell %d is not text" % index)
    try:
        source.encode("utf-8")
    except UnicodeEncodeError:
        raise Invalid("the source of cell %d holds half of a surrogate pair" % index) from None
    cell["source"] = source
    if not isinstance(cell.get("metadata"), dict):
        cell["metadata"] = nbformat.from_dict({})
    if is_code(cell):
        cell["outputs"], cell["execution_count"] = [], None


def name_cells(cells):
    """Gives an id to every cell that has none of its own; the file is not changed."""
    seen = set()
    for index, cell in enumerate(cells):
        own = cell.get("id")
        if not isinstance(own, str) or not ID.match(own) or own in seen:
            own = "cell-%d" % index
            while own in seen:
                own += "-x"
            cell["id"] = own
        seen.add(own)


def is_code(cell):
    return cell["cell_type"] == "code"


def is_empty(cell):
    return not cell["source"].strip()


def tags(cell):
    found = cell["metadata"].get("tags")
    return found if isinstance(found, list) else []
