"""The overlay for a picture: a dream of it, and with a painting also a transfer of its style."""

from pathlib import Path

from reverie.errors import ReverieError
from reverie.own import overlay
from reverie.own.overlay import Guess
from reverie.pictures import images

LEAST, MOST, WIDEST = 320, 640, 2000  # pixels of the longer side; the last for narrow pictures
SHORTEST = 128  # pixels of the shorter side of an octave, which the network's layers need
NARROWEST = 32  # pixels of the shorter side of a picture whose style is transferred
SCALE = 1.4  # of octaves, the default
LAYERS = {"mixed2": 0.2, "mixed3": 3, "mixed4": 2, "mixed5": 1.5}  # the lecture's


def guesses(arguments: dict[str, str], base: dict) -> dict:
    """The settings for the picture `PICTURE` and the painting `STYLE`, if there is one.

    Raises ReverieError for a file that is no picture, and for one too narrow for the network.
    """
    path, style = arguments["PICTURE"], arguments.get("STYLE")
    height, width, _ = images.read(Path(path).expanduser()).shape
    size = max(min(max(height, width), MOST), LEAST, least(path, height, width, SHORTEST))
    shorter = size * min(height, width) / max(height, width)
    sides = [shorter / SCALE**smaller for smaller in range(3)]
    dream = {
        "title": Guess(Path(path).stem),
        "picture": Guess(path, f"{width} × {height} pixels"),
        "network": Guess("InceptionV3"),
        "layers": Guess(LAYERS, "the lecture's; higher ones draw eyes and animals"),
        "size": Guess(size, f"pixels of the longer side; for a quick look at most {MOST}"),
        "octaves": Guess(sum(side >= SHORTEST for side in sides), f"of at least {SHORTEST} pixels a side"),
        "jitter": Guess(size // 2, "half of the size reaches every border"),
    }  # fmt: skip
    name = f"own-{overlay.name(Path(path).stem)}"  # not that of a picture of the lecture's
    select = Guess([name], "and none of the lecture's")
    tree = {"parts": Guess(["dream"]), "dream": {"pictures": {name: dream}, "select": select}}
    if style:
        narrow = least(path, height, width, NARROWEST)
        height, width, _ = images.read(Path(style).expanduser()).shape
        small = max(128, narrow, least(style, height, width, NARROWEST))
        transfer = {
            "title": Guess(f"{Path(path).stem} in the style of {Path(style).stem}"),
            "picture": Guess(path),
            "style": Guess(style, f"{width} × {height} pixels"),
            "sizes": Guess(
                [small, 2 * small], f"for a quick look; {[2 * small, 4 * small]} is finer"
            ),
            "steps": Guess(40, "at each size, for a quick look; without this line 300"),
        }
        tree["parts"] = Guess(["dream", "style"])
        tree["style"] = {"pictures": {name: transfer}, "select": select}
    return tree


def least(path: str, height: int, width: int, shortest: int) -> int:
    """Pixels of the longer side at which the shorter one has ``shortest``.

    Raises ReverieError, which names the ``path``, where that would be more than WIDEST.
    """
    size = -(-shortest * max(height, width) // min(height, width))
    if size > WIDEST:
        raise ReverieError(
            f"{path} is too narrow for a network, {width} × {height} pixels; crop it."
        )
    return size
