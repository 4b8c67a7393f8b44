"""Linear regression on standardised features, with squared or absolute loss and a penalty."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

# For features of variance 1; the strongest first, which is taken where none is better.
PENALTIES = (1e3, 1e2, 10.0, 1.0, 1e-1, 1e-2, 1e-3, 1e-4)
BLOCKS = 6  # of consecutive windows, held out in turn
# Of a gain that is not taken for chance. Stricter ones cost more on a year of weather than they save on
# random walks of a thousand rows.
MARGIN, CERTAIN = 0.02, 1.5
FAR = 10.0  # standard deviations at which features are cut off
ITERATIONS, SMALLEST, TOLERANCE = 50, 0.01, 1e-4  # of the reweighting

Folds = list[tuple[np.ndarray, np.ndarray]]  # windows to fit to, windows to judge by


@dataclass
class Scale:
    """Means and standard deviations of features, (features,), over the training windows."""

    mean: np.ndarray
    std: np.ndarray

    @classmethod
    def of(cls, features: np.ndarray):
        std = features.std(axis=0)
        return cls(features.mean(axis=0), np.where(std > 1e-9, std, np.inf))  # constant: no effect

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """The features standardised, and a first column of ones.

        A value far outside, such as a sentinel, is cut off: a linear forecast would follow it anywhere.
        """
        scaled = np.ones((len(features), features.shape[1] + 1))
        np.clip((features - self.mean) / self.std, -FAR, FAR, out=scaled[:, 1:])
        return scaled


def penalised(gram: np.ndarray, moments: np.ndarray, penalty: float) -> np.ndarray:
    """Solution of the normal equations with a penalty on all weights but the first, (features,)."""
    diagonal = np.full(len(gram), penalty)
    diagonal[0] = 1e-9  # not 0, for the case of no windows
    return np.linalg.solve(gram + np.diag(diagonal), moments)


def squared(features: np.ndarray, targets: np.ndarray, penalty: float) -> np.ndarray:
    """Weights (features,) with the least squared loss; ``penalty`` is relative to one window's."""
    count = len(features)
    return penalised(features.T @ features, features.T @ targets, penalty * count)


def absolute(features: np.ndarray, targets: np.ndarray, penalty: float) -> np.ndarray:
    """Weights (features,) with the least absolute loss, by iteratively reweighted least squares.

    Each window weighs as the inverse of its error (Schlossmacher 1973), of SMALLEST target deviations
    at least.
    """
    weights = squared(features, targets, penalty)
    least = max(SMALLEST * float(targets.std()), 1e-12)
    loss = np.inf
    for _ in range(ITERATIONS):
        errors = np.abs(targets - features @ weights)
        if errors.mean() > loss * (1 - TOLERANCE):
            break
        loss = errors.mean()
        scales = 1 / np.maximum(errors, least)
        weighted = features * scales[:, None]
        weights = penalised(weighted.T @ features, weighted.T @ targets, penalty * scales.sum())
    return weights


def bounds(count: int, blocks: int) -> list[tuple[int, int]]:
    """The first of the windows of each block of ``count`` windows, and the first after it."""
    return list(pairwise(np.linspace(0, count, blocks + 1).astype(int).tolist()))


def others_and_block(count: int, gap: int) -> Folds:
    """Each block of ``count`` windows, with all others to fit to.

    The ``gap`` windows to both sides of a block, whose targets overlap with its inputs or the other way
    round, are left out.
    """
    windows = np.arange(count)
    return [
        (windows[(windows < first - gap) | (windows >= end + gap)], windows[first:end])
        for first, end in bounds(count, BLOCKS)
    ]


def earlier_and_block(count: int, gap: int) -> Folds:
    """Each block in the second half of ``count`` windows, with all before it to fit to, as in use.

    A level that drifts lies between that of the windows before a block and that of those after it; who
    knows both seems to foresee that it comes back. The ``gap`` windows before the block are left out.
    """
    return [
        (np.arange(max(first - gap, 0)), np.arange(first, end))
        for first, end in bounds(count, 2 * BLOCKS)[BLOCKS:]
    ]


def held_out_errors(
    features: np.ndarray, targets: np.ndarray, folds: Folds, penalties: Sequence[float]
) -> np.ndarray:
    """Mean absolute errors of each block of the folds after a fit with squared loss, (blocks, penalties).

    A penalty is relative to the number of all windows: what is known beforehand does not depend on how
    many of them a fold leaves.
    """
    errors = []
    for fit, block in folds:
        gram, moments = features[fit].T @ features[fit], features[fit].T @ targets[fit]
        weights = [penalised(gram, moments, penalty * len(targets)) for penalty in penalties]
        wrong = np.abs(targets[block, None] - features[block] @ np.stack(weights, axis=1))
        errors.append(wrong.mean(axis=0))
    return np.stack(errors)


def surely_lower(errors: np.ndarray, others: np.ndarray) -> bool:
    """Whether errors are lower than others by MARGIN and by CERTAIN standard errors; both (blocks,)."""
    gain = others - errors
    chance = CERTAIN * gain.std(ddof=1) / np.sqrt(len(gain))
    return bool(gain.mean() > max(MARGIN * others.mean(), chance))
