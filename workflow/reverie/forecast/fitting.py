"""Fit a forecaster that is not a network, and forecast with it.

All of them begin with the climatology of the training rows. `linear`, `ridge` and `trees` forecast the
change from the newest value, from the climatology, or from the level of the whole window. If that is not
surely better than the naive forecast on later training windows than those of a fit, they are the naive
forecast. What is fitted is plain arrays.
"""

import json
import time as clock
from functools import partial
from pathlib import Path

import numpy as np

from reverie import durations
from reverie.durations import in_words
from reverie.forecast import boosting, climatology, regression, window_features, windows
from reverie.forecast.regression import Scale
from reverie.forecast.window_features import Features, Spans

MOST_WINDOWS = 50_000  # to fit; neighbours among more of them are nearly equal
CHUNK = 10_000  # windows that are forecast at a time
BASES = ("newest", "usual", "level")  # what a forecast may be a change from; the first is naive


def fit(name: str, settings: dict, seed: int, series_file: Path, folder: Path) -> None:
    """Fit the forecaster and write what was fitted and its forecasts into ``folder``.

    ``settings`` are those of :func:`reverie.forecast.variants.fitted`, ``series_file`` has the arrays of
    :func:`reverie.forecast.series.prepare`. `fitted.npz` has what :func:`forecast` needs, `fitted.json`
    the kind, the number of `parameters` and a description. With `refit`, both and the forecasts of the
    test part are those of a second fit, to the training and validation parts: cycles, base, penalty and
    number of trees stay as the first has chosen them.
    """
    start = clock.monotonic()
    with np.load(series_file, allow_pickle=False) as saved:
        series = {key: saved[key] for key in saved.files}
    values, time, target = series["values"], series["time"], int(series["target"])
    minutes = float(series["interval_minutes"])
    spans = spans_of(settings, minutes)
    train_end, validation_end = int(series["train_end"]), int(series["validation_end"])
    parts = windows.parts(train_end, validation_end, len(values), spans.delay)
    usable = windows.usable(series["measured"], spans.step, spans.delay)

    def learn(part: str, end: int, harmonics=None, choice: dict | None = None):
        """What is fitted to the windows of a part and the rows before its ``end``, how many parameters
        it has, and what is chosen, unless it is given.
        """
        training = np.arange(spans.lookback, parts[part][1])
        training = training[usable[training]]
        every = -(-len(training) // MOST_WINDOWS)
        training = training[::every]
        known = np.flatnonzero(series["measured"][:end])
        usual = climatology.fit(
            time[known].astype(np.float64),
            values[known, target].astype(np.float64),
            60 * minutes,
            harmonics,
        )
        fitted = {"harmonics": usual.harmonics, "coefficients": usual.coefficients}
        if settings["kind"] == "climatology":
            return fitted, int(usual.coefficients.size), {}
        choose, solve = KINDS[settings["kind"]]
        features = window_features.of_windows(values, time, target, training, spans, usual)
        truth = values[training + spans.delay, target].astype(np.float64)
        if choice is None:
            choice = choose(features, truth, -(-(spans.step + spans.delay) // every), seed)
        arrays, parameters = solve(features, truth, seed, **choice)
        return fitted | arrays, parameters, choice

    fitted, parameters, choice = learn("train", train_end)
    folder.mkdir(parents=True, exist_ok=True)
    errors = {}
    for split in ("val", "test"):
        if split == "test" and settings["refit"]:
            harmonics = fitted["harmonics"]
            fitted, parameters, choice = learn("refit", validation_end, harmonics, choice)
        rows = windows.evaluation_rows(parts[split], spans.lookback, settings["evaluation_batch"])
        rows = rows[usable[rows]]
        prediction = forecast(fitted, values, time, target, rows, spans).astype(np.float32)
        truth = values[rows + spans.delay, target]
        errors[split] = float(np.abs(prediction - truth).mean())
        np.savez(folder / f"predictions_{split}.npz", row=rows, prediction=prediction, target=truth)
    np.savez_compressed(folder / "fitted.npz", **fitted)
    about = {"kind": settings["kind"], "parameters": parameters, **choice}
    (folder / "fitted.json").write_text(json.dumps(about, indent=2) + "\n")
    print(f"{name}: {errors['val']:.4f} validation, {in_words(clock.monotonic() - start)}")


def spans_of(settings: dict, interval_minutes: float) -> Spans:
    """The spans of a forecaster's settings in rows of a series."""
    lookback, step, delay = (
        durations.rows(settings[key], interval_minutes, f"forecast.{key}")
        for key in ("lookback", "step", "delay")
    )
    return Spans(lookback, step, delay, 60 * interval_minutes)


def linear_choice(features: Features, truth: np.ndarray, gap: int, seed: int) -> dict:
    """The `base` and `penalty` of a linear forecast of ``truth`` (windows,).

    Without a sure gain over the naive forecast, there is no penalty, and it is that forecast.
    """
    scaled, changes = Scale.of(features.values)(features.values), changes_of(features, truth)
    base, penalty = best_base(scaled, changes, gap)
    folds = regression.earlier_and_block(len(truth), gap)
    later = regression.held_out_errors(scaled, changes[base], folds, [penalty])[:, 0]
    if not regression.surely_lower(later, naive_errors(changes, folds)):
        base, penalty = BASES[0], None
    return {"base": base, "penalty": penalty}


def linear(
    features: Features,
    truth: np.ndarray,
    seed: int,
    base: str,
    penalty: float | None,
    loss=regression.absolute,
) -> tuple[dict, int]:
    """The arrays of a linear forecast of ``truth`` (windows,), and the number of its weights."""
    scale = Scale.of(features.values)
    weights = np.zeros(len(scale.mean) + 1)
    if penalty is not None:
        weights = loss(scale(features.values), truth - getattr(features, base), penalty)
    arrays = {"base": np.array(base), "mean": scale.mean, "std": scale.std, "weights": weights}
    return arrays, int((weights != 0).sum())


def trees_choice(features: Features, truth: np.ndarray, gap: int, seed: int) -> dict:
    """The `base` and the number of `rounds` of a forecast of ``truth`` (windows,) by boosted trees.

    The base is the one that leaves least to the trees, which learn slopes slowly. Without a sure gain
    over the naive forecast, it has no trees and is that forecast.
    """
    plain, changes = features.values[:, : features.plain], changes_of(features, truth)
    base = min(changes, key=lambda name: np.abs(changes[name]).mean())
    folds = regression.earlier_and_block(len(truth), gap)
    rounds, later = boosting.chosen_rounds(plain, changes[base], folds, seed)
    if not regression.surely_lower(later, naive_errors(changes, folds)):
        base, rounds = BASES[0], 0
    return {"base": base, "rounds": rounds}


def trees(
    features: Features, truth: np.ndarray, seed: int, base: str, rounds: int
) -> tuple[dict, int]:
    """The arrays of a forecast of ``truth`` (windows,) by boosted trees, and the number of their leaves."""
    plain = features.values[:, : features.plain]
    text, leaves = boosting.fit(plain, truth - getattr(features, base), rounds, seed)
    return {"base": np.array(base), "trees": np.frombuffer(text.encode(), np.uint8)}, leaves


def changes_of(features: Features, truth: np.ndarray) -> dict[str, np.ndarray]:
    """What is left to forecast of ``truth`` (windows,) after each of BASES."""
    return {base: truth - getattr(features, base) for base in BASES}


def best_base(scaled: np.ndarray, changes: dict, gap: int) -> tuple[str, float]:
    """The base and the penalty with which a regression has the lowest error in blocks held out."""
    folds = regression.others_and_block(len(scaled), gap)
    errors = {}
    for base, change in changes.items():
        by_penalty = regression.held_out_errors(scaled, change, folds, regression.PENALTIES)
        for penalty, error in zip(regression.PENALTIES, by_penalty.mean(axis=0), strict=True):
            errors[base, penalty] = error
    return min(errors, key=errors.get)


def naive_errors(changes: dict[str, np.ndarray], folds: regression.Folds) -> np.ndarray:
    """Mean absolute errors of the naive forecast in each block of the folds, (blocks,)."""
    return np.array([np.abs(changes["newest"][block]).mean() for _, block in folds])


KINDS = {  # what chooses, and what fits
    "linear": (linear_choice, linear),
    "ridge": (linear_choice, partial(linear, loss=regression.squared)),
    "trees": (trees_choice, trees),
}


def by_features(fitted: dict, features: Features) -> np.ndarray:
    """Forecasts of a linear forecaster or of trees, (windows,)."""
    if "trees" in fitted:
        text = fitted["trees"].tobytes().decode()
        change = boosting.forecast(text, features.values[:, : features.plain])
    else:
        change = Scale(fitted["mean"], fitted["std"])(features.values) @ fitted["weights"]
    return getattr(features, str(fitted["base"])) + change


def forecast(
    fitted: dict[str, np.ndarray],
    values: np.ndarray,
    time: np.ndarray,
    target: int,
    rows: np.ndarray,
    spans: Spans,
) -> np.ndarray:
    """Forecasts of the windows ``rows``, normalised, (windows,); ``fitted`` is what `fitted.npz` has.

    ``values`` is the normalised series, (rows, columns), ``time`` its seconds since 1970, (rows,).
    """
    usual = climatology.Climatology(fitted["harmonics"], fitted["coefficients"])
    if "base" not in fitted:
        return usual.at(spans.target_time(time[rows - spans.step].astype(np.float64)))
    forecasts = []
    for first in range(0, len(rows), CHUNK):
        chunk = rows[first : first + CHUNK]
        features = window_features.of_windows(values, time, target, chunk, spans, usual)
        forecasts.append(by_features(fitted, features))
    return np.concatenate(forecasts) if forecasts else np.zeros(0)
