"""The baseline of a writer: a sentence about the most similar training picture."""

import numpy as np

from reverie.describe.dataset import Described

SEED = 0  # of the sentences that are drawn


def most_similar(pictures: np.ndarray, others: np.ndarray) -> np.ndarray:
    """For each of ``pictures`` the place of that of the ``others`` with the greatest cosine.

    Both (pictures, dimensions). By their distance, pictures with small features would be near to all.
    """
    lengths = np.linalg.norm(others, axis=1, keepdims=True)
    return (pictures @ (others / np.maximum(lengths, 1e-12)).T).argmax(axis=1)


def sentences(described: Described, pictures: np.ndarray, places: np.ndarray) -> np.ndarray:
    """For each of the pictures ``places`` a sentence about its most similar training picture, drawn.

    ``pictures`` (pictures, dimensions) are features of all pictures. Returns places of sentences.
    """
    training = described.pictures_of("train")
    similar = training[most_similar(pictures[places], pictures[training])]
    first, end = np.searchsorted(described.picture, [similar, similar + 1])
    return np.random.default_rng(SEED).integers(first, end)
