"""How long a dream will take."""

from reverie.estimates import picture_seconds


def seconds(dream: dict, kind: str) -> float:
    """Core-seconds of the picture (``kind`` "dream"), the `sheet` or the `film` of a dream."""
    if kind == "film":
        film = dream["film"]
        pixels = film["size"] ** 2 * film["frames"] * film["steps"]
    elif kind == "sheet":
        sheet = dream["sheet"]
        pixels = octave_pixels(sheet, dream["octave_scale"]) * len(sheet["layers"])
    else:
        pixels = octave_pixels(dream, dream["octave_scale"])
    return picture_seconds(dream["network"], pixels)


def octave_pixels(settings: dict, scale: float) -> float:
    """Pixels of a square picture, summed over all octaves and steps."""
    sides = (settings["size"] / scale**number for number in range(settings["octaves"]))
    return sum(side**2 for side in sides) * settings["steps"]
