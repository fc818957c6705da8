"""Colours by their names, and as the web writes them."""

__version__ = "1.1.0"

COLOURS = {"red": (255, 0, 0), "green": (0, 128, 0), "blue": (0, 0, 255), "white": (255, 255, 255)}


def rgb(name):
    """Return the red, green and blue parts of a colour."""
    return COLOURS[name.lower()]


def hexadecimal(name):
    """Return a colour in the form #rrggbb."""
    return "#%02x%02x%02x" % rgb(name)
