"""Batches of pictures and sentences, gathered inside the compiled step."""

import numpy as np
from keras import ops

from reverie.describe.dataset import Described


def data(described: Described, regions: np.ndarray) -> list[np.ndarray]:
    """What :func:`gather` reads; ``regions`` (pictures, regions, dimensions) float16."""
    return [
        regions,
        described.words.astype(np.int32),
        described.lengths.astype(np.int32),
        described.picture.astype(np.int32),
    ]


def gather(data, rows):
    """Regions, numbers of words, and which words exist, of the sentences ``rows``, (batch,)."""
    regions, words, lengths, picture = data
    features = ops.take(regions, ops.take(picture, rows, axis=0), axis=0)
    numbers = ops.take(words, rows, axis=0)
    exists = ops.arange(words.shape[1]) < ops.take(lengths, rows, axis=0)[:, None]
    return (ops.cast(features, "float32"), numbers, ops.cast(exists, "float32")), rows


def distinct_batches(
    sentences: np.ndarray, picture: np.ndarray, batch: int, generator: np.random.Generator
) -> np.ndarray:
    """The ``sentences`` in random order, (steps, batch) int32, with no picture twice in a batch.

    In each of several rounds every picture with a sentence left has one; what fills no batch at the
    end of a round is left out. ``picture`` is that of every sentence of the data.
    """
    order = generator.permutation(sentences)
    by_picture = order[np.argsort(picture[order], kind="stable")]
    of = picture[by_picture]
    starts = np.flatnonzero(np.append(True, of[1:] != of[:-1]))
    counts = np.diff(np.append(starts, len(of)))
    turn = np.arange(len(of)) - np.repeat(starts, counts)
    rounds = []
    for number in range(int(turn.max()) + 1):
        members = generator.permutation(by_picture[turn == number])
        whole = len(members) // batch * batch
        rounds.append(members[:whole].reshape(-1, batch))
    return np.concatenate(rounds).astype(np.int32)
