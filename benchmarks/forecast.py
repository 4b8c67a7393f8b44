"""The seven networks that the lecture codes, its own way and through Reverie.

The lecture: a Python generator, Keras as it comes, validation in batches of 128 from another generator, one
network after the other with all cores. Reverie: Snakemake from the prepared series to `metrics.csv`, which also
forecasts the test part. The series is the full-size sample of the weather.
"""

import json
import os
import sys
import time
from statistics import median

import numpy as np
from reverie import durations
from reverie.forecast import variants

from benchmarks import runs
from benchmarks.rounds import Row, rounds, row
from benchmarks.runs import RUN

SEVEN = ["mlp", "gru", "gru_dropout", "stacked_gru", "bidirectional_gru", "conv1d", "conv1d_gru"]
STEPS, BATCH, LOOKBACK, DELAY, EPOCHS = 500, 128, 1440, 144, 3
MINUTES = 10  # between two rows
WARM = 3  # batches before the clock starts, so that no tracing counts
TIMED = 40  # steps


def generator(series, target, low, high, step, shuffle):
    """Batches of windows that begin at rows from ``low`` to ``high``, for ever; plainly."""
    random, now = np.random.default_rng(0), low + LOOKBACK
    while True:
        if shuffle:
            rows = random.integers(low + LOOKBACK, high, BATCH)
        else:
            if now + BATCH >= high:
                now = low + LOOKBACK
            rows = np.arange(now, now + BATCH)
            now += BATCH
        samples = np.zeros((BATCH, LOOKBACK // step, series.shape[1]))
        targets = np.zeros(BATCH)
        for index, last in enumerate(rows):
            samples[index] = series[range(last - LOOKBACK, last, step)]
            targets[index] = series[last + DELAY][target]
        yield samples, targets


def prepared(name: str) -> tuple:
    """The compiled model, the generators of training and validation, and the latter's batches."""
    import keras

    network = variants.networks(runs.lecture())[name]
    with np.load(RUN / "forecast" / "series.npz") as saved:
        series, target = saved["values"].astype("float64"), int(saved["target"])
        train_end, validation_end = int(saved["train_end"]), int(saved["validation_end"])
    step = durations.rows(network["step"], MINUTES, "forecast.step")

    def part(low, high, shuffle=False):
        return generator(series, target, low, high, step, shuffle)

    def layer(spec):
        ((kind, given),) = spec.items()
        if "layer" in given:
            given = {**given, "layer": layer(given["layer"])}
        return getattr(keras.layers, kind)(**given)

    model = keras.Sequential([keras.Input((LOOKBACK // step, series.shape[1]))])
    for spec in [*network["layers"], {"Dense": {"units": 1}}]:
        model.add(layer(spec))
    model.compile(keras.optimizers.RMSprop(), "mae")
    validated = (validation_end - train_end - 1 - LOOKBACK) // BATCH
    return model, part(0, train_end, True), part(train_end + 1, validation_end), validated


def epoch(model, training, validation, steps: int, batches: int) -> dict:
    """Seconds of so many steps of training, and of so many batches of validation."""
    model.fit(training, steps_per_epoch=WARM, epochs=1, verbose=0)
    model.evaluate(validation, steps=WARM, verbose=0)
    start = time.perf_counter()
    model.fit(training, steps_per_epoch=steps, epochs=1, verbose=0)
    trained = time.perf_counter()
    model.evaluate(validation, steps=batches, verbose=0)
    return {"training": trained - start, "validation": time.perf_counter() - trained}


def lecture(name: str) -> dict:
    """Seconds of one epoch of training, and of one validation."""
    model, training, validation, batches = prepared(name)
    return epoch(model, training, validation, STEPS, batches)


def passes(name: str) -> dict:
    """Seconds of a step, and of a validation as a training makes it, on one core, compiled before."""
    from reverie import devices

    devices.use("tensorflow", 1)
    from reverie import training
    from reverie.forecast import models, windows

    network = variants.networks(runs.lecture())[name]
    with np.load(RUN / "forecast" / "series.npz") as saved:
        series = {key: saved[key] for key in saved.files}
    parts = windows.parts(
        int(series["train_end"]), int(series["validation_end"]), len(series["values"]), DELAY
    )
    step = durations.rows(network["step"], MINUTES, "forecast.step")
    loop = models.loop(network, LOOKBACK, step, DELAY, series, name)
    learned = windows.training_rows(parts["train"], LOOKBACK, TIMED, BATCH, 0, 1)
    evaluated = windows.evaluation_rows(parts["val"], LOOKBACK, BATCH)
    loop.train(learned)  # so that the same call is traced
    training.predict(loop, evaluated[:4096])
    start = time.perf_counter()
    loop.train(learned)
    trained = time.perf_counter()
    training.predict(loop, evaluated)
    return {"step": (trained - start) / TIMED, "validation": time.perf_counter() - trained}


def reverie() -> dict:
    """Seconds from the prepared series to the errors, and the largest training's MB."""
    return runs.forecast({"select": SEVEN, "steps": STEPS, "max_epochs": EPOCHS})


def hours(found: dict[str, list[dict]]) -> float:
    """Hours of all epochs and seeds of all networks on all cores, from the medians of their passes."""
    settings, seconds = runs.lecture(), 0.0
    for name, network in variants.networks(settings).items():
        step, validation = (
            median(one[key] for one in found[name]) for key in ("step", "validation")
        )
        seconds += network["epochs"] * (network["steps"] * step + validation)
    return seconds * len(settings["forecast"]["seeds"]) / os.cpu_count() / 3600


def together(found: dict[str, list[dict]]) -> list[float]:
    """Seconds of all networks, training and validation, in each round."""
    return [
        sum(sum(one.values()) for one in round_) for round_ in zip(*found.values(), strict=True)
    ]


def rows(count: int) -> list[Row]:
    runs.prepare()
    every = list(variants.networks(runs.lecture()))
    ours, lectures = [], {name: [] for name in SEVEN}
    ours_of = {name: [] for name in every}
    for _ in range(count):
        ours += rounds("forecast", ["reverie"], 1)["reverie"]
        for name in every:
            ours_of[name] += rounds("forecast", ["passes"], 1, name)["passes"]
        for name in SEVEN:
            lectures[name] += rounds("forecast", ["lecture"], 1, name)["lecture"]
    lecture_seconds = [EPOCHS * seconds for seconds in together(lectures)]
    whole = f"all seven networks, {EPOCHS} epochs of {STEPS} steps, with validation"
    found = [row(whole, "s", lecture_seconds, [one["seconds"] for one in ours], "4")]
    for name in SEVEN:
        seconds = [[one["validation"] for one in kind[name]] for kind in (lectures, ours_of)]
        found.append(row(f"validation of 98,432 windows, {name}", "s", *seconds, "10"))
    steps = [[one["training"] / STEPS * 1000 for one in lectures[name]] for name in SEVEN]
    for name, theirs in zip(SEVEN, steps, strict=True):
        mine = [one["step"] * 1000 for one in ours_of[name]]
        found.append(row(f"a step of {name}, on all cores and on one", "ms", theirs, mine))
    memory = max(one["mb"] for one in ours)
    return [
        *found,
        Row("memory of the largest training", "MB", None, memory, asked="1500"),
        Row(
            f"all epochs and seeds of the {len(every)} networks, estimated",
            "h",
            None,
            hours(ours_of),
        ),
    ]


WAYS = {"lecture": lecture, "passes": passes, "reverie": reverie}

if __name__ == "__main__":
    way, *given = sys.argv[1:]
    print(json.dumps(WAYS[way](*given)))
