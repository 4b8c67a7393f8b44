"""Intervals of means over time or text, where neighbours depend on each other (Künsch 1989)."""

import math

import numpy as np

RESAMPLES, SEED = 2000, 0


def block_means(values: np.ndarray, block: int) -> np.ndarray | None:
    """Means over RESAMPLES moving-block resamples of ``values``, (..., length).

    Equal shapes draw equal blocks, so that several series are resampled together. None where
    fewer than two blocks fit, since then there is nothing to draw from.
    """
    length = values.shape[-1]
    if length < 2 * block:
        return None
    blocks = -(-length // block)
    lengths = np.full(blocks, block)
    lengths[-1] = length - (blocks - 1) * block
    starts = np.random.default_rng(SEED).integers(0, length - block + 1, (RESAMPLES, blocks))
    sums = np.concatenate([np.zeros((*values.shape[:-1], 1)), np.cumsum(values, axis=-1)], axis=-1)
    return (sums[..., starts + lengths] - sums[..., starts]).sum(axis=-1) / length


def interval(samples: np.ndarray | None) -> tuple[float, float]:
    """The 95 % percentile interval; not a number where there are no samples."""
    if samples is None:
        return math.nan, math.nan
    low, high = np.percentile(samples, [2.5, 97.5])
    return float(low), float(high)
