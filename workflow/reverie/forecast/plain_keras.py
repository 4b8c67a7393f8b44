"""A network of a run as one .keras file for plain Keras, from measured values to the forecast."""

from pathlib import Path

import keras
import numpy as np
from keras import ops

from reverie import keras_files
from reverie.forecast import models, newest, windows


def save(run: newest.Run, name: str, folder: Path) -> Path:
    """Write ``name``.keras and ``name``.json, and return the path of the former.

    The model takes windows, (batch, rows, inputs), in the units of the table and oldest row first, and
    gives forecasts, (batch, 1), in the target's unit: the mean over seeds at their best epochs.
    Normalisation, a reversed order and the newest value of a residual network are parts of it; the
    calendar of a network that has one is among its inputs.
    """
    network, facts = run.variants[name], run.facts
    lookback, step, delay = run.rows(network)
    columns, interval, target = facts["columns"], facts["interval_minutes"], facts["target"]
    mean, std = ([facts[key][column] for column in columns] for key in ("mean", "std"))
    waves = calendar() if network["calendar"] else []
    model = models.build(network, lookback, step, len(columns), f"forecast.variants.{name}")

    window = keras.Input(model.input_shape[1:], name="window")
    normalisation = keras.layers.Normalization(
        mean=[*mean, *[0.0] * len(waves)], variance=[*np.square(std).tolist(), *[1.0] * len(waves)]
    )
    values = normalisation(window)
    order = np.searchsorted(
        windows.offsets(lookback, step), models.offsets(network, lookback, step)
    )
    read = ops.take(values, order.tolist(), axis=1)
    outputs = [
        keras_files.plain(model, f"seed{seed}")(read)
        for seed in newest.trained_seeds(run, name, model)
    ]
    forecast = keras.layers.Average()(outputs) if len(outputs) > 1 else outputs[0]
    if network["residual"]:
        place = columns.index(target)
        forecast = forecast + values[:, -1, place : place + 1]
    forecast = keras.layers.Rescaling(facts["std"][target], facts["mean"][target])(forecast)
    about = {
        "forecast": target,
        "unit": facts["unit"],
        "inputs": [*columns, *waves],
        "rows": lookback // step,
        "minutes_between_rows": step * interval,
        "minutes_from_newest_row_to_forecast": (step + delay) * interval,
    }
    return keras_files.save(keras.Model(window, forecast), about, folder, name)


def calendar() -> list[str]:
    """What the inputs of the calendar are, in the order of :func:`models.features`."""
    return [
        f"{wave}(2 pi t / {period:.0f}), t in seconds since 1970-01-01"
        for period in (models.DAY, models.YEAR)
        for wave in ("sin", "cos")
    ]
