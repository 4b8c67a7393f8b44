"""Pictures with sentences in numbers, as networks read them."""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

PARTS = ["train", "val", "test"]


@dataclass
class Described:
    """Pictures with sentences.

    `names` (pictures,), sorted, and `part` (pictures,) place in PARTS; `texts` (sentences,) as written,
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
        np.savez_compressed(
            file, **{field.name: getattr(self, field.name) for field in fields(self)}
        )


def load(file: Path) -> Described:
    """What :meth:`Described.save` wrote."""
    with np.load(file, allow_pickle=False) as saved:
        return Described(**{field.name: saved[field.name] for field in fields(Described)})
