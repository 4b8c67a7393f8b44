"""Which region of a picture each word of a sentence points at, by a trained alignment model."""

import json
import math
from pathlib import Path

import keras
import numpy as np

from reverie.describe import alignment
from reverie.describe.regions import boxes, regions
from reverie.describe.smoothing import smoothed
from reverie.describe.words import Vocabulary, padded
from reverie.weights import load as read_weights


class Aligner:
    """A trained alignment model.

    ``training`` is the folder of its training, ``cells`` and ``dimensions`` those of the features;
    a sentence has up to ``longest`` words. `boxes`, (regions, 4), are left, top, right and bottom of the
    regions as shares of the picture.
    """

    def __init__(
        self, training: Path, vocabulary: list[str], cells: int, dimensions: int, longest: int
    ):
        network = json.loads((training / "model.json").read_text())["network"]
        self.vocabulary, self.longest = Vocabulary(vocabulary), longest
        self.levels = network["levels"]
        self.boxes = boxes(math.isqrt(cells), self.levels)
        model, self.pictures, self.sentences = alignment.build(
            network, len(self.boxes), dimensions, longest, len(self.vocabulary)
        )
        advice = f"delete {training}, and it is trained again"
        read_weights(model, training / "best.weights.h5", "the alignment model", advice)

    def agreements(self, cells: np.ndarray, words: list[str]) -> np.ndarray:
        """How much each region of a picture, (cells, dimensions), agrees with each word, (regions, words).

        Words that the vocabulary lacks, and those after the longest, are 0.
        """
        known = [place for place, word in enumerate(words) if word in self.vocabulary.numbers]
        known = known[: self.longest]
        numbers, lengths = padded([self.vocabulary.encoded(words)], self.longest)
        exists = (np.arange(self.longest) < lengths[:, None]).astype(np.float32)
        vectors = self.pictures(regions(cells[None], self.levels).astype(np.float32))
        agreements = alignment.agreements(vectors, self.sentences([numbers, exists]))
        agreements = keras.ops.convert_to_numpy(agreements)[0, :, 0]
        result = np.zeros((len(agreements), len(words)), np.float32)
        result[:, known] = agreements[:, : len(known)]
        return result

    def pointed(self, cells: np.ndarray, words: list[str], beta: float) -> np.ndarray:
        """The region of each word, (words,), smoothed along the sentence."""
        return smoothed(self.agreements(cells, words), beta)
