"""Records of assets: which file stands behind a name, where it came from, whether it is real."""

import hashlib
import json
import os
import re
from contextlib import suppress
from pathlib import Path

from reverie.errors import ReverieError

LINKS = Path("resources") / "own"


def linked(file: Path) -> Path:
    """A link to the file, by a name of letters, digits, `-`, `_` and `.`, which is made anew if need be."""
    name = (
        hashlib.sha256(str(file).encode()).hexdigest()[:12]
        + re.sub(r"[^\w.-]", "_", file.name)[-100:]
    )
    link, target = LINKS / name, os.path.relpath(file, LINKS)
    target = file if file.is_absolute() else target
    with suppress(OSError):  # where it cannot be made, its absence is told
        LINKS.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            link.symlink_to(target)
    return link


def source_of(path: Path) -> tuple[Path, dict]:
    """The data file and its origin, `source, sha256, sample`.

    ``path`` is an asset's record (.json), or a user's own file or a link of :func:`linked` to it.
    Raises ReverieError when the file that a record names is gone.
    """
    if path.parent == LINKS:
        path = Path(os.path.normpath(LINKS / path.readlink()))
    if path.suffix != ".json":
        return path, {
            "source": str(path),
            "sha256": digest(path, "sha256"),
            "sample": False,
        }
    facts = json.loads(path.read_text())
    file = Path(facts["path"])
    if not file.is_file():
        raise ReverieError(
            f"{file}, which {path} names, is gone; put it back, or delete {path} to search anew."
        )
    return file, {key: facts[key] for key in ("source", "sha256", "sample")}


def digest(path: Path, algorithm: str) -> str:
    """The file's checksum in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()
