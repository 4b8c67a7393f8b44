"""How long a transfer of style will take."""

from collections.abc import Iterator
from pathlib import Path

from reverie.estimates import depth, picture_seconds
from reverie.style import selection


def jobs(settings: dict, folder: Path) -> Iterator[tuple[str, dict, float]]:
    """Rule, wildcards and core-seconds of every transfer; ``settings`` is the configuration."""
    for name, style in selection.styles(settings).items():
        yield "transfer_style", {"style": name}, seconds(style)


def seconds(style: dict) -> float:
    """Core-seconds of the transfer with the settings ``style``."""
    layers = [style["content_layer"], *style["style_layers"]]
    pixels = sum(size**2 for size in style["sizes"]) * style["steps"]
    return picture_seconds(style["network"], pixels * depth(style["network"], layers))
