"""Tables of numbers as they lie on disk: .csv, .csv.gz, or .zip with one .csv in it."""

import csv
import gzip
import math
import zipfile
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from reverie.errors import ReverieError


def open_table(path: Path) -> BinaryIO:
    """The bytes of the table in ``path``, unpacked as they are read.

    Nothing is ever written to disk; a zip whose members would lie outside the folder they are
    unpacked into is refused all the same, since it was made to do harm.
    """
    kind = path.suffix.lower()
    if kind == ".gz":
        return gzip.open(path)
    if kind != ".zip":
        return open(path, "rb")
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        raise ReverieError(f"{path} is not a zip file or is damaged; fetch it again.") from None
    for name in archive.namelist():
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if name.startswith(("/", "\\")) or ".." in parts or ":" in name:
            raise ReverieError(f"{path} is refused: its member {name!r} points out of the folder.")
    members = [name for name in archive.namelist() if name.lower().endswith(".csv")]
    members = [name for name in members if not name.startswith("__MACOSX/")]
    if len(members) != 1:
        raise ReverieError(f"{path} must hold exactly one .csv file, and holds {len(members)}.")
    return archive.open(members[0])


def read_table(path: Path) -> list[dict[str, str]]:
    """The lines of a .csv by the names of its columns."""
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def write_table(path: Path, header: list[str], lines: list[list]) -> None:
    """A .csv with six decimals, and nothing where a number is not known."""

    def written(value) -> str:
        if not isinstance(value, float):  # numpy's float64 is a float, too
            return str(value)
        return "" if math.isnan(value) else f"{value:.6f}"

    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([[written(value) for value in line] for line in lines])
