"""Files by their names in a folder, a .zip or a .tar, and pictures among them."""

import hashlib
import io
import os
import shutil
import tarfile
import tempfile
import unicodedata
import warnings
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from reverie import records
from reverie.archives import DAMAGED
from reverie.errors import ReverieError, quoted
from reverie.pictures import images

ENDINGS = {".jpg", ".jpeg", ".png", ".webp"}


class Files:
    """Files in a folder or an archive; `names` are their sorted names without folders.

    No member is unpacked to disk, so that no name in an archive can do harm. Raises ReverieError for an
    archive that cannot be read, and where one of two files of one name is asked for.
    """

    def __init__(self, path: Path):
        self.path, self.members, self.archive = path, {}, None
        self.twice: set[str] = set()  # names, as of systems' own files in every folder
        if path.is_dir():
            members = [(file.name, file) for file in sorted(path.rglob("*")) if file.is_file()]
        else:
            members = self.reading(self.listed)
        for name, member in members:
            if name.startswith("."):  # as systems leave them beside files
                continue
            name = composed(name)
            if name in self.members:
                self.twice.add(name)
            self.members[name] = member
        self.names = sorted(self.members)

    def listed(self) -> list[tuple[str, object]]:
        """Names and members of the archive."""
        if zipfile.is_zipfile(self.path):
            self.archive = zipfile.ZipFile(self.path)
            members = [(info.filename, info) for info in self.archive.infolist()]
            members = [(name, info) for name, info in members if not info.is_dir()]
        else:
            self.archive = opened_tar(self.path)
            members = [(info.name, info) for info in self.archive if info.isfile()]
        return [(PurePosixPath(name.replace("\\", "/")).name, info) for name, info in members]

    def refuse_two(self, names: Iterable[str]) -> None:
        if doubles := self.twice.intersection(names):
            raise ReverieError(
                f"{self.path} has two files of the name {quoted(min(doubles))}; rename one of them."
            )

    def read(self, name: str) -> bytes:
        self.refuse_two([name])
        member = self.members[name]
        if self.archive is None:
            return member.read_bytes()
        if isinstance(member, zipfile.ZipInfo):
            return self.reading(lambda: self.archive.read(member))
        return self.reading(lambda: self.archive.extractfile(member).read())

    def reading(self, action):
        """The action's result; ReverieError where the archive is damaged."""
        try:
            return action()
        except FileNotFoundError:
            raise ReverieError(f"{self.path} is missing; correct the path.") from None
        except (*DAMAGED, tarfile.TarError, RuntimeError, NotImplementedError, OSError) as error:
            raise ReverieError(
                f"{self.path} is neither a folder nor a readable .zip or .tar ({error}); fetch it "
                "again, or unpack it and name the folder."
            ) from None

    @property
    def pictures(self) -> list[str]:
        """The names that end as those of pictures do."""
        names = list(filter(of_a_picture, self.names))
        self.refuse_two(names)
        return names


def opened_tar(path: Path) -> tarfile.TarFile:
    """The archive; without its compression, in which each step backwards would begin at the start again."""
    try:
        return tarfile.open(path, "r:")
    except tarfile.ReadError:
        plain = tempfile.TemporaryFile()  # noqa: SIM115, open as long as the archive
        with tarfile.open(path) as compressed:
            compressed.fileobj.seek(0)
            shutil.copyfileobj(compressed.fileobj, plain)
        plain.seek(0)
        return tarfile.open(fileobj=plain)


def composed(name: str) -> str:
    """The name with each accent as one character with its letter, since a Mac writes them apart."""
    return unicodedata.normalize("NFC", name)


def of_a_picture(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in ENDINGS


def picture(data: bytes, side: int) -> np.ndarray | None:
    """The picture as a square, squeezed, (side, side, 3) uint8; None if it cannot be read.

    It is turned upright as its EXIF data say, and transparent pixels become white.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about metadata, which is not used
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(data), formats=images.FORMATS)
            opened.draft("RGB", (side, side))  # decodes a large JPEG in a fraction of the time
            opened.load()
            squeezed = images.upright(opened).resize((side, side), images.RESAMPLING)
    except Exception:  # decoders raise a dozen kinds of errors for damaged files
        return None
    return np.asarray(squeezed)


def source_of(path: Path) -> tuple[Path, dict]:
    """As :func:`records.source_of`, also of a folder, whose hash is that of its pictures' names and hashes."""
    if not path.is_dir():
        return records.source_of(path)
    files, hashed = Files(path), hashlib.sha256()
    for name in files.pictures:
        hashed.update(f"{name} {hashlib.sha256(files.read(name)).hexdigest()}\n".encode())
    return path, {"source": str(path), "sha256": hashed.hexdigest(), "sample": False}


def listing(path: Path) -> str | None:
    """What changes when pictures in a folder do; None for a file, which has a time of its own."""
    if not path.is_dir():
        return None
    hashed = hashlib.sha256()
    for folder, _, names in sorted(os.walk(path)):
        for name in sorted(filter(of_a_picture, names)):
            facts = os.stat(os.path.join(folder, name))
            hashed.update(f"{folder}/{name} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return hashed.hexdigest()[:16]
