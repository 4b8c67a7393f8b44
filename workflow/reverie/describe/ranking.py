"""How well scores rank sentences for pictures (annotation) and pictures for sentences (search)."""

import numpy as np

TOPS = (1, 5, 10)
MEASURES = [*(f"recall_{top}" for top in TOPS), "median_rank"]
DIRECTIONS = ["annotation", "search"]
RESAMPLES, SEED = 2000, 0
NUMBERS_AT_ONCE = 1 << 24  # bounds the memory


def score_pairs(regions: np.ndarray, words: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The slide's scores of all pairs, a few pictures at a time, (pictures, sentences), float32.

    Each word takes its best region, however softly it did while the network learned (see
    :func:`reverie.describe.alignment.scores`). ``regions`` (pictures, regions, units), ``words`` (sentences,
    times, units), of which the first ``lengths``, (sentences,), one at least, exist.
    """
    exists = np.arange(words.shape[1]) < lengths[:, None]
    flat = np.ascontiguousarray(words[exists].T)
    starts = np.cumsum(lengths) - lengths
    result = np.empty((len(regions), len(words)), np.float32)
    block = max(1, NUMBERS_AT_ONCE // (regions.shape[1] * flat.shape[1]))
    for first in range(0, len(regions), block):
        part = regions[first : first + block]
        agreements = part.reshape(-1, part.shape[-1]) @ flat
        best = agreements.reshape(*part.shape[:2], -1).max(axis=1)
        result[first : first + block] = np.add.reduceat(best, starts, axis=1)
    return result


def best_region(
    regions: np.ndarray,
    words: np.ndarray,
    lengths: np.ndarray,
    picture: np.ndarray,
    sharpness: float | None,
) -> float:
    """The weight of a word's best region in the soft score of its own picture, as a mean over words.

    A region counts by exp(sharpness × agreement), and the weights of all add up to 1; without ``sharpness`` the
    best one counts alone. Sentence s belongs to ``picture[s]``; the rest is as in :func:`score_pairs`.
    """
    if sharpness is None:
        return 1.0
    weights = []
    for own, sentence, length in zip(picture, words, lengths, strict=True):
        agreements = sharpness * (regions[own] @ sentence[:length].T)
        weights.append(1 / np.exp(agreements - agreements.max(axis=0)).sum(axis=0))
    return float(np.concatenate(weights).mean())


def ranks(scores: np.ndarray, picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ranks from 1 of what belongs together, by annotation, (pictures,), and by search, (sentences,).

    ``scores`` (pictures, sentences); sentence s belongs to ``picture[s]``. The rank of a picture is that
    of the best of its sentences among all; the rank of a sentence is that of its picture. Ties count
    against it, so that a constant score has the worst rank.
    """
    sentences = np.arange(scores.shape[1])
    right = scores[picture, sentences]
    search = (scores >= right).sum(axis=0)
    best = np.full(len(scores), -np.inf)
    np.maximum.at(best, picture, right)
    own = np.zeros(scores.shape, bool)
    own[picture, sentences] = True
    annotation = 1 + ((scores >= best[:, None]) & ~own).sum(axis=1)
    return annotation, search


def resampled(pictures: int, resamples: int = RESAMPLES, seed: int = SEED) -> np.ndarray:
    """How often each picture stands in each resample of a bootstrap, (resamples, pictures)."""
    shares = np.full(pictures, 1 / pictures)
    return np.random.default_rng(seed).multinomial(pictures, shares, size=resamples)


def measures(ranks: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """All MEASURES of the ranks, (resamples, measures); ``weights`` (resamples, ranks) count each.

    Without weights there is one resample, the ranks themselves.
    """
    weights = np.ones((1, len(ranks))) if weights is None else weights
    totals = weights.sum(axis=1)
    recalls = [weights @ (ranks <= top) / totals for top in TOPS]
    order = np.argsort(ranks, kind="stable")
    ordered, counted = ranks[order], np.cumsum(weights[:, order], axis=1)
    # The median of an even number is the mean of the two in the middle.
    low = (counted >= (totals[:, None] + 1) // 2).argmax(axis=1)
    high = (counted >= totals[:, None] // 2 + 1).argmax(axis=1)
    return np.stack([*recalls, (ordered[low] + ordered[high]) / 2], axis=1)


def evaluate(annotation: np.ndarray, search: np.ndarray, picture: np.ndarray) -> dict[str, dict]:
    """By direction, `value` (measures,) and `resamples` (resamples, measures) of a bootstrap.

    Pictures are resampled, with their sentences. The same number of pictures draws the same resamples,
    so that two models can be compared resample by resample.
    """
    weights = resampled(len(annotation))
    return {
        "annotation": {
            "value": measures(annotation)[0],
            "resamples": measures(annotation, weights),
        },
        "search": {
            "value": measures(search)[0],
            "resamples": measures(search, weights[:, picture]),
        },
    }
