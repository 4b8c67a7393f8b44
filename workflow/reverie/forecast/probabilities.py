"""Intervals of any forecaster, corrected by its errors on the validation part.

A forecaster forecasts quantiles, or one value, which then stands for every quantile. Each quantile is
shifted by the empirical quantile, at its own level, of truth minus forecast on the validation windows:
split conformal prediction (Papadopoulos et al. 2002, "Inductive confidence machines for regression";
for quantiles Romano, Patterson and Candès 2019, "Conformalized quantile regression", with a
correction for each end). If the test windows are exchangeable with these, an interval from level 0.1 to
0.9 holds at least 80 % of the truths. Series drift, so that :func:`coverage` measures it on the test part.

The median is not shifted: it is the forecast that is scored.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reverie.bootstrap import block_means, interval, widened
from reverie.tables import read_table

LEVELS = [0.1, 0.9]  # of forecasters without quantiles
COVERS, TOO_NARROW, TOO_WIDE = "covers", "too narrow", "too wide"
COLUMNS = [
    "split", "low", "high", "windows", "coverage_before", "coverage", "ci_low", "ci_high", "verdict",
    "width_unit", "pinball_unit", "shift_low", "shift_high",
]  # fmt: skip


@dataclass
class Quantiles:
    """Forecasts of quantiles: `values` (windows, levels) of the ascending `levels`, without the median.

    There are as many levels below 0.5 as above: the lowest and the highest make an interval, and so on
    inwards. `own` is false if one forecast stands for all of them.
    """

    levels: list[float]
    values: np.ndarray
    own: bool

    @classmethod
    def of(cls, forecasts: np.ndarray, levels: list[float] | None = None):
        """From forecasts (windows, levels) of quantiles, or (windows, 1) of a value, without ``levels``.

        Levels that are all on one side of the median make no interval; the median is then the value.
        """
        levels = levels or [0.5]
        pairs = min(sum(level < 0.5 for level in levels), sum(level > 0.5 for level in levels))
        if not pairs:
            value = forecasts[:, [levels.index(0.5)]]
            return cls(LEVELS, np.repeat(value, len(LEVELS), axis=1), own=False)
        places = [*range(pairs), *range(len(levels) - pairs, len(levels))]
        return cls([levels[place] for place in places], forecasts[:, places], own=True)

    @classmethod
    def over_seeds(cls, saved: list[dict[str, np.ndarray]], levels: list[float] | None):
        """The means over seeds, whose forecasts :func:`reverie.forecast.trained.forecasts` gives."""
        seeds = [arrays.get("quantiles", arrays["prediction"][:, None]) for arrays in saved]
        return cls.of(np.mean(seeds, axis=0), levels)

    def shifted(self, shifts: np.ndarray) -> np.ndarray:
        """The quantiles with ``shifts`` (levels,) added, sorted where they would cross, (windows, levels)."""
        return np.sort(self.values + shifts, axis=1)


def shifts(truth: np.ndarray, quantiles: Quantiles) -> np.ndarray:
    """What corrects the quantiles on windows with this ``truth`` (windows,), (levels,)."""
    errors = truth[:, None].astype(np.float64) - quantiles.values
    return np.array(
        [empirical(column, level) for column, level in zip(errors.T, quantiles.levels, strict=True)]
    )


def empirical(errors: np.ndarray, level: float) -> float:
    """The quantile of ``errors`` (windows,) at a level, outwards to the next rank among one more.

    The rank is (windows + 1) × level, so that a further, exchangeable error lies beyond it with at most
    the probability wanted. The outermost error is taken where so few cannot tell.
    """
    rank = round((len(errors) + 1) * level, 9)  # 100 × 0.55 is a little more than 55
    rank = math.floor(rank) if level < 0.5 else math.ceil(rank)
    return float(np.sort(errors)[min(max(rank, 1), len(errors)) - 1])


def pinball(truth: np.ndarray, forecasts: np.ndarray, level: float) -> np.ndarray:
    """The pinball loss of a quantile's forecasts (Koenker and Bassett 1978), (windows,)."""
    errors = truth - forecasts
    return np.maximum(level * errors, (level - 1) * errors)


def coverage(
    truths: dict[str, np.ndarray], quantiles: dict[str, Quantiles], block: int, std: float
) -> list[list]:
    """How often intervals that are corrected on validation hold, a line of COLUMNS for split and interval.

    ``truths`` (windows,) and ``quantiles`` are normalised, of the splits `val` and `test`; ``std`` gives
    the unit. On validation the corrected coverage says nothing and is left out, with its interval, which
    is as in :func:`coverage_interval`. The pinball loss is the mean of both ends'.
    """
    correction, lines = shifts(truths["val"], quantiles["val"]), []
    held, ends = (
        {split: each.shifted(by) for split, each in quantiles.items()} for by in (correction, 0)
    )
    levels = quantiles["val"].levels
    for split, truth in truths.items():
        for low in range(len(levels) // 2):
            high = len(levels) - 1 - low
            inside = {name: within(truths[name], held[name], low) for name in truths}
            lower, upper = held[split][:, low], held[split][:, high]
            nominal = levels[high] - levels[low]
            judged = [math.nan, math.nan, math.nan, ""]
            if split == "test":
                between = coverage_interval(inside["val"], inside["test"], block)
                judged = [float(inside["test"].mean()), *between, verdict(*between, nominal)]
            before = within(truth, ends[split], low).mean() if quantiles[split].own else math.nan
            losses = [pinball(truth, held[split][:, at], levels[at]).mean() for at in (low, high)]
            lines.append(
                [split, levels[low], levels[high], len(truth), float(before), *judged]
                + [float((upper - lower).mean() * std), float(np.mean(losses) * std)]
                + [float(correction[low]), float(correction[high])]
            )
    return lines


def within(truth: np.ndarray, ends: np.ndarray, low: int) -> np.ndarray:
    """Whether the truth lies in the interval from place ``low`` to that place from the end, (windows,)."""
    return (ends[:, low] <= truth) & (truth <= ends[:, -1 - low])


def coverage_interval(val: np.ndarray, test: np.ndarray, block: int) -> tuple[float, float]:
    """The 95 % interval of a coverage on the test part, from (windows,) inside or not on both parts.

    It covers other weeks on the test part and, since they place the ends, on validation: the ends err
    there by as much as the share of the windows inside varies.
    """
    (low, high), (val_low, val_high) = (
        interval(inside.mean(), block_means(inside.astype(float), block), len(inside) / block)
        for inside in (test, val)
    )
    low, high = widened(test.mean(), (low, high), (val_high - val_low) / 2)
    return max(float(low), 0.0), min(float(high), 1.0)


def verdict(low: float, high: float, nominal: float) -> str:
    """What the interval of a coverage says about the nominal one; nothing without an interval."""
    if math.isnan(low):
        return ""
    return TOO_NARROW if high < nominal else TOO_WIDE if low > nominal else COVERS


@dataclass
class Correction:
    """The correction of a forecaster as `coverage.csv` has it: `levels` and `shifts`, (levels,).

    `own` is as in :class:`Quantiles`, `held` the coverage on the test part, that of the widest interval first.
    """

    levels: list[float]
    shifts: np.ndarray
    own: bool
    held: list[float]

    def ends(self, forecasts: np.ndarray) -> np.ndarray:
        """The corrected quantiles, (windows, levels).

        ``forecasts`` are of all of the forecaster's own quantiles, the median included, or (windows, 1).
        """
        pairs = len(self.levels) // 2
        values = forecasts[:, [*range(pairs), *range(-pairs, 0)]] if self.own else forecasts
        return np.sort(values + self.shifts, axis=1)

    def shares(self) -> list[float]:
        """The share of truths that each interval should hold, the widest first."""
        pairs = len(self.levels) // 2
        return [self.levels[-1 - place] - self.levels[place] for place in range(pairs)]


def corrections(folder: Path) -> dict[str, Correction]:
    """The corrections of all forecasters, by name; ``folder`` has `coverage.csv`."""
    by_name: dict[str, list] = {}
    for line in read_table(folder / "coverage.csv"):
        if line["split"] == "test":
            by_name.setdefault(line["variant"], []).append(line)
    corrections = {}
    for name, lines in by_name.items():
        ends = sorted(
            (float(line[end]), float(line[f"shift_{end}"]))
            for line in lines
            for end in ("low", "high")
        )
        levels, shifts = zip(*ends, strict=True)
        corrections[name] = Correction(
            list(levels),
            np.array(shifts),
            own=lines[0]["coverage_before"] != "",
            held=[float(line["coverage"]) for line in lines],
        )
    return corrections
