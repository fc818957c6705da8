"""Lengths and their colours on a map."""

import nbv_colours

__version__ = "1.0.0"

METRES = {"m": 1.0, "km": 1000.0, "mile": 1609.344, "ft": 0.3048}


def convert(value, source, target):
    """Convert a length from one unit to another."""
    return value * METRES[source] / METRES[target]


def shade(metres):
    """Return the colour in which a map shows a height."""
    return nbv_colours.rgb("green" if metres < 500 else "red")
