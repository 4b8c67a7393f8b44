"""Which region each word points at: alone, or together with its neighbours.

The paper's Markov random field along the sentence: a is the region of each word, and the sum of
agreements(a(t), t) and of β for every two neighbours with one region is as large as possible. So phrases
come to point at one region.
"""

import numpy as np


def smoothed(agreements: np.ndarray, beta: float) -> np.ndarray:
    """The best regions of all words together, (words,), by dynamic programming in regions × words.

    ``agreements`` (regions, words); ``beta``, 0 or more, is what two neighbours gain with one region.
    """
    regions, words = agreements.shape
    total = agreements[:, 0].astype(np.float64)
    before = np.empty((words, regions), np.intp)  # the region of the word before, for each region
    for word in range(1, words):
        best = total.argmax()
        stays = total + beta >= total[best]
        before[word] = np.where(stays, np.arange(regions), best)
        total = np.where(stays, total + beta, total[best]) + agreements[:, word]
    chosen = np.empty(words, np.intp)
    chosen[-1] = total.argmax()
    for word in range(words - 1, 0, -1):
        chosen[word - 1] = before[word, chosen[word]]
    return chosen


def segments(regions: np.ndarray) -> list[tuple[int, int, int]]:
    """Runs of words with one region: (region, first word, word after the last)."""
    starts = np.flatnonzero(np.append(True, regions[1:] != regions[:-1]))
    ends = np.append(starts[1:], len(regions))
    return [
        (int(regions[start]), int(start), int(end)) for start, end in zip(starts, ends, strict=True)
    ]
