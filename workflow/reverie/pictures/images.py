"""Pictures as arrays: read from JPEG, PNG or WebP, written as PNG with their settings."""

import json
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps, PngImagePlugin, UnidentifiedImageError

from reverie.errors import ReverieError
from reverie.files import replacing

FORMATS = ["JPEG", "PNG", "WEBP"]
Image.MAX_IMAGE_PIXELS = 100_000_000  # more are refused as a decompression bomb
RESAMPLING = Image.Resampling.LANCZOS
WHITE, INK = (255, 255, 255), (64, 64, 64)
GAP = 6  # pixels between pictures


def read(path: Path, size: int | None = None) -> np.ndarray:
    """The picture, (height, width, 3) float32 from 0 to 1, resized to a longer side of ``size`` pixels.

    It is turned upright as its EXIF data say; grey becomes colour, transparent pixels white. Raises
    ReverieError for a file that is no picture, is damaged, or has too many pixels.
    """
    if path.stat().st_size == 0:
        raise ReverieError(f"{path} is empty; copy the picture again.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about metadata, which is not used
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(path, formats=FORMATS)
            picture.load()
            picture = upright(picture)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise ReverieError(
            f"{path} has more than the {Image.MAX_IMAGE_PIXELS:,} pixels that are accepted; use a "
            "smaller picture."
        ) from None
    except UnidentifiedImageError:
        raise ReverieError(
            f"{path} is not a JPEG, PNG or WebP picture; convert it to one."
        ) from None
    except Exception as error:  # decoders raise a dozen kinds of errors for damaged files
        raise ReverieError(f"{path} is damaged ({error}); copy the picture again.") from None
    if size:
        factor = size / max(picture.size)
        shape = [max(1, round(side * factor)) for side in picture.size]
        picture = picture.resize(shape, RESAMPLING)
    return np.asarray(picture, np.float32) / 255


def upright(picture: Image.Image) -> Image.Image:
    """The picture in RGB and upright as its EXIF data say; transparent pixels become white."""
    picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith(("I", "F")):  # 16 bits of grey
        grey = np.asarray(picture, np.float32) / 65535
        picture = Image.fromarray(np.uint8(np.clip(grey, 0, 1) * 255 + 0.5))
    if picture.has_transparency_data:
        ground = Image.new("RGBA", picture.size, (*WHITE, 255))
        picture = Image.alpha_composite(ground, picture.convert("RGBA"))
    return picture.convert("RGB")


def write(path: Path, picture: np.ndarray, settings: dict) -> None:
    """Write a .png atomically, with the ``settings`` it was made with as text chunks.

    ``picture`` is (height, width, 3); colours are clipped to 0 to 1.
    """
    chunks = PngImagePlugin.PngInfo()
    for name, value in settings.items():
        chunks.add_itxt(name, value if isinstance(value, str) else json.dumps(value))
    with replacing(path) as part:
        image(picture).save(part, format="png", pnginfo=chunks)


def image(picture: np.ndarray) -> Image.Image:
    """The picture, (height, width, 3), as an 8-bit image; colours are clipped to 0 to 1."""
    return Image.fromarray(np.uint8(np.clip(picture, 0, 1) * 255 + 0.5))


def pixels(path: Path) -> np.ndarray:
    """The bytes, (height, width, 3) uint8, of a picture that :func:`write` wrote."""
    with Image.open(path) as picture:
        return np.asarray(picture)


def row(pictures: list[np.ndarray], height: int) -> np.ndarray:
    """Pictures side by side, each ``height`` pixels high: (height, width, 3) from 0 to 1."""
    tiles = [
        full.resize((round(full.width * height / full.height), height), RESAMPLING)
        for full in map(image, pictures)
    ]
    width = sum(tile.width for tile in tiles) + GAP * (len(tiles) - 1)
    canvas, left = Image.new("RGB", (width, height), WHITE), 0
    for tile in tiles:
        canvas.paste(tile, (left, 0))
        left += tile.width + GAP
    return np.asarray(canvas, np.float32) / 255


def sheet(tiles: list[tuple[str, np.ndarray]]) -> np.ndarray:
    """Pictures of equal size in a grid, each with its name below: (height, width, 3) from 0 to 1."""
    height, width = tiles[0][1].shape[:2]
    columns = min((3, 2), key=lambda number: -len(tiles) % number)  # leaves the fewest gaps
    rows = -(-len(tiles) // columns)
    line = max(20, width // 14)  # height of a name in pixels
    size = (columns * (width + GAP) - GAP, rows * (height + line))
    canvas = Image.new("RGB", size, WHITE)
    draw, font = ImageDraw.Draw(canvas), ImageFont.load_default(line * 0.7)
    for index, (name, picture) in enumerate(tiles):
        left, top = index % columns * (width + GAP), index // columns * (height + line)
        canvas.paste(image(picture), (left, top))
        draw.text((left + 2, top + height + line // 8), name, fill=INK, font=font)
    return np.asarray(canvas, np.float32) / 255
