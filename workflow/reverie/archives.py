"""Tables as people have them: .csv, .csv.gz, .csv.xz, or .zip with one .csv in it."""

import errno
import gzip
import io
import lzma
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from reverie.errors import ReverieError, quoted

# What Python's readers of archives raise for one that is damaged.
DAMAGED = (
    EOFError,
    OverflowError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


def open_table(path: Path) -> BinaryIO:
    """The bytes of the table in ``path``, unpacked as they are read.

    Nothing is ever written to disk; a zip whose members would lie outside the folder they are
    unpacked into is refused all the same, since it was made to do harm. FileNotFoundError for a
    file that is not there; ReverieError, also from reading, for whatever else cannot be read.
    """
    file = reading(path, lambda: unpacked(path))
    return io.BufferedReader(Unpacked(path, file))


class Unpacked(io.RawIOBase):
    """A file that is unpacked as it is read; its damages are told in a sentence."""

    def __init__(self, path: Path, file: BinaryIO):
        self.path, self.file = path, file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        block = reading(self.path, lambda: self.file.read(len(buffer)))
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        self.file.close()
        super().close()


def reading(path: Path, action):
    """The action's result; ReverieError where it cannot read ``path``."""
    try:
        return action()
    except FileNotFoundError:
        raise
    except NotImplementedError as error:
        raise ReverieError(
            f"{path} is packed in a way that is not known here ({error}); pack it anew as .zip or "
            ".csv.gz."
        ) from None
    except RuntimeError:  # what zipfile says of a member with a password
        raise ReverieError(
            f"{path} is locked by a password; unpack it and name the .csv itself."
        ) from None
    except OSError as error:
        if error.errno not in (None, errno.EINVAL):  # so zipfile seeks where a number is wrong
            raise ReverieError(f"{path} cannot be read: {error.strerror}.") from None
        raise damage(path) from None
    except DAMAGED:
        raise damage(path) from None


def damage(path: Path) -> ReverieError:
    kind = {".gz": "gzip", ".xz": "xz", ".zip": "zip"}.get(path.suffix.lower(), "readable")
    return ReverieError(f"{path} is not a {kind} file or is damaged; fetch it again.")


def unpacked(path: Path) -> BinaryIO:
    """The open file, or the open table in it."""
    kind = path.suffix.lower()
    if kind == ".gz":
        return gzip.open(path)
    if kind == ".xz":
        return lzma.open(path)
    if kind != ".zip":
        return open(path, "rb")
    archive = zipfile.ZipFile(path)
    for name in archive.namelist():
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if name.startswith(("/", "\\")) or ".." in parts or ":" in name:
            raise ReverieError(
                f"{path} is refused: its member {quoted(name)} points out of the folder."
            )
    members = [name for name in archive.namelist() if name.lower().endswith(".csv")]
    members = [name for name in members if not name.startswith("__MACOSX/")]
    if len(members) != 1:
        raise ReverieError(f"{path} must hold exactly one .csv file, and holds {len(members)}.")
    return archive.open(members[0])
