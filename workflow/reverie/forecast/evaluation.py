"""Errors of the forecasts with their uncertainty, beside those of the naive forecasts.

All errors are absolute, in standard deviations of the target over the training rows. Consecutive
windows overlap and so do their errors; therefore intervals come from a moving-block bootstrap
over time (Künsch 1989), to which several seeds add how much they differ (see `reverie.bootstrap`).
"""

import csv
import math
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import numpy as np

from reverie import durations
from reverie.bootstrap import block_means, half_width, interval, widened
from reverie.errors import ReverieError
from reverie.forecast import windows
from reverie.tables import write_table

BLOCK_DAYS, BLOCK_DELAYS = 7, 3  # length of a block: a week, or three delays where that is more
METRICS = [
    "variant",
    "seed",
    "split",
    "checkpoint",
    "epoch",
    "windows",
    "mae",
    "mae_unit",
    "ci_low",
    "ci_high",
]
SUMMARY = [
    "variant",
    "split",
    "checkpoint",
    "seeds",
    "parameters",
    "mae_mean",
    "mae_sd",
    "mae_unit_mean",
    "vs_naive",
    "vs_naive_low",
    "vs_naive_high",
    "beats_naive",
]
CONDITIONS = ["variant", "split", "condition", "value", "windows", "mae_unit"]
PAIRS = [
    "variant",
    "checkpoint",
    "against",
    "against_checkpoint",
    "split",
    "change",
    "low",
    "high",
    "lower",
]
SPLITS, CHECKPOINTS = ("val", "test"), ("best", "last")
PARTS = 5  # of the windows, by how much the target changes


@dataclass
class Target:
    """The normalised series to be forecast, its times, where it was measured, and how far ahead.

    Arrays have the shape (rows,): ``measured`` is about the target, ``unmeasured`` about anything
    in the row. Spans are in rows.
    """

    values: np.ndarray
    time: np.ndarray
    measured: np.ndarray
    unmeasured: np.ndarray
    std: float
    lookback: int
    delay: int
    step: int
    block: int

    def scored(self, rows: np.ndarray) -> np.ndarray:
        """Of the windows those whose truth and both naive forecasts were measured."""
        return rows[windows.usable(self.measured, self.step, self.delay)[rows]]

    def naive(self, rows: np.ndarray) -> np.ndarray:
        """The lecture's naive forecast: the newest value in the window, one step old at ``row``."""
        return self.values[rows - self.step]

    def naive_delay(self, rows: np.ndarray) -> np.ndarray:
        """The value at ``row``, exactly one delay before the target."""
        return self.values[rows]

    def errors(self, forecast: np.ndarray, rows: np.ndarray) -> np.ndarray:
        truth = self.values[rows + self.delay].astype(np.float64)
        return np.abs(forecast.astype(np.float64) - truth)


def read_target(series_file: Path, lookback: str, step: str, delay: str) -> Target:
    """The target of a prepared series, with durations in rows."""
    with np.load(series_file, allow_pickle=False) as series:
        if "measured" not in series:
            raise ReverieError(
                f"{series_file} was made by an older version; run the workflow again."
            )
        column, interval = int(series["target"]), float(series["interval_minutes"])
        return Target(
            values=series["values"][:, column],
            time=series["time"].astype("datetime64[s]"),
            measured=series["measured"],
            unmeasured=series["unmeasured"],
            std=float(series["std"][column]),
            lookback=durations.rows(lookback, interval, "forecast.lookback"),
            delay=durations.rows(delay, interval, "forecast.delay"),
            step=durations.rows(step, interval, "forecast.step"),
            block=max(round(block_days(delay) * 1440 / interval), 1),
        )


def block_days(delay: str) -> float:
    """Days that are resampled together: errors are alike for about as long as the forecast is ahead."""
    return max(BLOCK_DAYS, BLOCK_DELAYS * durations.minutes(delay) / 1440)


@dataclass
class Scored:
    """Mean absolute errors of one forecast: of every seed, and of resamples of its windows.

    ``seeds`` (seeds,), ``means`` (RESAMPLES,) or None for fewer than FEWEST blocks; ``blocks`` is
    how many fit.
    """

    seeds: np.ndarray
    means: np.ndarray | None
    blocks: float

    @classmethod
    def of(cls, errors: np.ndarray, block: int):
        """Of ``errors``, (seeds, windows)."""
        means = block_means(errors.mean(axis=0), block)
        return cls(errors.mean(axis=1), means, errors.shape[1] / block)


def against(errors: np.ndarray, other: np.ndarray, block: int) -> tuple[float, float, float, str]:
    """Relative change of the mean error against another's, its interval, and the verdict.

    Both (windows,) or (seeds, windows), paired by window. Negative is better; the verdict is yes,
    no or unclear.
    """
    return change(*(Scored.of(np.atleast_2d(one), block) for one in (errors, other)))


def change(one: Scored, other: Scored) -> tuple[float, float, float, str]:
    """:func:`against` for two forecasts of the same windows.

    Of a forecast with one seed, or none, the interval tells what other windows would do, not what
    other seeds would.
    """
    level = other.seeds.mean()
    size = one.seeds.mean() / level - 1
    samples = None if one.means is None else one.means / other.means - 1
    ends = interval(size, samples, one.blocks)
    several = [one.seeds / level, (1 + size) * other.seeds / level]  # first-order, as of a ratio
    several = [seeds for seeds in several if len(seeds) > 1]
    low, high = widened(size, ends, half_width(*several)) if several else ends
    return float(size), low, high, "yes" if high < 0 else "no" if low > 0 else "unclear"


def evaluate(
    series_file: Path,
    lookback: str,
    step: str,
    delay: str,
    trained: dict[str, dict[int, Path]],
    parameters: dict[str, int],
    ensembles: list[str],
    metrics_file: Path,
    summary_file: Path,
    conditions_file: Path,
    pairs_file: Path,
):
    """Write `metrics.csv`, `summary.csv`, `conditions.csv` and `pairs.csv`.

    ``trained`` maps variant and seed to the folder of that training, ``parameters`` a variant to
    the number of its weights. The variants ``ensembles`` are followed by the mean of their seeds'
    forecasts, as `<name>_ensemble`. All are judged on the same windows, those that each of them has.
    """
    target = read_target(series_file, lookback, step, delay)
    metrics, summary, conditions = [], [], []
    together: dict[str, dict[tuple, Scored]] = {split: {} for split in SPLITS}

    def add(name, split, checkpoint, rows, errors: dict, epochs: dict, seeds: int, weights: int):
        """Lines of one forecast; ``errors`` and ``epochs`` by seed, which is "" for one without."""
        for seed, error in errors.items():
            line = [name, seed, split, checkpoint, epochs.get(seed, "")]
            metrics.append(line + measured(error, target))
        means = [error.mean() for error in errors.values()]
        mean = float(np.mean(means))
        spread = float(np.std(means, ddof=1)) if len(means) > 1 else math.nan
        stacked = np.stack(list(errors.values()))
        scored = together[split][name, checkpoint] = Scored.of(stacked, target.block)
        line = [name, split, checkpoint, seeds, weights, mean, spread, mean * target.std]
        summary.append([*line, *change(scored, together[split]["naive", ""])])
        if checkpoint in ("", "best"):
            found = by_condition(target, rows, stacked.mean(axis=0))
            conditions.extend([name, split, *line] for line in found)

    shared = {}
    for split in SPLITS:
        every = (
            load(folder, split)["row"] for seeds in trained.values() for folder in seeds.values()
        )
        rows = shared[split] = target.scored(reduce(np.intersect1d, every))
        for name in ("naive", "naive_delay"):
            errors = target.errors(getattr(target, name)(rows), rows)
            add(name, split, "", rows, {"": errors}, {}, 0, 0)
    for variant, folders in trained.items():
        best = {seed: best_epoch(folder) for seed, folder in folders.items()}
        for split in SPLITS:
            rows = shared[split]
            saved = {seed: load(folder, split, rows) for seed, folder in folders.items()}
            for checkpoint, key in zip(CHECKPOINTS, ("prediction", "prediction_last"), strict=True):
                forecasts = {seed: arrays[key] for seed, arrays in saved.items()}
                errors = {seed: target.errors(f, rows) for seed, f in forecasts.items()}
                epochs = {seed: best[seed][checkpoint] for seed in folders}
                weights = parameters[variant]
                add(variant, split, checkpoint, rows, errors, epochs, len(folders), weights)
                if variant in ensembles and len(folders) > 1:
                    mean = target.errors(np.mean(list(forecasts.values()), axis=0), rows)
                    name, weights = f"{variant}_ensemble", weights * len(folders)
                    add(name, split, checkpoint, rows, {"": mean}, {}, len(folders), weights)
    write_table(metrics_file, METRICS, metrics)
    write_table(summary_file, SUMMARY, summary)
    write_table(conditions_file, CONDITIONS, conditions)
    pairs = [
        [*one, *other, split, *line]
        for split, forecasts in together.items()
        for one, other, line in compared(forecasts)
    ]
    write_table(pairs_file, PAIRS, pairs)


def compared(forecasts: dict[tuple, Scored]):
    """Of every two forecasts both names, and :func:`change` of the one to the other."""
    for one, scored in forecasts.items():
        for other, others in forecasts.items():
            if one != other:
                yield one, other, change(scored, others)


def by_condition(target: Target, rows: np.ndarray, errors: np.ndarray) -> list[list]:
    """`condition, value, windows, mae_unit`: errors by hour, month and change of the target.

    Hour (0 to 23) and month (1 to 12) are those of the target's time. The windows are also cut
    into PARTS of equal size by how much the target differs from the newest value in the window;
    such a part is named by the mean of that change in the target's unit. `unmeasured` is 1 for
    windows with anything not measured among what they look back on, or beside their target.
    """
    times = target.time[rows + target.delay]
    hours = (times - times.astype("datetime64[D]")) // np.timedelta64(1, "h")
    months = times.astype("datetime64[M]").astype(int) % 12 + 1
    change = target.errors(target.naive(rows), rows) * target.std
    parts = change.argsort().argsort() * PARTS // len(change)
    sentinels = np.concatenate([[0], np.cumsum(target.unmeasured)])
    touched = sentinels[rows] > sentinels[np.maximum(rows - target.lookback, 0)]
    touched |= target.unmeasured[rows + target.delay]
    groups = {"hour": hours, "month": months, "change": parts, "unmeasured": touched.astype(int)}
    lines = []
    for condition, group in groups.items():
        for value in np.unique(group):
            here = group == value
            named = float(change[here].mean()) if condition == "change" else value
            mae = float(errors[here].mean()) * target.std
            lines.append([condition, named, int(here.sum()), mae])
    return lines


def load(folder: Path, split: str, rows: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """Forecasts of a training, of the windows ``rows`` alone where they are given."""
    with np.load(folder / f"predictions_{split}.npz", allow_pickle=False) as saved:
        kept = slice(None) if rows is None else np.isin(saved["row"], rows)
        return {name: saved[name][kept] for name in saved.files}


def best_epoch(folder: Path) -> dict[str, int]:
    """The epochs of the best and the last checkpoint, from the history."""
    with open(folder / "history.csv", newline="") as file:
        history = [(float(line["val_loss"]), int(line["epoch"])) for line in csv.DictReader(file)]
    return {"best": min(history)[1], "last": history[-1][1]}


def measured(errors: np.ndarray, target: Target) -> list:
    """`windows, mae, mae_unit, ci_low, ci_high` of some errors."""
    mae = float(errors.mean())
    return [
        len(errors),
        mae,
        mae * target.std,
        *interval(mae, block_means(errors, target.block), len(errors) / target.block),
    ]
