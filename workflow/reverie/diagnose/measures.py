"""How good predictions of several labels are, with intervals over patients.

Micro averages take all pairs of an episode and a label as one list, macro averages are means over
labels. ``weights`` (resamples, episodes) say how often each episode stands in a resample of a
bootstrap. All measures take them, so that a thousand resamples cost one sort; without them there is
one resample, the episodes themselves. Not a number is what a resample leaves undefined.
"""

from dataclasses import dataclass

import numpy as np

from reverie import bootstrap

MEASURES = ["micro_auc", "macro_auc", "micro_f1", "macro_f1", "precision_at_k"]
NUMBERS_AT_ONCE = 1 << 18  # of a block of resamples; larger ones wait for memory


def resampled(episodes: int, resamples: int = 1000, seed: int = 0) -> np.ndarray:
    """Weights of a bootstrap over episodes, (resamples, episodes) float32."""
    shares = np.full(episodes, 1 / episodes)
    draws = np.random.default_rng(seed).multinomial(episodes, shares, size=resamples)
    return draws.astype(np.float32)


def weights_or_one(weights: np.ndarray | None, episodes: int) -> np.ndarray:
    return np.ones((1, episodes), np.float32) if weights is None else weights


def auc(
    truth: np.ndarray,
    scores: np.ndarray,
    weights: np.ndarray | None = None,
    episode: np.ndarray | None = None,
) -> np.ndarray:
    """The area under the ROC curve, (resamples,).

    ``truth`` and ``scores`` (entries,). It is the share of all pairs of a positive and a negative
    entry that the scores order rightly, where a tie counts half (Mann and Whitney 1947). ``episode``
    (entries,) is the number of each entry's episode, by default its place.
    """
    episode = np.arange(len(truth)) if episode is None else episode
    weights = weights_or_one(weights, int(episode.max()) + 1)
    positive = truth.astype(bool)
    order = np.argsort(scores[~positive], kind="stable")
    negatives = scores[~positive][order]
    winners, losers = episode[positive], episode[~positive][order]
    # Where the scores of the positive entries would stand among the negative ones, before and after ties.
    below = np.searchsorted(negatives, scores[positive], side="left")
    up_to = np.searchsorted(negatives, scores[positive], side="right")
    result = np.empty(len(weights))
    block = max(1, NUMBERS_AT_ONCE // len(truth))
    for first in range(0, len(weights), block):
        part = weights[first : first + block]
        beaten = np.zeros((len(part), len(losers) + 1))
        np.cumsum(part[:, losers], axis=1, dtype=np.float64, out=beaten[:, 1:])
        won = part[:, winners].astype(np.float64)
        pairs = won.sum(axis=1) * beaten[:, -1]
        with np.errstate(invalid="ignore"):
            wins = (won * (beaten[:, below] + beaten[:, up_to])).sum(axis=1) / 2
            result[first : first + block] = wins / pairs
    return result


def aucs(
    truth: np.ndarray,
    scores: np.ndarray,
    weights: np.ndarray | None = None,
    among: np.ndarray | None = None,
) -> np.ndarray:
    """The area under the ROC curve of each label, (resamples, labels), from (episodes, labels).

    ``among`` (episodes, labels) bool: for each label only these episodes are compared, for example those
    in which the condition did not hold yet.
    """
    weights = weights_or_one(weights, len(truth))
    columns = []
    for label in range(truth.shape[1]):
        episode = np.arange(len(truth)) if among is None else np.flatnonzero(among[:, label])
        if not len(episode):
            columns.append(np.full(len(weights), np.nan))
            continue
        columns.append(auc(truth[episode, label], scores[episode, label], weights, episode))
    return np.stack(columns, axis=1)


def micro_auc(truth: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None):
    """The area under the ROC curve over all pairs of episode and label, (resamples,)."""
    episode = np.repeat(np.arange(len(truth)), truth.shape[1])
    return auc(truth.ravel(), scores.ravel(), weights, episode)


@dataclass
class Thresholds:
    """Scores from which on a label is predicted: `common` to all for micro F1, `own`, (labels,), of
    each for macro F1."""

    common: float
    own: np.ndarray

    @classmethod
    def of(cls, truth: np.ndarray, scores: np.ndarray):
        """Those with the best F1 on validation episodes, (episodes, labels).

        Macro F1 is best where each label's F1 is; micro F1 is best with one threshold for all, if
        scores are probabilities (Lipton, Elkan and Narayanaswamy 2014, "Optimal thresholding of
        classifiers to maximize F1 measure").
        """
        own = [best_threshold(truth[:, label], scores[:, label]) for label in range(truth.shape[1])]
        return cls(best_threshold(truth.ravel(), scores.ravel()), np.array(own))


def best_threshold(truth: np.ndarray, scores: np.ndarray) -> float:
    """The score from which on to predict the label for the best F1; the greatest of equally good ones."""
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    right = np.cumsum(truth[order])
    last = np.append(ordered[1:] != ordered[:-1], True)  # equal scores are predicted together
    f1 = 2 * right / (np.arange(1, len(truth) + 1) + truth.sum())
    return float(ordered[np.argmax(np.where(last, f1, -1))])


def f1(
    truth: np.ndarray, predicted: np.ndarray, weights: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Micro F1, (resamples,), and F1 of each label, (resamples, labels).

    ``truth`` and ``predicted`` (episodes, labels). F1 of a label that neither holds nor is predicted is
    not a number.
    """
    weights = weights_or_one(weights, len(truth)).astype(np.float64)
    right = weights @ (truth & predicted)
    either = weights @ truth + weights @ predicted
    with np.errstate(invalid="ignore", divide="ignore"):
        return 2 * right.sum(axis=1) / either.sum(axis=1), 2 * right / either


def precision_at(truth: np.ndarray, scores: np.ndarray, k: int) -> np.ndarray:
    """The share of each episode's ``k`` labels with the highest scores that hold, (episodes,)."""
    top = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(truth, top, axis=1).mean(axis=1)


def evaluate(
    truth: np.ndarray,
    scores: np.ndarray,
    thresholds: Thresholds,
    k: int,
    weights: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """All MEASURES, (resamples,) each, and the AUC of each label, `aucs` (resamples, labels).

    ``truth`` (episodes, labels) bool, ``scores`` (episodes, labels). A macro average leaves out the
    labels for which a resample leaves the measure undefined.
    """
    own, common = scores >= thresholds.own, scores >= thresholds.common
    by_label = aucs(truth, scores, weights)
    shares = weights_or_one(weights, len(truth)).astype(np.float64)
    return {
        "micro_auc": micro_auc(truth, scores, weights),
        "macro_auc": mean_of_known(by_label),
        "micro_f1": f1(truth, common, weights)[0],
        "macro_f1": mean_of_known(f1(truth, own, weights)[1]),
        "precision_at_k": shares @ precision_at(truth, scores, k) / shares.sum(axis=1),
        "aucs": by_label,
    }


def mean_of_known(values: np.ndarray) -> np.ndarray:
    """The mean of each row without what is not a number, (rows,)."""
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.where(known, values, 0).sum(axis=1) / known.sum(axis=1)


def interval(estimate: float, values: np.ndarray, patients: int) -> tuple[float, float]:
    """The 95 % interval of a measure, or of the difference of two, from its ``values`` in the resamples.

    Not numbers where no resample defines it, and of fewer than two ``patients``.
    """
    known = values[~np.isnan(values)]
    return bootstrap.interval(estimate, known if len(known) and patients > 1 else None, patients)


def fewer(truth: np.ndarray) -> int:
    """The patients with a label that holds, or those with one that does not: whichever are fewer.

    ``truth`` (patients, labels) bool. An AUC is no surer than so many values are.
    """
    return int(min(truth.any(axis=1).sum(), (~truth).any(axis=1).sum()))


def calibration(truth: np.ndarray, scores: np.ndarray, groups: int = 10) -> list[dict]:
    """Mean `predicted` and `observed` shares and `count` of groups of increasing scores.

    ``truth`` and ``scores`` (entries,). The groups are equally large but for equal scores, which stay
    together.
    """
    ends = np.unique(np.quantile(scores, np.arange(1, groups) / groups))
    group = np.searchsorted(ends, scores, side="left")
    return [
        {
            "predicted": float(scores[group == number].mean()),
            "observed": float(truth[group == number].mean()),
            "count": int((group == number).sum()),
        }
        for number in np.unique(group)
    ]
