"""Colours by their names."""

__version__ = "1.0.0"

COLOURS = {"red": (255, 0, 0), "green": (0, 128, 0), "blue": (0, 0, 255)}


def rgb(name):
    """Return the red, green and blue parts of a colour."""
    return COLOURS[name.lower()]
