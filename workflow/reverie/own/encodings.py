"""The encoding of a file's bytes."""

import codecs
import re

from reverie.errors import ReverieError, shortened
from reverie.own.overlay import Guess

FOREIGN = 1 / 3  # more letters with accents than in a text of Western Europe
ASK = (
    "say ENCODING=…, such as cp1252 (Western Europe), cp1250 (Central Europe) or cp1251 (Cyrillic)"
)


def guess(contents: list[bytes], path: str, encoding: str | None) -> Guess:
    """The encoding of the ``contents`` of the files ``path``; ``encoding`` is what the user says it is.

    Raises ReverieError for an encoding that does not fit, and where several may fit.
    """
    data = b"\n".join(contents)
    if not data.strip():
        raise ReverieError(f"{path} is empty; copy it again.")
    if encoding:
        try:
            for content in contents:
                content.decode(encoding)
        except (LookupError, UnicodeError) as error:
            raise ReverieError(
                f"{path} cannot be read with ENCODING={encoding}: {error}."
            ) from None
        return Guess(encoding, "as you said")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Guess("utf-16", "the file begins with the mark of UTF-16")
    if b"\0" in data:
        raise ReverieError(
            f"{path} has zero bytes, so that it is no text, or UTF-16 without its mark; if so, say "
            "ENCODING=utf-16-le or ENCODING=utf-16-be."
        )
    try:
        data.decode("utf-8")
        return Guess("utf-8", "it is valid UTF-8")
    except UnicodeDecodeError:
        pass
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        raise ReverieError(f"{path} is neither UTF-8 nor cp1252; {ASK}.") from None
    letters = list(filter(str.isalpha, text))
    if sum(letter > "\x7f" for letter in letters) > FOREIGN * len(letters):
        raise ReverieError(f"{path} is not UTF-8, and as cp1252 it has too many accents; {ASK}.")
    letter = re.search(r"\w*[^\W\x00-\x7f]\w*", text) or re.search(r"[^\x00-\x7f]", text)
    example = shortened(letter[0], 20)
    same = "" if re.search(rb"[\x80-\x9f]", data) else " (the same as Latin-1 here)"
    reason = f"a guess{same}, as it is not UTF-8; if {example!r} is misread, say ENCODING=…"
    return Guess("cp1252", reason)
