"""A network of a run as one .keras file for plain Keras, from measured values to the forecast."""

from pathlib import Path

import keras
import numpy as np
from keras import ops

from reverie import keras_files
from reverie.forecast import climatology, features, models, newest, objective, windows


def save(run: newest.Run, name: str, folder: Path) -> Path:
    """Write ``name``.keras and ``name``.json, and return the path of the former.

    The model takes windows, (batch, rows, inputs), in the units of the table and oldest row first, and
    gives forecasts, (batch, 1), in the target's unit: the mean over seeds at their best epochs.
    Normalisation, a reversed order and the newest value of a residual network are parts of it. The
    calendar, the derived inputs and the climatology of a network that has them are among its inputs. Of
    quantiles, the forecast is the median.
    """
    network, facts, path = run.variants[name], run.facts, f"forecast.variants.{name}"
    lookback, step, delay = run.rows(network)
    columns, interval, target = facts["columns"], facts["interval_minutes"], facts["target"]
    series = newest.arrays(run)
    _, pairs = models.auxiliary_targets(network, series, delay, path)
    model = models.build(network, lookback, step, len(columns), path, len(pairs))
    read_inputs = [(column, facts["mean"][column], facts["std"][column]) for column in columns]
    read_inputs += [(wave, 0.0, 1.0) for wave in calendar() if network["calendar"]]
    read_inputs += features.inputs(network["features"], series, path)
    change = usual_change(run, network) if network["residual"] == "climatology" else []

    names, mean, std = zip(*read_inputs, *change, strict=True)
    window = keras.Input((lookback // step, len(names)), name="window")
    values = keras.layers.Normalization(mean=mean, variance=np.square(std).tolist())(window)
    order = np.searchsorted(
        windows.offsets(lookback, step), models.offsets(network, lookback, step)
    )
    read = ops.take(values[:, :, : len(read_inputs)], order.tolist(), axis=1)
    median, outputs = objective.median(network), []
    for seed in newest.trained_seeds(run, name, model):
        predicted = objective.forecasts(network, keras_files.plain(model, f"seed{seed}")(read))
        outputs.append(predicted[:, median : median + 1])
    forecast = keras.layers.Average()(outputs) if len(outputs) > 1 else outputs[0]
    if network["residual"]:
        place = columns.index(target)
        forecast = forecast + values[:, -1, place : place + 1]
    if change:
        forecast = forecast + values[:, -1, -1:]
    forecast = keras.layers.Rescaling(facts["std"][target], facts["mean"][target])(forecast)
    about = {
        "forecast": target,
        "unit": facts["unit"],
        "inputs": list(names),
        "rows": lookback // step,
        "minutes_between_rows": step * interval,
        "minutes_from_newest_row_to_forecast": (step + delay) * interval,
    }
    if change or any(feature["kind"] == "climatology" for feature in network["features"]):
        usual = features.climatology_of(series, columns.index(target))
        about["climatology"] = terms(usual, facts["mean"][target], facts["std"][target])
    return keras_files.save(keras.Model(window, forecast), about, folder, name)


def usual_change(run: newest.Run, network: dict) -> list[tuple[str, float, float]]:
    """The input that has the change of the climatology from a row to its target, as in `features.inputs`."""
    _, step, delay = run.rows(network)
    target, minutes = run.facts["target"], (step + delay) * run.facts["interval_minutes"]
    text = f"climatology of {target} {minutes:g} minutes later, minus that now"
    return [(text, 0.0, run.facts["std"][target])]


def terms(usual: climatology.Climatology, mean: float, std: float) -> dict:
    """A climatology as numbers in the unit of its column, which has this ``mean`` and ``std``."""
    cycles = (climatology.DAY, climatology.WEEK, climatology.YEAR)
    day, week, year = (
        [[(wave, period / n)] for wave in ("sin", "cos") for n in range(1, harmonics + 1)]
        for period, harmonics in zip(cycles, usual.harmonics.tolist(), strict=True)
    )
    products = [one + other for one in [[], *day] for other in [[], *year, *week]]
    numbers = std * usual.coefficients
    numbers[0] += mean  # of the product of no waves
    return {
        "formula": "sum over the terms of: coefficient times the product of its waves, each a function "
        "of 2 pi t / period; t and periods in seconds, t since 1970-01-01",
        "terms": [
            {"coefficient": number, "waves": waves}
            for number, waves in zip(numbers.tolist(), products, strict=True)
        ],
    }


def calendar() -> list[str]:
    """What the inputs of the calendar are, in the order of :func:`models.features`."""
    return [
        f"{wave}(2 pi t / {period:.0f}), t in seconds since 1970-01-01"
        for period in (models.DAY, models.YEAR)
        for wave in ("sin", "cos")
    ]
