"""Writes the executed notebook, bounded in size."""

import nbformat

MARK = "output left out: the executed notebook would be too large\n"


def encode(notebook, limit, note):
    """Returns the notebook as bytes, its largest outputs dropped until it fits the limit."""
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for cell in code:
        cell["outputs"] = merged(cell["outputs"])
    data = as_bytes(notebook)
    if len(data) <= limit:
        return data
    left_out = 0
    for size, cell in sorted(((output_size(cell), cell) for cell in code), key=lambda pair: -pair[0]):
        if len(data) <= limit or size == 0:
            break
        cell["outputs"] = [nbformat.v4.new_output("stream", name="stderr", text=MARK)]
        left_out += 1
        data = as_bytes(notebook)
    note("executed.ipynb lacks the outputs of %d cells: it may have at most %d bytes" % (left_out, limit))
    return data


def as_bytes(notebook):
    # A lone surrogate becomes \udc80 or the like, which is the JSON escape for it.
    return nbformat.v4.writes(notebook).encode("utf-8", "backslashreplace")


def output_size(cell):
    return sum(len(str(output)) for output in cell["outputs"])


def merged(outputs):
    """Joins stream pieces that follow one another, as Jupyter shows them."""
    result, pieces = [], []
    for output in outputs:
        last = result[-1] if result else None
        same = last is not None and last["output_type"] == output["output_type"] == "stream"
        if same and last["name"] == output["name"]:
            pieces.append(output["text"])
            continue
        close(result, pieces)
        result.append(output)
    close(result, pieces)
    return result


def close(result, pieces):
    if pieces:
        result[-1]["text"] += "".join(pieces)
        del pieces[:]
