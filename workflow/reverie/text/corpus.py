"""The corpus: a text as numbers, its alphabet, and which of its windows are learned."""

import json
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reverie.errors import ReverieError

# Bytes that training the lecture's LSTM takes for each character of the alphabet, as measured: for
# its weights, with their gradients and the optimizer's state, and at each place of a batch.
WEIGHTS_BYTES, PLACE_BYTES = 72_000, 6.4
MOST_BYTES = 2 << 30


@dataclass
class Corpus:
    """A lower-case text as places in its alphabet.

    `ids` has the shape (characters,) in the smallest unsigned type that holds the alphabet, which
    is sorted. The text before `train_end` is learned, the rest is held out.
    """

    ids: np.ndarray
    alphabet: str
    train_end: int

    @property
    def text(self) -> str:
        return self.decoded(self.ids)

    def encoded(self, text: str) -> np.ndarray:
        """The text's places in the alphabet; KeyError with the characters that it lacks."""
        if unknown := sorted(set(text) - set(self.alphabet)):
            raise KeyError("".join(unknown))
        return np.array([self.alphabet.index(character) for character in text], self.ids.dtype)

    def decoded(self, ids: np.ndarray) -> str:
        points = np.array([ord(character) for character in self.alphabet], np.uint32)
        return points[ids].tobytes().decode("utf-32-le")


def normal(text: str) -> str:
    """The text in lower case, each letter with its accents as one character where there is one.

    Without that (Unicode's form NFC) the same word typed on two systems may be two words. Corpus
    and prompts go through it.
    """
    composed = unicodedata.normalize("NFC", text)
    return unicodedata.normalize("NFC", composed.lower())


def read(path: Path) -> str:
    """The text as :func:`normal` makes it, with line ends as newlines, as the lecture reads it.

    Raises ReverieError for a file that is not UTF-8 text or has no letters.
    """
    try:
        with open(path, encoding="utf-8-sig") as file:
            text = normal(file.read())
    except UnicodeDecodeError as error:
        raise ReverieError(
            f"{path} is not UTF-8 text: byte {error.start + 1:,} cannot be decoded; save it as UTF-8."
        ) from None
    if "\0" in text:
        raise ReverieError(f"{path} is not UTF-8 text: it has zero bytes; save it as UTF-8.")
    if not any(map(str.isalpha, text)):
        raise ReverieError(f"{path} has no letters; a corpus is a text in some language.")
    return text


def starts(begin: int, end: int, window: int, step: int) -> range:
    """Where the windows of ``text[begin:end]`` start, each with a character after it."""
    return range(begin, end - window, step)


def prepare(
    file: Path,
    origin: dict,
    window: int,
    step: int,
    held_out: float,
    batch: int,
    corpus: Path,
    facts: Path,
) -> None:
    """Write the corpus (`corpus.npz`) and what was found in it (`corpus.json`).

    ``origin`` has `source, sha256, sample` of the ``file``; ``held_out`` is the share of the text, at
    its end, that is not learned. Raises ReverieError when there is too little text for one batch of
    ``batch`` windows to learn and one window held out, and for an alphabet whose batches would fill
    the memory.
    """
    text = read(file)
    alphabet = "".join(sorted(set(text)))
    train_end = len(text) - round(len(text) * held_out)
    learned = starts(0, train_end, window, step)
    if len(learned) < batch or not starts(train_end, len(text), window, 1):
        needed = max((batch - 1) * step + window + 1, window + 1)
        raise ReverieError(
            f"{file} is too short: its {len(text):,} characters leave {train_end:,} to learn and "
            f"{len(text) - train_end:,} held out, and windows of {window} in batches of {batch} need "
            f"{needed:,} and {window + 1:,}; use a longer text."
        )
    most = int(MOST_BYTES / (WEIGHTS_BYTES + PLACE_BYTES * batch * window))
    if len(alphabet) > most:
        rare = sum(count == 1 for count in Counter(text).values())
        raise ReverieError(
            f"{file} has {len(alphabet):,} different characters, {rare:,} of them only once, and "
            f"there is memory for {most:,} in batches of {batch} windows of {window}; replace rare "
            "characters, or lower text.batch or text.window."
        )
    kind = np.min_scalar_type(len(alphabet) - 1)
    place = np.zeros(ord(alphabet[-1]) + 1, kind)
    place[[ord(character) for character in alphabet]] = np.arange(len(alphabet))
    points = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    np.savez(corpus, ids=place[points], alphabet=np.array(alphabet), train_end=np.array(train_end))
    found = {
        "characters": len(text),
        "vocabulary": len(alphabet),
        "windows": len(starts(0, len(text), window, step)),
        "train_windows": len(learned),
        "held_out_characters": len(text) - train_end,
        **origin,
    }
    facts.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")


def load(file: Path) -> Corpus:
    """What :func:`prepare` wrote."""
    with np.load(file, allow_pickle=False) as saved:
        return Corpus(saved["ids"], str(saved["alphabet"]), int(saved["train_end"]))
