"""Pictures with sentences in numbers, as networks read them."""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

PARTS = ["train", "val", "test"]


@dataclass
class Described:
    """Pictures with sentences.

    `names` (pictures,), sorted, and `part` (pictures,) place in PARTS; `texts` (sentences,) of str, as written,
    `picture` (sentences,) place of each sentence's picture, `words` (sentences, longest) and `lengths`
    (sentences,) as :func:`reverie.describe.words.padded` gives them; `vocabulary` (words,).
    """

    names: np.ndarray
    part: np.ndarray
    texts: np.ndarray
    picture: np.ndarray
    words: np.ndarray
    lengths: np.ndarray
    vocabulary: np.ndarray

    def pictures_of(self, part: str) -> np.ndarray:
        """Places of the pictures of a part."""
        return np.flatnonzero(self.part == PARTS.index(part))

    def sentences_of(self, part: str) -> np.ndarray:
        """Places of the sentences of a part."""
        return np.flatnonzero(self.part[self.picture] == PARTS.index(part))

    def save(self, file: Path) -> None:
        arrays = {field.name: getattr(self, field.name) for field in fields(self)}
        # One after the other, since in an array of texts each takes the space of the longest.
        encoded = [text.encode() for text in self.texts]
        arrays["texts"] = np.frombuffer(b"".join(encoded), np.uint8)
        arrays["bytes_of_texts"] = np.array(list(map(len, encoded)), np.int32)
        np.savez_compressed(file, **arrays)


def load(file: Path) -> Described:
    """What :meth:`Described.save` wrote."""
    with np.load(file, allow_pickle=False) as saved:
        arrays = {field.name: saved[field.name] for field in fields(Described)}
        lengths = saved["bytes_of_texts"]
    whole, ends = arrays["texts"].tobytes(), np.cumsum(lengths)
    texts = [whole[end - length : end].decode() for end, length in zip(ends, lengths, strict=True)]
    return Described(**arrays | {"texts": np.array(texts, object)})
