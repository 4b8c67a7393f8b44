"""How long a transfer of style will take."""

from reverie.estimates import picture_seconds


def seconds(style: dict) -> float:
    """Core-seconds of the transfer with the settings ``style``."""
    pixels = sum(size**2 for size in style["sizes"]) * style["steps"]
    return picture_seconds(style["network"], pixels)
