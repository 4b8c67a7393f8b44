"""Linear regression on standardised features, with squared or absolute loss and a penalty."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

# For features of variance 1; the strongest first, which is taken where none is better.
PENALTIES = (1e3, 1e2, 10.0, 1.0, 1e-1, 1e-2, 1e-3, 1e-4)
BLOCKS = 5  # of consecutive windows; each is left out once
FAR = 10.0  # standard deviations at which features are cut off
ITERATIONS, SMALLEST, TOLERANCE = 50, 0.01, 1e-4  # of the reweighting


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


def without_blocks(count: int, gap: int) -> list[tuple[tuple[int, int], np.ndarray]]:
    """BLOCKS of consecutive windows, each from its first up to its end, with the rest of ``count``.

    ``gap`` windows to both sides of a block, whose targets overlap with its inputs or the other way
    round, are not in its rest.
    """
    ends, windows = np.linspace(0, count, BLOCKS + 1).astype(int).tolist(), np.arange(count)
    return [
        ((first, end), windows[(windows < first - gap) | (windows >= end + gap)])
        for first, end in pairwise(ends)
    ]


def held_out_errors(features: np.ndarray, targets: np.ndarray, gap: int) -> np.ndarray:
    """Mean absolute error of windows left out of a fit with squared loss, for each of PENALTIES.

    Blocks and ``gap`` are those of :func:`without_blocks`.
    """
    errors = np.zeros(len(PENALTIES))
    for (first, end), rest in without_blocks(len(targets), gap):
        gram, moments = features[rest].T @ features[rest], features[rest].T @ targets[rest]
        for place, penalty in enumerate(PENALTIES):
            weights = penalised(gram, moments, penalty * max(len(rest), 1))
            errors[place] += np.abs(targets[first:end] - features[first:end] @ weights).sum()
    return errors / max(len(targets), 1)
