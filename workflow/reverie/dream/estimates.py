"""How long a dream will take."""

from collections.abc import Iterator
from pathlib import Path

from reverie.dream import selection
from reverie.estimates import depth, picture_seconds

RULES = {"dream": "dream_picture", "sheet": "dream_sheet", "film": "dream_film"}


def jobs(settings: dict, folder: Path) -> Iterator[tuple[str, dict, float]]:
    """Rule, wildcards and core-seconds of every job that dreams; ``settings`` is the configuration."""
    for name, dream in selection.dreams(settings).items():
        for kind, rule in RULES.items():
            if kind == "dream" or dream[kind]:
                yield rule, {kind: name}, seconds(dream, kind)


def seconds(dream: dict, kind: str) -> float:
    """Core-seconds of the picture (``kind`` "dream"), the `sheet` or the `film` of a dream."""
    network, scale = dream["network"], dream["octave_scale"]
    share = depth(network, [layer for layer, weight in dream["layers"].items() if weight])
    if kind == "film":
        film = dream["film"]
        pixels = film["size"] ** 2 * film["frames"] * film["steps"] * share
    elif kind == "sheet":
        sheet = dream["sheet"]
        shares = sum(depth(network, [layer]) for layer in sheet["layers"])
        pixels = octave_pixels(sheet, scale) * shares
    else:
        pixels = octave_pixels(dream, scale) * share
    return picture_seconds(network, pixels)


def octave_pixels(settings: dict, scale: float) -> float:
    """Pixels of a square picture, summed over all octaves and steps."""
    sides = (settings["size"] / scale**number for number in range(settings["octaves"]))
    return sum(side**2 for side in sides) * settings["steps"]
