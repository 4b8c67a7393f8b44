"""What a model reads of the episodes: hourly bins, their ends, or features made by hand."""

import numpy as np

from reverie.diagnose import bins, features
from reverie.diagnose.episodes import Episodes
from reverie.diagnose.regression import Preparation


def of_hours(
    episodes: Episodes, hours: int, train: np.ndarray, indicators: bool, statics: list[str]
) -> np.ndarray:
    """What an LSTM reads, (episodes, hours, inputs) float32; scales come from the ``train`` episodes.

    What is known at the start is read again in every hour.
    """
    grid = bins.means(episodes, hours)
    scale = bins.Scale.of(episodes.variables.tolist(), grid[train])
    return with_statics(bins.inputs(grid, scale, indicators), episodes, statics)


def of_decay(
    episodes: Episodes, hours: int, train: np.ndarray, statics: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """What a GRU with decay reads, (episodes, hours, inputs) float32, and the means of its variables.

    One that is recorded only while it is not normal has its normal value instead of a mean, which would
    be that of the abnormal ones.
    """
    grid = bins.means(episodes, hours)
    scale = bins.Scale.of(episodes.variables.tolist(), grid[train])
    values = bins.decay_inputs(grid, scale)
    measured = ~np.isnan(grid[train])
    sums = np.where(measured, values[train][..., : grid.shape[-1]], 0).sum(axis=(0, 1))
    means = np.where(
        measured.any(axis=(0, 1)) & np.isinf(scale.lasts),
        sums / np.maximum(measured.sum(axis=(0, 1)), 1),
        scale(scale.normal[None])[0],
    )
    return with_statics(values, episodes, statics), means


def with_statics(values: np.ndarray, episodes: Episodes, names: list[str]) -> np.ndarray:
    """Hourly inputs with those that are known at the start, the same in every hour."""
    if not names:
        return values
    fixed = np.repeat(bins.statics(episodes, names)[:, None], values.shape[1], axis=1)
    return np.concatenate([values, fixed], axis=-1)


def of_ends(
    episodes: Episodes, hours: int, train: np.ndarray, indicators: bool, statics: list[str]
) -> np.ndarray:
    """The first and last six hours, (episodes, inputs) float32."""
    values = bins.ends(of_hours(episodes, hours, train, indicators, []))
    return np.concatenate([values, bins.statics(episodes, statics)], axis=1) if statics else values


def of_features(episodes: Episodes, hours: int, statics: list[str]) -> np.ndarray:
    """Features made by hand, (episodes, features) float32, NaN where unknown."""
    return features.expert(episodes, hours, statics)[0]


def standardised(values: np.ndarray, train: np.ndarray) -> np.ndarray:
    """Features as a perceptron reads them, without NaN, (episodes, inputs) float32."""
    return Preparation.of(values[train])(values).astype(np.float32)
