"""Hourly bins of the measurements, as networks read them.

After Lipton et al. 2016 ("Learning to diagnose with LSTM recurrent neural networks"): means of each
hour, gaps filled with the last value, otherwise a clinically normal one, all scaled to [0, 1]. The
paper also fills backwards, from the first measurement to the start; here nothing is taken from later
hours, since the networks also predict hour by hour. Ventilation is recorded while it goes on, but never
its end, so that its last value fills only a gap of a few hours.
"""

from dataclasses import dataclass

import numpy as np

from reverie.diagnose.episodes import Episodes
from reverie.diagnose.variables import STATICS, UNITS, VARIABLES

PERCENTILES = (1, 99)  # of the training measurements, which become 0 and 1


def means(episodes: Episodes, hours: int) -> np.ndarray:
    """The mean of each hour from the start, (episodes, hours, variables) float32; NaN without one."""
    cells = len(episodes) * hours
    grid = np.empty((len(episodes), hours, len(episodes.variables)), np.float32)
    for place, name in enumerate(episodes.variables):
        episode, time, value = episodes.of(name, 0, hours)
        cell = episode * np.int64(hours) + time.astype(np.int64)
        count = np.bincount(cell, minlength=cells)
        with np.errstate(invalid="ignore"):
            mean = np.bincount(cell, value, cells) / count
        grid[..., place] = mean.reshape(grid.shape[:2])
    return grid


def carried(grid: np.ndarray, lasts: np.ndarray | float = np.inf) -> np.ndarray:
    """The grid with each gap filled by the last value before it; NaN before the first one.

    A value fills at most the ``lasts`` hours after its own, (variables,).
    """
    hours = np.arange(grid.shape[1])[:, None]
    last = np.maximum.accumulate(np.where(np.isnan(grid), -1, hours), axis=1)
    filled = np.take_along_axis(grid, np.maximum(last, 0), axis=1)
    return np.where((last < 0) | (hours - last > lasts), np.float32(np.nan), filled)


def hours_since(measured: np.ndarray) -> np.ndarray:
    """Hours since each variable was last measured, (episodes, hours, variables) float32.

    0 in the first hour, then counted on from there for a variable without a measurement yet, as in
    Che et al. 2018 ("Recurrent neural networks for multivariate time series with missing values").
    """
    hours = np.arange(measured.shape[1], dtype=np.float32)[:, None]
    before = np.zeros(measured.shape, np.float32)
    last = np.maximum.accumulate(np.where(measured, hours, 0), axis=1)
    before[:, 1:] = last[:, :-1]
    return hours - before


@dataclass
class Scale:
    """How values become inputs: (variables,) each.

    `low` and `high` become 0 and 1, beyond them values are cut off; `normal` is what a variable
    without a measurement has; `logarithm`: the logarithm is scaled. All in the variable's unit.
    `lasts`: the hours for which a value fills a gap.
    """

    low: np.ndarray
    high: np.ndarray
    normal: np.ndarray
    logarithm: np.ndarray
    lasts: np.ndarray

    @classmethod
    def of(cls, names: list[str], grid: np.ndarray):
        """From the training episodes' means, (episodes, hours, variables).

        The normal value of a variable that is not the Challenge's is the training median.
        """
        low, median, high = np.ones((3, len(names)))
        for place in range(len(names)):
            values = grid[..., place]
            values = values[~np.isnan(values)]
            if len(values):
                low[place], median[place], high[place] = np.percentile(
                    values, [PERCENTILES[0], 50, PERCENTILES[1]]
                )
        known = [VARIABLES.get(str(name)) for name in names]
        normal = np.array(
            [entry.normal if entry else value for entry, value in zip(known, median, strict=True)]
        )
        skewed = np.array([bool(entry and entry.skewed) for entry in known])
        lasts = np.array([entry.lasts if entry else np.inf for entry in known])
        ends = np.minimum(low, normal), np.maximum(high, normal)
        return cls(*ends, normal, skewed & (low > 0), lasts)

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Values (..., variables) scaled to [0, 1], float32; NaN stays NaN."""
        parts = np.empty(values.shape, np.float32)
        for place in range(values.shape[-1]):
            part, ends = values[..., place], np.array([self.low[place], self.high[place]])
            if self.logarithm[place]:
                part, ends = np.log(np.maximum(part, ends[0])), np.log(ends)
            span = ends[1] - ends[0]
            parts[..., place] = np.clip((part - ends[0]) / (span or 1), 0, 1)
        return parts


def inputs(grid: np.ndarray, scale: Scale, indicators: bool) -> np.ndarray:
    """What a network reads of each hour, (episodes, hours, inputs) float32.

    The scaled values, and with ``indicators`` whether each was measured in that hour (Lipton, Kale and
    Wetzel 2016, "Directly modeling missing data in sequences with RNNs").
    """
    values = scale(carried(grid, scale.lasts))
    normal = scale(scale.normal[None])[0]
    values = np.where(np.isnan(values), normal, values)
    if indicators:
        values = np.concatenate([values, ~np.isnan(grid)], axis=-1, dtype=np.float32)
    return values


def decay_inputs(grid: np.ndarray, scale: Scale) -> np.ndarray:
    """What a GRU with decay reads, (episodes, hours, 3 variables) float32.

    Scaled last values, with the normal one before the first; whether each was measured; and hours since
    the measurement before, in days.
    """
    measured = ~np.isnan(grid)
    since = hours_since(measured) / np.float32(24)
    return np.concatenate([inputs(grid, scale, True), since], axis=-1, dtype=np.float32)


def ends(values: np.ndarray, hours: int = 6) -> np.ndarray:
    """The paper's raw input of models without memory: first and last hours, (episodes, inputs)."""
    both = np.concatenate([values[:, :hours], values[:, -hours:]], axis=1)
    return both.reshape(len(values), -1)


def statics(episodes: Episodes, names: list[str]) -> np.ndarray:
    """What is known at the start, (episodes, inputs) float32, scaled to [0, 1] by its limits.

    An unknown one has its usual value; the type of the unit becomes an input for each type.
    """
    columns = []
    for name in names:
        value = episodes.statics[:, episodes.static_names.tolist().index(name)]
        if name == "ICUType":
            columns += [value == unit for unit in UNITS]
            continue
        low, high, usual = STATICS[name]
        columns.append((np.where(np.isnan(value), usual, value) - low) / (high - low))
    return np.stack(columns, axis=1).astype(np.float32)
