"""Whether frequent words are written too often, and rare ones hardly ever."""

import numpy as np

BANDS = [10, 100, 1000]  # ranks: the most frequent words, the next, …, and all others


def shares(sentences: list[list[str]], groups: list[list[str]]) -> np.ndarray:
    """Of all words of each sentence, how many are in each group, (sentences, groups + 1).

    The last column counts words in no group.
    """
    group_of = {word: number for number, group in enumerate(groups) for word in group}
    table = np.zeros((len(sentences), len(groups) + 1))
    for row, sentence in enumerate(sentences):
        for word in sentence:
            table[row, group_of.get(word, len(groups))] += 1
    return table


def excess(
    written: np.ndarray, references: np.ndarray, weights: np.ndarray | None = None
) -> np.ndarray:
    """How many times as often as people the network writes words of each group, (resamples, groups).

    ``written`` and ``references`` (pictures, groups) are counts of words by picture, ``weights``
    (resamples, pictures) say how often each picture counts. Shares of all words are compared, so that the
    number of references does not matter. Not a number for a group that people do not use.
    """
    weights = np.ones((1, len(written))) if weights is None else weights
    ours, theirs = weights @ written, weights @ references
    with np.errstate(invalid="ignore", divide="ignore"):
        times = (ours / ours.sum(axis=1, keepdims=True)) / (
            theirs / theirs.sum(axis=1, keepdims=True)
        )
    return np.where(theirs > 0, times, np.nan)


def unused(vocabulary: list[str], sentences: list[list[str]]) -> float:
    """The share of the vocabulary that no sentence uses."""
    used = {word for sentence in sentences for word in sentence}
    return 1 - len(used & set(vocabulary)) / len(vocabulary)
