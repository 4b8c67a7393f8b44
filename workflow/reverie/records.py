"""Records of assets: which file stands behind a name, where it came from, whether it is real."""

import hashlib
import json
from pathlib import Path

from reverie.errors import ReverieError


def source_of(path: Path) -> tuple[Path, dict]:
    """The data file and its origin, `source, sha256, sample`.

    ``path`` is an asset's record (.json) or a user's own file. Raises ReverieError when the file
    that a record names is gone.
    """
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
