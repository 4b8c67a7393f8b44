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


def batch_size(sentences: np.ndarray, picture: np.ndarray, most: int) -> int:
    """The sentences in a batch: so few that pictures with many sentences have one in each of enough batches.

    At ``most`` as many, and at most the pictures. The quarter of the pictures with the most sentences does
    not count, since few pictures with very many would make batches tiny.
    """
    counts = np.unique(picture[sentences], return_counts=True)[1]
    usual = int(np.quantile(counts, 0.75, method="higher"))
    return min(most, len(counts), len(sentences) // usual)


def distinct_batches(
    sentences: np.ndarray, picture: np.ndarray, batch: int, generator: np.random.Generator
) -> np.ndarray:
    """The ``sentences`` in random order, (steps, batch) int32, with no picture twice in a batch.

    There are as many rounds as a picture has sentences at most, and each picture's sentences fall on rounds
    of their own. What fills no batch at the end of a round begins the next one, as far as its pictures are
    others; the rest is left out. ``picture`` is that of every sentence of the data.
    """
    by_picture = sentences[np.argsort(picture[sentences], kind="stable")]
    counts = np.unique(picture[by_picture], return_counts=True)[1]
    rounds = generator.random((len(counts), counts.max())).argsort(axis=1)
    turn = rounds[np.arange(counts.max()) < counts[:, None]]
    batches, pending = [], by_picture[:0]
    for number in range(counts.max()):
        members = generator.permutation(by_picture[turn == number])
        again = np.isin(picture[members], picture[pending])
        queue = np.concatenate([pending, members[~again]])
        if len(queue) < batch:
            pending = queue
            continue
        # The first batch has one sentence of a picture; behind it, its pictures may come again.
        queue = np.concatenate([queue, members[again]])
        whole = len(queue) // batch * batch
        batches.append(queue[:whole].reshape(-1, batch))
        pending = queue[whole:]
    return np.concatenate(batches).astype(np.int32)
