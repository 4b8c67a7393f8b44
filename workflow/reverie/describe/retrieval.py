"""The baseline of a writer: the sentence of the nearest training picture."""

import numpy as np

from reverie.describe.dataset import Described


def nearest(pictures: np.ndarray, others: np.ndarray) -> np.ndarray:
    """For each of ``pictures`` the place of the nearest of ``others``, both (pictures, dimensions)."""
    # Squared distances, without the part that is the same for all others.
    distances = (others**2).sum(axis=1) - 2 * pictures @ others.T
    return distances.argmin(axis=1)


def sentences(described: Described, pictures: np.ndarray, places: np.ndarray) -> np.ndarray:
    """For each of the pictures ``places`` the first sentence of its nearest training picture.

    ``pictures`` (pictures, dimensions) are features of all pictures. Returns places of sentences.
    """
    training = described.pictures_of("train")
    closest = training[nearest(pictures[places], pictures[training])]
    return np.searchsorted(described.picture, closest)
