"""Text in the encoding that a setting names."""

import codecs
from pathlib import Path

from reverie.errors import ReverieError

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def codec(encoding: str) -> str:
    """The encoding's name for Python; UTF-8 becomes the variant that skips a byte order mark."""
    return "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding


def refusal(path: Path, error: UnicodeError, encoding: str, setting: str) -> ReverieError:
    """The sentence about a file that is not in the ``encoding``, which is that of the ``setting``."""
    likely = "utf-16" if getattr(error, "object", b"")[:2] in UTF_16 else "latin-1"
    return ReverieError(
        f"{path} is not {encoding.upper()} text; set {setting} to the encoding of the file, for "
        f"example {likely}."
    )
