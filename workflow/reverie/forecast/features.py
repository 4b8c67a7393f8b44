"""Inputs that are derived from a series: changes, ranges, the sun, the climatology.

Nothing looks ahead: the value at a row depends on rows up to it, on its time, and on the training rows,
which give mean and standard deviation as they do for the columns of the series.
"""

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from reverie import durations
from reverie.errors import ReverieError, quoted
from reverie.forecast import climatology
from reverie.forecast.climatology import DAY, YEAR

TILT = np.radians(23.44)  # of the Earth's axis
ALL = "all"  # instead of the name of a column
SOLSTICE = 172  # the day of the year, counted from 0, on which the sun is highest in the north


def derived(specs: list[dict], series: dict, path: str, basis: dict | None = None) -> np.ndarray:
    """The features ``specs`` of every row, normalised, (rows, features), float32.

    ``series`` has the arrays of :func:`reverie.forecast.series.prepare`. ``basis`` is the series that
    the network was trained on, if that is another; its training rows give the scales. ``path`` is the
    variant's setting, for the ReverieError about an unknown column, or a duration that is no whole
    number of rows.
    """
    basis = basis or series
    columns = []
    for index, spec in each(specs, series):
        where = f"{path}.features.{index}"
        mean, std = scale(spec, basis, where)
        columns.append((raw(spec, series, where, basis) - mean) / std)
    return np.stack(columns, axis=1).astype(np.float32)


def each(specs: list[dict], series: dict) -> Iterator[tuple[int, dict]]:
    """Every feature with the number of its setting; one of all columns becomes one of each."""
    for index, spec in enumerate(specs):
        names = series["columns"] if spec["column"] == ALL else [spec["column"]]
        yield from ((index, spec | {"column": name}) for name in names)


def count(specs: list[dict], columns: int) -> int:
    """How many features there are of a series with so many columns."""
    return sum(columns if spec["column"] == ALL else 1 for spec in specs)


def scale(spec: dict, basis: dict, path: str) -> tuple[float, float]:
    """Mean and standard deviation of a feature over the training rows of ``basis``."""
    if spec["kind"] == "climatology":
        return 0.0, 1.0  # that of a normalised series has its scale
    training = raw(spec, basis, path, basis)[: int(basis["train_end"])]
    return float(training.mean()), float(training.std()) or 1.0


def raw(spec: dict, series: dict, path: str, basis: dict) -> np.ndarray:
    """A feature of every row, (rows,): of the normalised values, and not normalised again."""
    kind = spec["kind"]
    if kind == "sun":
        return sun(series["time"], spec["latitude"], spec["longitude"], spec["ahead"])
    if kind == "climatology":
        return climatology_of(basis, int(basis["target"])).at(series["time"])
    values = series["values"][:, column(spec, series, path)].astype(np.float64)
    return {"change": change, "range": extent}[kind](values, span(spec, series, path))


def column(spec: dict, series: dict, path: str) -> int:
    """The column that a change or range is of: the target by default."""
    if spec["column"] is None:
        return int(series["target"])
    return number_of(spec["column"], series, f"{path}.column")


def number_of(name: str, series: dict, path: str) -> int:
    """The number of a column; raises ReverieError, which names the setting ``path``, if there is none."""
    names = list(map(str, series["columns"]))
    if name not in names:
        allowed = ", ".join(map(quoted, names))
        raise ReverieError(
            f"{path}: {quoted(name)} is no column that the networks see; name one of {allowed}."
        )
    return names.index(name)


def span(spec: dict, series: dict, path: str) -> int:
    """How many rows before its own a change or range depends on."""
    return durations.rows(spec["over"], float(series["interval_minutes"]), f"{path}.over")


def change(values: np.ndarray, rows: int) -> np.ndarray:
    """The difference from the value so many rows before; from the first one where there is none."""
    return values - values[np.maximum(np.arange(len(values)) - rows, 0)]


def extent(values: np.ndarray, rows: int) -> np.ndarray:
    """The largest minus the smallest of the value at a row and of so many rows before it."""
    padded = np.concatenate([np.full(rows, values[0]), values])
    past = sliding_window_view(padded, rows + 1)
    return past.max(axis=1) - past.min(axis=1)


def sun(time: np.ndarray, latitude: float, longitude: float, ahead: float) -> np.ndarray:
    """Sine of the sun's height, 0 at night: sunlight on level ground under a clear sky but for the air.

    ``time`` (rows,) in seconds since 1970 by a clock that is ``ahead`` hours ahead of UTC; degrees north
    and east. The Earth's orbit counts as a circle, so that the noon is up to 16 minutes off.
    """
    universal = time - 3600 * ahead
    solstice = 2 * np.pi * (universal / YEAR - SOLSTICE * DAY / YEAR)
    declination = np.arcsin(np.sin(TILT) * np.cos(solstice))
    hour = 2 * np.pi * (universal / DAY - 0.5) + np.radians(longitude)
    north = np.radians(latitude)
    height = np.sin(north) * np.sin(declination)
    height = height + np.cos(north) * np.cos(declination) * np.cos(hour)
    return np.maximum(height, 0)


def climatology_of(basis: dict, column: int) -> climatology.Climatology:
    """The climatology of a column of the normalised series, from the training rows of ``basis``.

    Of the target from the rows in which it was measured, of other columns from those in which all was.
    """
    measured = basis["measured"] if column == int(basis["target"]) else ~basis["unmeasured"]
    training = np.arange(int(basis["train_end"]))
    kept = training[measured[: len(training)]]
    rows = kept if len(kept) else training  # without any, nothing is learned of this column either
    values = basis["values"][rows, column].astype(np.float64)
    return climatology.fit(basis["time"][rows], values, 60 * float(basis["interval_minutes"]))


def inputs(specs: list[dict], basis: dict, path: str) -> list[tuple[str, float, float]]:
    """Of each feature what it is, in the units of the table, with its mean and standard deviation.

    For those who compute the inputs of a saved network; ``basis`` also has `mean` and `std`, (columns,).
    """
    lines = []
    for index, spec in each(specs, basis):
        where = f"{path}.features.{index}"
        mean, std = scale(spec, basis, where)
        kind, over = spec["kind"], spec["over"]
        if kind == "sun":
            place = f"{spec['latitude']:g} degrees north, {spec['longitude']:g} east"
            lines.append((f"sine of the sun's height, 0 at night, {place}", mean, std))
            continue
        number = int(basis["target"]) if kind == "climatology" else column(spec, basis, where)
        name, unit = basis["columns"][number], float(basis["std"][number])
        if kind == "climatology":
            lines.append((f"climatology of {name}", float(basis["mean"][number]), unit))
        else:
            text = {"change": f"now minus {over} before", "range": f"range of the last {over}"}[
                kind
            ]
            lines.append((f"{name}: {text}", unit * mean, unit * std))
    return lines
