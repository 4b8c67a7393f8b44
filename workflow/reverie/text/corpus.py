"""The corpus: a text as integer ids, its alphabet, and its split into training and held-out text."""

import json
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reverie.decoding import codec, refusal
from reverie.errors import ReverieError

# Memory that training the lecture's LSTM takes for each character of the alphabet, as measured: for
# weights, gradients and optimizer state together, and for each position in a batch of windows.
WEIGHTS_BYTES, POSITION_BYTES = 72_000, 6.4
MEMORY_BYTES = 2 << 30


@dataclass
class Corpus:
    """A lower-case text, encoded as indices into its sorted alphabet.

    `ids` has the shape (characters,) and the smallest unsigned type that can index the alphabet.
    The network is trained on the text before `train_end`; the rest is held out.
    """

    ids: np.ndarray
    alphabet: str
    train_end: int

    @property
    def text(self) -> str:
        return self.decoded(self.ids)

    def encoded(self, text: str) -> np.ndarray:
        """The text as ids, (characters,); KeyError names the characters that the alphabet lacks."""
        if unknown := sorted(set(text) - set(self.alphabet)):
            raise KeyError("".join(unknown))
        return np.array([self.alphabet.index(character) for character in text], self.ids.dtype)

    def decoded(self, ids: np.ndarray) -> str:
        code_points = np.array([ord(character) for character in self.alphabet], np.uint32)
        return code_points[ids].tobytes().decode("utf-32-le")


def normal(text: str) -> str:
    """The text in lower case and in Unicode's normal form C: a letter and its accent are one character.

    Without that, the same word typed on two systems could be two words. Corpus and prompts are both
    normalised.
    """
    composed = unicodedata.normalize("NFC", text)
    return unicodedata.normalize("NFC", composed.lower())


def read(path: Path, encoding: str = "utf-8") -> str:
    """The file's text, normalised by :func:`normal`, with every line end as a newline.

    Raises ReverieError for a file that is no text in this encoding or has no letters.
    """
    try:
        with open(path, encoding=codec(encoding)) as file:
            text = normal(file.read())
    except UnicodeError as error:
        raise refusal(path, error, encoding, "text.encoding") from None
    if "\0" in text:
        raise ReverieError(
            f"{path} is not {encoding.upper()} text: it has zero bytes; set text.encoding to the "
            "encoding of the file, for example utf-16."
        )
    if not any(map(str.isalpha, text)):
        raise ReverieError(f"{path} has no letters; a corpus is a text in some language.")
    return text


def starts(begin: int, end: int, window: int, step: int) -> range:
    """Starts of the windows of ``text[begin:end]`` that are followed by a character to predict."""
    return range(begin, end - window, step)


def prepare(
    file: Path,
    origin: dict,
    encoding: str,
    window: int,
    step: int,
    held_out: float,
    batch: int,
    corpus: Path,
    facts: Path,
) -> None:
    """Turn the text ``file`` into numbers, ``corpus`` (.npz), and write its counts to ``facts`` (.json).

    ``origin`` has `source, sha256, sample` of the ``file``, which is in ``encoding``; ``held_out`` is the share of the text, at
    its end, that is not trained on. Raises ReverieError for a text shorter than one batch of training
    windows and one held-out window, and for an alphabet so large that training would run out of memory.
    """
    text = read(file, encoding)
    alphabet = "".join(sorted(set(text)))
    train_end = len(text) - round(len(text) * held_out)
    train_windows = len(starts(0, train_end, window, step))
    if train_windows < batch or not starts(train_end, len(text), window, 1):
        needed = (batch - 1) * step + window + 1
        raise ReverieError(
            f"{file} is too short: its {len(text):,} characters leave {train_end:,} to learn and "
            f"{len(text) - train_end:,} held out, and windows of {window} in batches of {batch} need "
            f"{needed:,} and {window + 1:,}; use a longer text."
        )
    limit = int(MEMORY_BYTES / (WEIGHTS_BYTES + POSITION_BYTES * batch * window))
    if len(alphabet) > limit:
        rare = sum(count == 1 for count in Counter(text).values())
        raise ReverieError(
            f"{file} has {len(alphabet):,} different characters, {rare:,} of them only once, and "
            f"there is memory for {limit:,} in batches of {batch} windows of {window}; replace rare "
            "characters, or lower text.batch or text.window."
        )
    id_of = np.zeros(ord(alphabet[-1]) + 1, np.min_scalar_type(len(alphabet) - 1))
    id_of[[ord(character) for character in alphabet]] = np.arange(len(alphabet))
    ids = id_of[np.frombuffer(text.encode("utf-32-le"), np.uint32)]
    np.savez(corpus, ids=ids, alphabet=np.array(alphabet), train_end=np.array(train_end))
    counts = {
        "characters": len(text),
        "vocabulary": len(alphabet),
        "windows": len(starts(0, len(text), window, step)),
        "train_windows": train_windows,
        "held_out_characters": len(text) - train_end,
        **origin,
    }
    facts.write_text(json.dumps(counts, indent=2) + "\n")


def load(file: Path) -> Corpus:
    """Read the corpus that :func:`prepare` wrote."""
    with np.load(file, allow_pickle=False) as saved:
        return Corpus(saved["ids"], str(saved["alphabet"]), int(saved["train_end"]))
