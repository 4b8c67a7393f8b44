"""What is usual at a time of day, week and year: smooth cycles, fitted to the training rows.

Only cycles that the training rows cover twice count. One that they cover once is no evidence of a
cycle, and as a forecast it would repeat a trend.
"""

from dataclasses import dataclass

import numpy as np

DAY, WEEK, YEAR = 86_400.0, 7 * 86_400.0, 365.2425 * 86_400  # seconds
HARMONICS = 3  # of each cycle
TWICE = 1.95  # times that the rows must cover a cycle; two years of rows may lack a day
GAIN = 0.01  # share of the held-out squared error that a day or a week must remove in MOST_BLOCKS
MOST_BLOCKS = 10  # of rows; every other one is held out


@dataclass
class Climatology:
    """Cycles of the time, with coefficients.

    ``harmonics`` is how many sines and cosines each of DAY, WEEK and YEAR has, (3,); 0 for a cycle
    without support. ``coefficients`` (terms,).
    """

    harmonics: np.ndarray
    coefficients: np.ndarray

    def at(self, time: np.ndarray) -> np.ndarray:
        """The usual value at each of ``time``, seconds since 1970, of any shape."""
        time = np.asarray(time, np.float64)
        return (terms(time.ravel(), self.harmonics) @ self.coefficients).reshape(time.shape)


def waves(time: np.ndarray, period: float, harmonics: int) -> np.ndarray:
    """Sines and cosines of a period's harmonics, (times, 2 harmonics)."""
    angles = 2 * np.pi * (time[:, None] % period) / period * np.arange(1, harmonics + 1)
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)


def terms(time: np.ndarray, harmonics: np.ndarray) -> np.ndarray:
    """All products of a wave (or 1) of the day and one of the year or the week, (times, terms)."""
    constant = np.ones((len(time), 1))
    day, week, year = (
        waves(time, period, int(count))
        for period, count in zip((DAY, WEEK, YEAR), harmonics, strict=True)
    )
    days = np.concatenate([constant, day], axis=1)
    others = np.concatenate([constant, year, week], axis=1)
    products = days[:, :, None] * others[:, None, :]
    return products.reshape(len(time), days.shape[1] * others.shape[1])


def supported(time: np.ndarray, interval: float) -> np.ndarray:
    """How many harmonics of DAY, WEEK and YEAR rows at ``time``, ``interval`` seconds apart, show, (3,).

    A harmonic needs more than two rows in its period.
    """
    span = time[-1] - time[0] + interval
    return np.array(
        [
            min(HARMONICS, max(int(np.ceil(period / interval / 2)) - 1, 0))
            if span >= TWICE * period
            else 0
            for period in (DAY, WEEK, YEAR)
        ]
    )


def fit(
    time: np.ndarray, values: np.ndarray, interval: float, harmonics: np.ndarray | None = None
) -> Climatology:
    """The climatology of ``values`` (rows,) at ``time`` (rows,), ``interval`` seconds apart.

    Its ``harmonics`` (3,) are chosen, unless they are given.
    """
    if harmonics is None:
        harmonics = chosen_harmonics(time, values, interval)
    return Climatology(harmonics, solved(terms(time, harmonics), values))


def chosen_harmonics(time: np.ndarray, values: np.ndarray, interval: float) -> np.ndarray:
    """How many harmonics of DAY, WEEK and YEAR a climatology should have, (3,).

    A day and a week count only if they lower the error of blocks that were left out of the fit: most of
    what is measured in nature knows no week, and few rows would show a day by chance.
    """
    most = supported(time, interval)
    harmonics = most * [0, 0, 1]
    for cycle, period in enumerate((DAY, WEEK)):
        more = harmonics.copy()
        more[cycle] = most[cycle]
        # A part of a cycle says nothing about the rest of it, so a block has the whole cycle.
        blocks = int(np.clip(len(time) * interval / period, 2, MOST_BLOCKS))
        with_cycle, without = (held_out(time, values, each, blocks) for each in (more, harmonics))
        least = GAIN * (MOST_BLOCKS / blocks) ** 2  # fewer blocks gain more by chance
        if with_cycle < (1 - least) * without:
            harmonics = more
    return harmonics


def solved(matrix: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Least squares, (terms,), with a penalty too small to matter where the data determine the fit."""
    gram = matrix.T @ matrix
    return np.linalg.solve(gram + 1e-6 * len(matrix) * np.eye(len(gram)), matrix.T @ values)


def held_out(time: np.ndarray, values: np.ndarray, harmonics: np.ndarray, blocks: int) -> float:
    """Mean squared error in every other block of rows of a fit to the rest, and the other way round."""
    matrix = terms(time, harmonics)
    odd = np.arange(len(time)) * blocks // len(time) % 2 == 1
    errors = [values[out] - matrix[out] @ solved(matrix[~out], values[~out]) for out in (odd, ~odd)]
    return float(np.square(np.concatenate(errors)).mean())
