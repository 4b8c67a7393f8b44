"""The seven networks that the lecture codes, trained the lecture's way and with Reverie.

The lecture: Keras' `fit` on a Python generator, validation in batches of 128 from another one, all
cores for one network after the other. Reverie: Snakemake from the prepared series to `metrics.csv`,
which includes the forecasts of the test part. The series is weather at full size.
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
STEPS, BATCH, LOOKBACK, DELAY = 500, 128, 1440, 144
MINUTES = 10  # between two rows
WARM = 3  # batches before the measurement, to exclude tracing
TIMED = 40  # steps of a measurement


def generator(series, target, low, high, step, shuffle):
    """The lecture's generator: endless batches of windows between the rows ``low`` and ``high``."""
    random, first = np.random.default_rng(0), low + LOOKBACK
    while True:
        if shuffle:
            rows = random.integers(low + LOOKBACK, high, BATCH)
        else:
            if first + BATCH >= high:
                first = low + LOOKBACK
            rows = np.arange(first, first + BATCH)
            first += BATCH
        samples = np.zeros((BATCH, LOOKBACK // step, series.shape[1]))
        targets = np.zeros(BATCH)
        for index, window in enumerate(rows):
            samples[index] = series[range(window - LOOKBACK, window, step)]
            targets[index] = series[window + DELAY][target]
        yield samples, targets


def prepared(name: str) -> tuple:
    """The compiled model, the generators for training and validation, and the latter's length."""
    import keras

    network = variants.networks(runs.lecture())[name]
    with np.load(RUN / "forecast" / "series.npz") as saved:
        series, target = saved["values"].astype("float64"), int(saved["target"])
        train_end, validation_end = int(saved["train_end"]), int(saved["validation_end"])
    step = durations.rows(network["step"], MINUTES, "forecast.step")

    def part(low, high, shuffle=False):
        return generator(series, target, low, high, step, shuffle)

    def layer(spec):
        ((kind, arguments),) = spec.items()
        if "layer" in arguments:
            arguments = {**arguments, "layer": layer(arguments["layer"])}
        return getattr(keras.layers, kind)(**arguments)

    model = keras.Sequential([keras.Input((LOOKBACK // step, series.shape[1]))])
    for spec in [*network["layers"], {"Dense": {"units": 1}}]:
        model.add(layer(spec))
    model.compile(keras.optimizers.RMSprop(), "mae")
    batches = (validation_end - train_end - 1 - LOOKBACK) // BATCH
    return model, part(0, train_end, True), part(train_end + 1, validation_end), batches


def epoch(model, training, validation, steps: int, batches: int) -> dict:
    """Seconds of ``steps`` of training and of ``batches`` of validation."""
    model.fit(training, steps_per_epoch=WARM, epochs=1, verbose=0)
    model.evaluate(validation, steps=WARM, verbose=0)
    start = time.perf_counter()
    model.fit(training, steps_per_epoch=steps, epochs=1, verbose=0)
    trained = time.perf_counter()
    model.evaluate(validation, steps=batches, verbose=0)
    return {"training": trained - start, "validation": time.perf_counter() - trained}


def lecture(name: str) -> dict:
    """Seconds of an epoch of training and of a validation, the lecture's way."""
    model, training, validation, batches = prepared(name)
    return epoch(model, training, validation, STEPS, batches)


def passes(name: str) -> dict:
    """Seconds of a training step and of a validation with Reverie on one core, without compilation.

    `speed` is how many operations of a large matrix product the core makes in a second, `step_share`
    and `validation_share` are which share of it the two reach.
    """
    from reverie import devices

    devices.use("tensorflow", 1)
    from reverie import training
    from reverie.forecast import models, windows

    from benchmarks import roofline

    network = variants.networks(runs.lecture())[name]
    with np.load(RUN / "forecast" / "series.npz") as saved:
        series = {key: saved[key] for key in saved.files}
    parts = windows.parts(
        int(series["train_end"]), int(series["validation_end"]), len(series["values"]), DELAY
    )
    step = durations.rows(network["step"], MINUTES, "forecast.step")
    loop = models.loop(network, LOOKBACK, step, DELAY, series, name)
    training_rows = windows.training_rows(parts["train"], LOOKBACK, TIMED, BATCH, 0, 1)
    evaluation_rows = windows.evaluation_rows(parts["val"], LOOKBACK, BATCH)
    loop.train(training_rows)  # compiles both calls that are timed below
    training.predict(loop, evaluation_rows[:4096])
    speed = roofline.speed()
    start = time.perf_counter()
    loop.train(training_rows)
    trained = time.perf_counter()
    training.predict(loop, evaluation_rows)
    step, validation = (trained - start) / TIMED, time.perf_counter() - trained
    operations = len(evaluation_rows) * roofline.evaluation(loop)
    return {
        "step": step,
        "validation": validation,
        "speed": speed,
        "step_share": BATCH * roofline.training(loop.model) / step / speed,
        "validation_share": operations / validation / speed,
    }


def reverie() -> dict:
    """The cost from the prepared series to the errors, as :func:`runs.forecast` gives it."""
    return runs.forecast({"select": SEVEN, "steps": STEPS, "max_epochs": 1})


def hours(measured: dict[str, list[dict]]) -> float:
    """Hours of all epochs and seeds of all networks on all cores, from the medians of `passes`."""
    settings, seconds = runs.lecture(), 0.0
    for name, network in variants.networks(settings).items():
        step, validation = (
            median(times[key] for times in measured[name]) for key in ("step", "validation")
        )
        seconds += network["epochs"] * (network["steps"] * step + validation)
    return seconds * len(settings["forecast"]["seeds"]) / os.cpu_count() / 3600


def together(measured: dict[str, list[dict]]) -> list[float]:
    """Seconds of training and validation of all networks together, in each round."""
    return [
        sum(sum(times.values()) for times in by_network)
        for by_network in zip(*measured.values(), strict=True)
    ]


def rows(count: int) -> list[Row]:
    runs.prepare()
    networks = list(variants.networks(runs.lecture()))
    runs_of_seven, lectures = [], {name: [] for name in SEVEN}
    ours = {name: [] for name in networks}
    for _ in range(count):
        runs_of_seven += rounds("forecast", ["reverie"], 1)["reverie"]
        for name in networks:
            ours[name] += rounds("forecast", ["passes"], 1, name)["passes"]
        for name in SEVEN:
            lectures[name] += rounds("forecast", ["lecture"], 1, name)["lecture"]
    figure = f"all seven networks, an epoch of {STEPS} steps, with validation"
    table = [row(figure, "s", together(lectures), [run["seconds"] for run in runs_of_seven], "4")]
    for name in SEVEN:
        seconds = [[times["validation"] for times in way[name]] for way in (lectures, ours)]
        table.append(row(f"validation of 98,432 windows, {name}", "s", *seconds, "10"))
    for name in SEVEN:
        lecture_steps = [times["training"] / STEPS * 1000 for times in lectures[name]]
        steps = [times["step"] * 1000 for times in ours[name]]
        table.append(row(f"a step of {name}, on all cores and on one", "ms", lecture_steps, steps))
    speeds = [times["speed"] / 1e9 for by_round in ours.values() for times in by_round]
    table.append(Row("a large matrix product on one core", "GFlop/s", None, median(speeds)))
    for title, key in (("a step", "step_share"), ("validation", "validation_share")):
        for name in networks:
            share = 100 * median(times[key] for times in ours[name])
            table.append(Row(f"share of that speed, {title} of {name}", "%", None, share))
    memory = max(run["mb"] for run in runs_of_seven)
    figure = f"all epochs and seeds of the {len(networks)} networks, estimated"
    return [
        *table,
        Row("memory of the largest training", "MB", None, memory, asked="1500"),
        Row(figure, "h", None, hours(ours)),
    ]


WAYS = {"lecture": lecture, "passes": passes, "reverie": reverie}

if __name__ == "__main__":
    way, *arguments = sys.argv[1:]
    print(json.dumps(WAYS[way](*arguments)))
