"""Pictures as arrays: read from any file that people have, written with their settings."""

import json
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps, PngImagePlugin, UnidentifiedImageError

from reverie.errors import ReverieError
from reverie.files import replacing

FORMATS = ["JPEG", "PNG", "WEBP"]
Image.MAX_IMAGE_PIXELS = 100_000_000  # what claims to have more is taken for a decompression bomb
RESAMPLING = Image.Resampling.LANCZOS
WHITE, INK = (255, 255, 255), (64, 64, 64)
GAP = 6  # pixels between pictures


def read(path: Path, size: int | None = None) -> np.ndarray:
    """The picture, (height, width, 3) float32 from 0 to 1, its longer side ``size`` pixels long.

    It stands upright (EXIF), grey becomes colour, and what is transparent white. A smaller picture
    is enlarged. Raises ReverieError for a file that is no picture, is damaged, or far too large.
    """
    if path.stat().st_size == 0:
        raise ReverieError(f"{path} is empty; copy the picture again.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of metadata that nobody needs
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(path, formats=FORMATS)
            picture.load()
            picture = ImageOps.exif_transpose(picture)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise ReverieError(
            f"{path} has more than the {Image.MAX_IMAGE_PIXELS:,} pixels that are accepted; use a "
            "smaller picture."
        ) from None
    except UnidentifiedImageError:
        raise ReverieError(
            f"{path} is not a JPEG, PNG or WebP picture; convert it to one."
        ) from None
    except Exception as error:  # decoders raise errors of a dozen kinds for nonsense
        raise ReverieError(f"{path} is damaged ({error}); copy the picture again.") from None
    if picture.mode.startswith(("I", "F")):  # 16 bits of grey
        grey = np.asarray(picture, np.float32) / 65535
        picture = Image.fromarray(np.uint8(np.clip(grey, 0, 1) * 255 + 0.5))
    picture = picture.convert("RGBA")
    ground = Image.new("RGBA", picture.size, (*WHITE, 255))
    picture = Image.alpha_composite(ground, picture).convert("RGB")
    if size:
        factor = size / max(picture.size)
        shape = [max(1, round(side * factor)) for side in picture.size]
        picture = picture.resize(shape, RESAMPLING)
    return np.asarray(picture, np.float32) / 255


def write(path: Path, picture: np.ndarray, settings: dict) -> None:
    """Write a .png, in one go, that carries the settings it was made with as text chunks.

    ``picture`` is (height, width, 3) from 0 to 1; what lies outside is cut off.
    """
    chunks = PngImagePlugin.PngInfo()
    for name, value in settings.items():
        chunks.add_itxt(name, value if isinstance(value, str) else json.dumps(value))
    with replacing(path) as part:
        image(picture).save(part, format="png", pnginfo=chunks)


def image(picture: np.ndarray) -> Image.Image:
    """Colours of 0 to 1, (height, width, 3), cut off at both ends, as an image."""
    return Image.fromarray(np.uint8(np.clip(picture, 0, 1) * 255 + 0.5))


def pixels(path: Path) -> np.ndarray:
    """The bytes of a picture that :func:`write` wrote, (height, width, 3)."""
    with Image.open(path) as picture:
        return np.asarray(picture)


def row(shown: list[np.ndarray], height: int) -> np.ndarray:
    """Pictures side by side, each ``height`` pixels high."""
    tiles = [
        image(one).resize((round(one.shape[1] * height / one.shape[0]), height), RESAMPLING)
        for one in shown
    ]
    width = sum(tile.width for tile in tiles) + GAP * (len(tiles) - 1)
    found, left = Image.new("RGB", (width, height), WHITE), 0
    for tile in tiles:
        found.paste(tile, (left, 0))
        left += tile.width + GAP
    return np.asarray(found, np.float32) / 255


def sheet(tiles: list[tuple[str, np.ndarray]]) -> np.ndarray:
    """Pictures of one size in rows, each with its name below."""
    height, width = tiles[0][1].shape[:2]
    columns = min((3, 2), key=lambda number: -len(tiles) % number)  # the fewest empty places
    rows = -(-len(tiles) // columns)
    line = max(20, width // 14)  # pixels of the line with a name
    size = (columns * (width + GAP) - GAP, rows * (height + line))
    found = Image.new("RGB", size, WHITE)
    draw, font = ImageDraw.Draw(found), ImageFont.load_default(line * 0.7)
    for index, (name, picture) in enumerate(tiles):
        left, top = index % columns * (width + GAP), index // columns * (height + line)
        found.paste(image(picture), (left, top))
        draw.text((left + 2, top + height + line // 8), name, fill=INK, font=font)
    return np.asarray(found, np.float32) / 255
