"""Pictures on record: small copies, which still show what a network saw."""

from pathlib import Path

from PIL import Image

LARGEST, QUALITY = 640, 75  # pixels a side; of JPEG


def keep(picture: Path, file: Path, largest: int = LARGEST) -> None:
    """Write the picture (.png) as a .jpg of at most ``largest`` pixels a side, if there is one."""
    if picture.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        with Image.open(picture) as image:
            image.thumbnail((largest, largest))
            image.convert("RGB").save(file, "jpeg", quality=QUALITY, optimize=True)
