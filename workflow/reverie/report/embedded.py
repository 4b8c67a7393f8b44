"""Figures, pictures and films as addresses that hold all of them: the page needs no other file."""

import base64
import io
from pathlib import Path
from urllib.parse import quote

from PIL import Image

QUALITY = 85  # of WebP, which takes a sixth of the bytes of PNG
LARGEST = 2400  # pixels a side; larger pictures are shown smaller
UNQUOTED = " !$()*+,-./:;=?@_~"  # in an address of text, within double quotes
SMALL = 400  # pixels a side, on the first screen


def address(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def table(path: Path) -> str:
    """A table (.csv), to be saved from the page."""
    return address("text/csv;charset=utf-8", path.read_bytes())


def drawing(path: Path) -> str:
    """A figure (.svg), as text: most of its characters need no escape, and base64 is a third longer."""
    return f"data:image/svg+xml,{quote(path.read_bytes(), safe=UNQUOTED)}"


def picture(path: Path, largest: int = LARGEST) -> str:
    """A picture (.png), as WebP; at most ``largest`` pixels a side."""
    packed = io.BytesIO()
    with Image.open(path) as image:
        image.thumbnail((largest, largest))
        image.convert("RGB").save(packed, "webp", quality=QUALITY)
    return address("image/webp", packed.getvalue())


def film(path: Path) -> str:
    """A film (.mp4)."""
    return address("video/mp4", path.read_bytes())
