"""The climatology of a series: its mean by hour of day and day of year, as a smooth function of time."""

from dataclasses import dataclass

import numpy as np

DAY, YEAR = 86_400, 365.2425 * 86_400  # seconds
DAILY, YEARLY = 3, 2  # harmonics
# Cycles that must be covered, since of fewer a trend cannot be told from a season; a little less than
# two, because two calendar years may lack a day.
CYCLES = 1.95
CHUNK = 50_000  # times whose waves are in memory at once


@dataclass(frozen=True)
class Climatology:
    """A constant and waves: ``frequencies`` (waves,) in cycles a second, ``sines`` and ``cosines`` (waves,)."""

    constant: float
    frequencies: np.ndarray
    sines: np.ndarray
    cosines: np.ndarray

    def __call__(self, time: np.ndarray) -> np.ndarray:
        """The values at the times (times,), in seconds since 1970."""
        coefficients = np.concatenate([[self.constant], self.sines, self.cosines])
        parts = [waves(part, self.frequencies) @ coefficients for part in chunks(time)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def terms(self, mean: float, std: float) -> dict:
        """Numbers from which anybody can compute it: of a normalised series, in the unit it had before.

        It is `constant` plus the sum of `sine * sin(2 pi cycles t) + cosine * cos(2 pi cycles t)` over
        the `waves` (cycles, sine, cosine), where t are seconds since 1970.
        """
        numbers = self.frequencies, std * self.sines, std * self.cosines
        return {
            "formula": "constant + sum of sine * sin(2 pi cycles t) + cosine * cos(2 pi cycles t), "
            "t in seconds since 1970-01-01",
            "constant": mean + std * self.constant,
            "waves": [
                dict(zip(("cycles", "sine", "cosine"), map(float, wave), strict=True))
                for wave in zip(*numbers, strict=True)
            ],
        }


def fit(time: np.ndarray, values: np.ndarray, measured: np.ndarray, train_end: int) -> Climatology:
    """The climatology of ``values`` by least squares on the measured ones of the training rows.

    ``time`` in seconds since 1970, ``values`` and ``measured`` have the shape (rows,); the rows before
    ``train_end`` are for training. A daily or yearly cycle counts only if these cover it twice.
    """
    values = values[:train_end].astype(np.float64)
    kept = measured[:train_end] & np.isfinite(values)
    time, values = time[:train_end][kept], values[kept]
    frequencies = covered(time)
    size = 1 + 2 * len(frequencies)
    squares, products = np.zeros((size, size)), np.zeros(size)
    for times, part in zip(chunks(time), chunks(values), strict=True):
        design = waves(times, frequencies)
        squares += design.T @ design
        products += design.T @ part
    # The least solution where the measured rows leave some waves undetermined.
    constant, *rest = np.linalg.lstsq(squares, products, rcond=1e-10)[0]
    sines, cosines = np.split(np.array(rest), 2)
    return Climatology(float(constant), frequencies, sines, cosines)


def covered(time: np.ndarray) -> np.ndarray:
    """The frequencies of all waves that the times (times,) determine, in cycles a second.

    Hour of day and day of year interact: the product of a daily and a yearly wave is the sum of two
    waves, with the sum and the difference of their frequencies.
    """
    if len(time) < 2:
        return np.zeros(0)
    interval = float(np.median(np.diff(time)))
    span = time.max() - time.min() + interval
    daily = DAILY if span >= CYCLES * DAY else 0
    yearly = YEARLY if span >= CYCLES * YEAR else 0
    found = [year / YEAR for year in range(1, yearly + 1)]
    found += [
        day / DAY + year / YEAR
        for day in range(1, daily + 1)
        for year in range(-yearly, yearly + 1)
        if 2.5 * day * interval < DAY  # faster waves cannot be told from slower ones
    ]
    return np.array(found)


def waves(time: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
    """The constant 1, and sine and cosine of every frequency, (times, 1 + 2 waves)."""
    angles = 2 * np.pi * time[:, None].astype(np.float64) * frequencies
    return np.concatenate([np.ones((len(time), 1)), np.sin(angles), np.cos(angles)], axis=1)


def chunks(array: np.ndarray) -> list[np.ndarray]:
    return [array[start : start + CHUNK] for start in range(0, len(array), CHUNK)]
