"""Errors of the forecasts with their uncertainty, beside those of the naive forecasts.

All errors are absolute, in standard deviations of the target over the training rows. Consecutive
windows overlap and so do their errors; therefore intervals come from a moving-block bootstrap
over time (Künsch 1989), to which several seeds add how much they differ (see `reverie.bootstrap`).
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from itertools import permutations
from pathlib import Path

import numpy as np

from reverie import durations
from reverie.bootstrap import block_means, half_width, interval, widened
from reverie.errors import ReverieError
from reverie.forecast import probabilities, trained, windows
from reverie.forecast.kinds import NETWORK, WITHOUT_CHANCE
from reverie.forecast.probabilities import Quantiles
from reverie.histories import best_epoch, read_history
from reverie.tables import write_table

BLOCK_DAYS, BLOCK_DELAYS = 7, 3  # length of a block: a week, or three delays where that is more
TABLES = {
    "summary": ["variant", "split", "checkpoint", "seeds", "parameters", "mae_mean", "mae_sd", "mae_unit_mean", "vs_naive", "vs_naive_low", "vs_naive_high", "beats_naive"],
    "metrics": ["variant", "seed", "split", "checkpoint", "epoch", "windows", "mae", "mae_unit", "ci_low", "ci_high"],
    "pairs": ["variant", "checkpoint", "against", "against_checkpoint", "split", "change", "low", "high", "lower"],
    "conditions": ["variant", "split", "condition", "value", "windows", "mae_unit"],
    "coverage": ["variant", *probabilities.COLUMNS],
}  # fmt: skip
SPLITS = ("val", "test")
# Arrays of forecasts by checkpoint; kinds other than networks have no checkpoints.
PREDICTIONS = {"": "prediction", "best": "prediction", "last": "prediction_last"}
NO_SEED = {"": ""}  # seed and epoch of a forecast that has neither
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
    steps: dict[str, int] = field(default_factory=dict)

    def scored(self, rows: np.ndarray) -> np.ndarray:
        """The windows whose truth and both naive forecasts were measured."""
        return rows[windows.usable(self.measured, self.step, self.delay)[rows]]

    def naive(self, rows: np.ndarray, step: int | None = None) -> np.ndarray:
        """The lecture's naive forecast: the newest value in the window, one step old at ``row``.

        That of the run's windows, or of those with another ``step``.
        """
        return self.values[rows - (step or self.step)]

    def naive_delay(self, rows: np.ndarray) -> np.ndarray:
        """The value at ``row``, exactly one delay before the target."""
        return self.values[rows]

    def errors(self, forecast: np.ndarray, rows: np.ndarray) -> np.ndarray:
        truth = self.values[rows + self.delay].astype(np.float64)
        return np.abs(forecast.astype(np.float64) - truth)


def read_target(
    series_file: Path, lookback: str, step: str, delay: str, steps: dict[str, str] | None = None
) -> Target:
    """The target of a prepared series, with durations in rows; ``steps`` are those of variants."""
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
            block=block(delay, interval),
            steps={
                name: durations.rows(own, interval, f"the step of {name}")
                for name, own in (steps or {}).items()
            },
        )


def block_days(delay: str) -> float:
    """Length of a block in days: errors stay alike for about as long as the forecast looks ahead."""
    return max(BLOCK_DAYS, BLOCK_DELAYS * durations.minutes(delay) / 1440)


def block(delay: str, interval_minutes: float) -> int:
    """Length of a block in rows of a series."""
    return max(round(block_days(delay) * 1440 / interval_minutes), 1)


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


def against(errors: np.ndarray, others: np.ndarray, block: int) -> tuple[float, float, float, str]:
    """Relative change of the mean error against another's, its interval, and the verdict.

    Both (windows,) or (seeds, windows), paired by window. Negative is better; the verdict is yes,
    no or unclear.
    """
    return change(*(Scored.of(np.atleast_2d(array), block) for array in (errors, others)))


def change(scored: Scored, other: Scored) -> tuple[float, float, float, str]:
    """:func:`against` for two forecasts of the same windows; NaN where the other's error is 0.

    For a forecast with one seed or none, the interval covers other windows, not other seeds.
    """
    level = other.seeds.mean()
    if not level:  # no change is relative to an error of 0, as of a series that repeats itself
        return math.nan, math.nan, math.nan, "unclear"
    size = scored.seeds.mean() / level - 1
    samples = None if scored.means is None else scored.means / other.means - 1
    ends = interval(size, samples, scored.blocks)
    several = [scored.seeds / level, (1 + size) * other.seeds / level]  # first-order, as of a ratio
    several = [seeds for seeds in several if len(seeds) > 1]
    low, high = widened(size, ends, half_width(*several)) if several else ends
    return float(size), low, high, "yes" if high < 0 else "no" if low > 0 else "unclear"


@dataclass
class Variant:
    """A variant as it is evaluated: the folder of each seed's training, and its number of weights.

    With ``ensemble`` the mean of its seeds' forecasts is judged too, as `<variant>_ensemble`. ``levels``
    are those of the quantiles that it forecasts.
    """

    trainings: dict[int, Path]
    parameters: int
    ensemble: bool = False
    kind: str = NETWORK
    levels: list[float] | None = None

    @classmethod
    def read(
        cls,
        folder: Path,
        trainings: dict[int, Path],
        ensemble: bool,
        kind: str,
        levels: list[float] | None,
    ):
        """With the number of weights from `model.json` in the variant's ``folder``, or `fitted.json`."""
        first = next(iter(trainings.values()))
        file = folder / "model.json" if kind == NETWORK else first / "fitted.json"
        return cls(trainings, json.loads(file.read_text())["parameters"], ensemble, kind, levels)


@dataclass
class Forecast:
    """Errors of a variant at a checkpoint: (seeds, windows), of the windows ``rows``.

    ``epochs`` are those of the checkpoint by seed, in the order of ``errors``. ``seeds`` counts the
    trainings behind it. ``quantiles`` are the means over them, None where no interval is wanted.
    ``step`` is that of the variant's windows in rows; 0: the run's.
    """

    variant: str
    split: str
    checkpoint: str
    rows: np.ndarray
    errors: np.ndarray
    epochs: dict
    seeds: int = 0
    parameters: int = 0
    quantiles: Quantiles | None = None
    step: int = 0


def evaluate(target: Target, variants: dict[str, Variant], folder: Path) -> None:
    """Write the TABLES into ``folder``.

    All forecasts are judged on the same windows, those that every variant has.
    """
    lines: dict[str, list] = {name: [] for name in TABLES}
    scores: dict[str, dict[tuple, Scored]] = {split: {} for split in SPLITS}
    probable: dict[str, dict[str, Forecast]] = {}
    for forecast in forecasts(target, variants):
        variant, split, checkpoint = forecast.variant, forecast.split, forecast.checkpoint
        if forecast.quantiles:
            probable.setdefault(variant, {})[split] = forecast
        for (seed, epoch), errors in zip(forecast.epochs.items(), forecast.errors, strict=True):
            line = [variant, seed, split, checkpoint, epoch, *measured(errors, target)]
            lines["metrics"].append(line)
        scored = scores[split][variant, checkpoint] = Scored.of(forecast.errors, target.block)
        mean = float(scored.seeds.mean())
        spread = float(scored.seeds.std(ddof=1)) if len(scored.seeds) > 1 else math.nan
        line = [variant, split, checkpoint, forecast.seeds, forecast.parameters, mean, spread]
        naive = scores[split]["naive", ""]
        if 0 < forecast.step < target.step:  # whose windows have a newer value to repeat
            newer = target.naive(forecast.rows, forecast.step)
            naive = Scored.of(target.errors(newer, forecast.rows)[None], target.block)
        lines["summary"].append([*line, mean * target.std, *change(scored, naive)])
        if checkpoint != "last":
            groups = by_condition(target, forecast.rows, forecast.errors.mean(axis=0))
            lines["conditions"] += [[variant, split, *group] for group in groups]
    for split, by_forecast in scores.items():
        for (name, scored), (other_name, other) in permutations(by_forecast.items(), 2):
            lines["pairs"].append([*name, *other_name, split, *change(scored, other)])
    for variant, by_split in probable.items():
        truths = {split: target.values[f.rows + target.delay] for split, f in by_split.items()}
        quantiles = {split: f.quantiles for split, f in by_split.items()}
        coverage = probabilities.coverage(truths, quantiles, target.block, target.std)
        lines["coverage"] += [[variant, *line] for line in coverage]
    for name, columns in TABLES.items():
        write_table(folder / f"{name}.csv", columns, lines[name])


def forecasts(target: Target, variants: dict[str, Variant]) -> Iterator[Forecast]:
    """The naive forecasts, and those of every variant, of the windows of each split that all have."""
    trainings = [f for variant in variants.values() for f in variant.trainings.values()]
    shared = {}
    for split in SPLITS:
        rows = reduce(np.intersect1d, (trained.forecasts(f, split)["row"] for f in trainings))
        shared[split] = rows = target.scored(rows)
        for variant, predicted in (("naive", target.naive), ("naive_delay", target.naive_delay)):
            errors = target.errors(predicted(rows), rows)[None]
            quantiles = Quantiles.of(predicted(rows)[:, None])
            yield Forecast(variant, split, "", rows, errors, NO_SEED, quantiles=quantiles)
    for name, variant in variants.items():
        for split, rows in shared.items():
            yield from forecasts_of(name, variant, target, split, rows)


def mean_forecasts(
    target: Target, variants: dict[str, dict[int, Path]], split: str
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The windows of a split that all variants have, (windows,), and each one's forecasts of them.

    Means over seeds, of networks at their best epochs, (windows,), and the naive forecasts.
    ``variants`` has the folders of each seed's training or fit.
    """
    saved = {
        name: [trained.forecasts(folder, split) for folder in folders.values()]
        for name, folders in variants.items()
        if folders
    }
    rows = target.scored(
        reduce(np.intersect1d, (arrays["row"] for seeds in saved.values() for arrays in seeds))
    )
    means = {"naive": target.naive(rows), "naive_delay": target.naive_delay(rows)}
    for name, seeds in saved.items():
        kept = [arrays["prediction"][np.isin(arrays["row"], rows)] for arrays in seeds]
        means[name] = np.mean(kept, axis=0, dtype=np.float64)
    return rows, means


def forecasts_of(
    name: str, variant: Variant, target: Target, split: str, rows: np.ndarray
) -> Iterator[Forecast]:
    """A variant's forecasts, each followed by the ensemble's, if there is one.

    Those of a network are at both checkpoints; other kinds have none, and without chance no seed.
    """
    saved = [trained.forecasts(folder, split, rows) for folder in variant.trainings.values()]
    epochs = {"": dict.fromkeys(variant.trainings, "")}
    if variant.kind == NETWORK:
        epochs = checkpoint_epochs(variant.trainings)
    seeds, step = len(saved), target.steps.get(name, 0)
    for checkpoint, at in epochs.items():
        predictions = [arrays[PREDICTIONS[checkpoint]] for arrays in saved]
        errors = np.stack([target.errors(prediction, rows) for prediction in predictions])
        if variant.kind in WITHOUT_CHANCE:
            at, seeds = NO_SEED, 0
        quantiles = None if checkpoint == "last" else Quantiles.over_seeds(saved, variant.levels)
        yield Forecast(
            name, split, checkpoint, rows, errors, at, seeds, variant.parameters, quantiles, step
        )
        if variant.ensemble and seeds > 1:
            weights = variant.parameters * seeds
            errors = target.errors(np.mean(predictions, axis=0), rows)[None]
            yield Forecast(
                f"{name}_ensemble",
                split,
                checkpoint,
                rows,
                errors,
                NO_SEED,
                seeds,
                weights,
                step=step,
            )


def checkpoint_epochs(trainings: dict[int, Path]) -> dict[str, dict[int, int]]:
    """The epochs of the best and the last checkpoint of each seed's training."""
    histories = {seed: read_history(training) for seed, training in trainings.items()}
    return {
        "best": {seed: best_epoch(history)["epoch"] for seed, history in histories.items()},
        "last": {seed: history[-1]["epoch"] for seed, history in histories.items()},
    }


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
    changes = target.errors(target.naive(rows), rows) * target.std
    parts = changes.argsort().argsort() * PARTS // len(changes)
    sentinels = np.concatenate([[0], np.cumsum(target.unmeasured)])
    touched = sentinels[rows] > sentinels[np.maximum(rows - target.lookback, 0)]
    touched |= target.unmeasured[rows + target.delay]
    groups = {"hour": hours, "month": months, "change": parts, "unmeasured": touched.astype(int)}
    lines = []
    for condition, group in groups.items():
        for value in np.unique(group):
            members = group == value
            label = float(changes[members].mean()) if condition == "change" else value
            mae = float(errors[members].mean()) * target.std
            lines.append([condition, label, int(members.sum()), mae])
    return lines


def measured(errors: np.ndarray, target: Target) -> list:
    """`windows, mae, mae_unit, ci_low, ci_high` of some errors."""
    mae = float(errors.mean())
    return [
        len(errors),
        mae,
        mae * target.std,
        *interval(mae, block_means(errors, target.block), len(errors) / target.block),
    ]
