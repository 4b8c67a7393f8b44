"""Pictures and their sentences, as Flickr8k and tables of the user's own have them."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reverie.archives import open_table
from reverie.decoding import codec, refusal
from reverie.describe.dataset import PARTS
from reverie.describe.files import Files, composed
from reverie.errors import ReverieError, quoted

TOKENS = "Flickr8k.token.txt"
LISTS = {
    "train": "Flickr_8k.trainImages.txt",
    "val": "Flickr_8k.devImages.txt",
    "test": "Flickr_8k.testImages.txt",
}
COLUMNS = ["picture", "sentence"]
SHARES = {"val": 0.1, "test": 0.1}  # of the user's pictures; the others are trained on
MOST_CHARACTERS = 5_000  # of a sentence; longer ones are cells that lack a closing quote
FEWEST = {"train": 20, "val": 5, "test": 5}  # pictures
QUOTES = "put sentences with commas into double quotes, and close these"


@dataclass
class Captions:
    """Sentences by the name of their picture, and each picture's part: train, val, test or none.

    `unnamed` counts the sentences that name no picture.
    """

    sentences: dict[str, list[str]]
    parts: dict[str, str]
    unnamed: int = 0


def flickr8k(archive: Path) -> Captions:
    """The sentences and the split of Flickr8k, from its files of texts in a folder or an archive.

    Hodosh, Young and Hockenmaier 2013, "Framing image description as a ranking task". Raises
    ReverieError for a file that is missing or a line that cannot be read.
    """
    files = Files(archive)

    def lines(name: str) -> list[str]:
        if name not in files.members:
            raise ReverieError(f"{archive} has no file {name}; it is not the text of Flickr8k.")
        return decoded(files.read(name), f"{archive}/{name}").splitlines()

    parts = {}
    for part, name in LISTS.items():
        parts |= {line.strip(): part for line in lines(name) if line.strip()}
    sentences: dict[str, list[str]] = {}
    unnamed = 0
    for number, line in enumerate(lines(TOKENS), 1):
        label, tab, sentence = line.partition("\t")
        picture, mark, _ = label.rpartition("#")
        if line.strip() and not (tab and mark):
            raise ReverieError(
                f"{archive}: line {number} of {TOKENS} is {quoted(line)} instead of a picture's "
                "name, #, a number, a tab and a sentence; fetch the file again."
            )
        if picture:
            sentences.setdefault(picture, []).append(sentence)
        else:
            unnamed += bool(sentence.strip())
    return Captions(sentences, parts, unnamed)


def own(table: Path, seed: int, encoding: str = "utf-8") -> Captions:
    """The sentences of the user's table: a line for each, with the columns `picture` and `sentence`.

    With a column `part` (train, val or test) the split is the user's own; otherwise the ``seed`` draws
    it, a tenth each for val and test, but at least FEWEST. Raises ReverieError for a table that lacks a column or names
    another part.
    """
    with open_table(table) as file:
        text = io.StringIO(decoded(file.read(), str(table), encoding), newline="")
        rows = csv.DictReader(text, strict=True)
        with whole_cells(rows, table):
            names = rows.fieldnames or []
        missing = [name for name in COLUMNS if name not in names]
        if missing:
            raise ReverieError(
                f"{table} has no column {missing[0]!r}; its first line must name the columns picture "
                "and sentence."
            )
        sentences: dict[str, list[str]] = {}
        parts: dict[str, str] = {}
        unnamed = 0
        for row in whole_rows(rows, table):
            picture, part = (row["picture"] or "").strip(), (row.get("part") or "").strip()
            sentence = row["sentence"] or ""
            if not picture:
                unnamed += bool(sentence.strip())
                continue
            picture = composed(picture)
            sentences.setdefault(picture, []).append(sentence)
            if "part" not in names:
                continue
            if part not in PARTS:
                raise ReverieError(
                    f"{table}, line {rows.line_num}: the part is {quoted(part)}; write train, val or "
                    "test, or leave the column part out."
                )
            if parts.setdefault(picture, part) != part:
                raise ReverieError(
                    f"{table}, line {rows.line_num}: {quoted(picture)} is in {part} here, and in "
                    f"{parts[picture]} above; a picture has one part."
                )
    return Captions(sentences, parts or drawn(sorted(sentences), seed), unnamed)


def whole_rows(rows: csv.DictReader, table: Path) -> Iterator[dict[str, str]]:
    """The rows; raises ReverieError where quotes or commas have cut one into other cells than were meant."""
    while True:
        with whole_cells(rows, table):
            row = next(rows, None)
        if row is None:
            return
        if None in row:
            raise ReverieError(
                f"{table}, line {rows.line_num}: has more cells than the first line; {QUOTES}."
            )
        if len(row["sentence"] or "") > MOST_CHARACTERS:
            raise ReverieError(
                f"{table}, line {rows.line_num}: the sentence that ends here has "
                f"{len(row['sentence']):,} characters, and {MOST_CHARACTERS:,} are accepted; {QUOTES}."
            )
        yield row


@contextmanager
def whole_cells(rows: csv.DictReader, table: Path):
    """Reading a row within raises ReverieError for quotes that cannot be read."""
    read = rows.line_num
    try:
        yield
    except csv.Error as error:
        raise ReverieError(f"{table}, from line {read + 1} on: {error}; {QUOTES}.") from None


def drawn(pictures: list[str], seed: int) -> dict[str, str]:
    """A part for each picture, drawn at random."""
    order = np.random.default_rng(seed).permutation(len(pictures))
    parts, start = {}, 0
    for part, share in SHARES.items():
        end = start + max(round(share * len(pictures)), FEWEST[part])
        parts |= {pictures[place]: part for place in order[start:end]}
        start = end
    return {picture: parts.get(picture, "train") for picture in pictures}


def refuse_few(parts: list[str], source: Path, rare: int) -> None:
    """Raise ReverieError where a part has too few pictures to learn from or to judge by.

    ``rare`` is how many pictures have no sentence left because their words are too rare.
    """
    counts = Counter(parts)
    for part, fewest in FEWEST.items():
        if counts[part] < fewest:
            advice = "add pictures, or correct the names in the column picture"
            if rare:
                advice = f"{rare} others have only words that are too rare, so lower describe.fewest, or {advice}"
            raise ReverieError(
                f"{source} leaves {counts[part]} pictures with sentences in the part {part}, and "
                f"{fewest} are needed; {advice}."
            )


def decoded(data: bytes, name: str, encoding: str = "utf-8") -> str:
    try:
        return data.decode(codec(encoding))
    except UnicodeError as error:
        raise refusal(Path(name), error, encoding, "describe.encoding") from None
