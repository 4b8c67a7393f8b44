"""Records of assets: the file of each, where it came from, and whether it is a sample."""

import glob
import hashlib
import json
import os
import re
from contextlib import suppress
from pathlib import Path

from reverie.errors import ReverieError

LINKS = Path("resources") / "own"


def matching(pattern: str) -> list[str]:
    """The paths of the files that a pattern such as `river_*.csv` matches, sorted."""
    pattern = os.path.expanduser(pattern)
    return [pattern] if os.path.exists(pattern) else sorted(glob.glob(pattern, recursive=True))


def linked(file: Path) -> Path:
    """A link to the file whose name has only letters, digits, `-`, `_` and `.`; created if missing."""
    name = (
        hashlib.sha256(str(file).encode()).hexdigest()[:12]
        + re.sub(r"[^\w.-]", "_", file.name)[-100:]
    )
    link, target = LINKS / name, os.path.relpath(file, LINKS)
    target = file if file.is_absolute() else target
    with suppress(OSError):  # Snakemake reports a missing link
        LINKS.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            link.symlink_to(target)
    return link


def source_of(path: Path) -> tuple[Path, dict]:
    """The data file and its origin, `source, sha256, sample`.

    ``path`` is the record (.json) of an asset, the user's own file, or a link to it by :func:`linked`.
    Raises ReverieError if the file of a record no longer exists.
    """
    if path.parent == LINKS:
        path = Path(os.path.normpath(LINKS / path.readlink()))
    if path.suffix != ".json":
        return path, {"source": str(path), "sha256": digest(path, "sha256"), "sample": False}
    facts = json.loads(path.read_text())
    file = Path(facts["path"])
    if not file.is_file():
        raise ReverieError(
            f"{file}, which {path} names, is gone; put it back, or delete {path} to search anew."
        )
    return file, {key: facts[key] for key in ("source", "sha256", "sample")}


def sources_of(paths: list[Path]) -> tuple[list[Path], dict]:
    """The data files and their common origin; the hash of several files is that of their sorted hashes."""
    files, origins = zip(*map(source_of, paths), strict=True)
    origin = origins[0]
    if len(files) > 1:
        hashes = sorted(origin["sha256"] for origin in origins)
        origin = {
            "source": ", ".join(origin["source"] for origin in origins),
            "sha256": hashlib.sha256("".join(hashes).encode()).hexdigest(),
            "sample": False,  # only people's own files are several
        }
    return list(files), origin


def digest(path: Path, algorithm: str) -> str:
    """The checksum of the file in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()
