"""Makes text of kernels and notebooks fit for a report: clean and bounded."""

import re

ANSI = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours and cursor movement
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # window titles and links
    r"|\x1b[ -/]*[0-~]?"
)
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")
# IPython's advice to people at a prompt; a notebook that ends itself means it.
EXIT_WARNING = re.compile(r"^.*UserWarning: To exit: use 'exit'.*\n?(?:\s*warn\(.*\n?)?", re.MULTILINE)
CUT_MARK = "\n[... %d bytes left out ...]\n"


def clean(text):
    """Strips ANSI sequences and control characters and applies carriage returns."""
    text = ANSI.sub("", text).replace("\r\n", "\n")
    if "\r" in text:
        text = "\n".join(overwrite(line) for line in text.split("\n"))
    text = CONTROLS.sub("", text)
    return text.encode("utf-8", "replace").decode("utf-8")


def overwrite(line):
    """Shows a line as a terminal does: what follows a carriage return covers what was there."""
    shown = ""
    for part in reversed(line.split("\r")):
        if len(part) > len(shown):
            shown += part[len(shown):]
    return shown


def size(text):
    return len(text.encode("utf-8"))


def bound(text, limit):
    """Returns (text, was it cut), at most limit bytes, its beginning and its end kept."""
    data = text.encode("utf-8")
    if len(data) <= limit:
        return text, False
    mark = CUT_MARK % (len(data) - limit)
    room = limit - len(mark) - 2
    if room < 16:
        return data[: max(0, limit)].decode("utf-8", "ignore"), True
    head, tail = data[: room // 2], data[-(room - room // 2):]
    kept = head.decode("utf-8", "ignore") + mark + tail.decode("utf-8", "ignore")
    return kept, True


def first_line(source, limit=200):
    """Returns the first line of source that is not blank, at most limit characters."""
    for line in clean(source).split("\n"):
        if line.strip():
            return line.strip()[:limit]
    return ""


def of_outputs(outputs):
    """Returns the text of a cell's outputs; each stream is merged where it first appears."""
    parts, streams = [], {}
    for output in outputs:
        kind = output.get("output_type")
        if kind == "stream":
            name = output.get("name", "stdout")
            if name not in streams:
                streams[name] = []
                parts.append(streams[name])
            streams[name].append(joined(output.get("text", "")))
        elif kind in ("execute_result", "display_data"):
            parts.append([joined(output.get("data", {}).get("text/plain", ""))])
    texts = [clean("".join(part)) for part in parts]
    return "\n".join(text.rstrip("\n") for text in texts if text.strip("\n"))


def of_stderr(outputs):
    """Returns what the cell wrote to its error stream, without IPython's advice."""
    pieces = [joined(output.get("text", "")) for output in outputs
              if output.get("output_type") == "stream" and output.get("name") == "stderr"]
    return EXIT_WARNING.sub("", clean("".join(pieces)))


def joined(value):
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)):
        return "".join(part for part in value if isinstance(part, str))
    return ""
