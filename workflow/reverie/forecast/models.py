"""The networks of the forecast, and the gathering of their inputs from the series."""

from collections.abc import Sequence
from itertools import takewhile

import keras
import numpy as np
from keras import ops

from reverie import backend, layers, recurrent
from reverie.errors import ReverieError
from reverie.forecast import features as derived_features
from reverie.forecast import objective, windows
from reverie.forecast.climatology import DAY, YEAR

CALENDAR = 4  # features that the calendar adds


def features(values: np.ndarray, time: np.ndarray, calendar: bool) -> np.ndarray:
    """The inputs of each row, (rows, features), float32.

    ``values`` is the normalised series, (rows, columns), ``time`` its seconds since 1970, (rows,).
    ``calendar`` adds sine and cosine of the hour of day and of the day of year.
    """
    if not calendar:
        return values
    angles = [2 * np.pi * time / period for period in (DAY, YEAR)]
    waves = [wave(angle) for angle in angles for wave in (np.sin, np.cos)]
    return np.column_stack([values, *waves]).astype(np.float32)


def offsets(network: dict, lookback: int, step: int) -> np.ndarray:
    """Rows of a window's inputs relative to the window's row, in the order in which they are read.

    Oldest first; newest first if `reversed`; `shuffled` in a random order, the same for all windows.
    """
    order = windows.offsets(lookback, step)
    if network["shuffled"]:
        order = np.random.default_rng(0).permutation(order)
    return order[::-1].copy() if network["reversed"] else order


def inputs(
    network: dict, series: dict[str, np.ndarray], path: str, basis: dict | None = None
) -> np.ndarray:
    """All inputs of each row of the series, (rows, inputs), float32: see :func:`loop`."""
    rows = features(series["values"], series["time"], network["calendar"])
    if not network["features"]:
        return rows
    more = derived_features.derived(network["features"], series, path, basis)
    return np.concatenate([rows, more], axis=1)


def gatherer(
    offsets: np.ndarray,
    delay: int,
    target: int,
    newest: int | None = None,
    auxiliary: Sequence[tuple[int, int]] = (),
):
    """The function that turns row numbers into a batch inside the compiled step.

    ``gather([series], rows)`` with series (rows, features) and rows (batch,) gives inputs (batch,
    len(offsets), features) and targets (batch, 1). ``newest`` is the offset of the newest input; with
    it the target is the change from that input.

    ``gather([series, levels], rows)`` takes the targets from levels, (rows, columns), instead: first
    that of column 0, then for each pair in ``auxiliary`` that of a column, so many rows after the
    window's row: (batch, 1 + pairs).
    """

    def gather(data, rows):
        series, *levels = data
        inputs = ops.take(series, rows[:, None] + offsets[None, :], axis=0)

        def ahead(column, distance):
            targets = ops.take(column, rows + distance, axis=0)
            if newest is not None:
                targets = targets - ops.take(column, rows + newest, axis=0)
            return targets

        if not levels:
            return inputs, ahead(series[:, target], delay)[:, None]
        targets = [ahead(levels[0][:, 0], delay)]
        for column, distance in auxiliary:
            targets.append(ahead(levels[0][:, column], distance))
        return inputs, ops.stack(targets, axis=1)

    return gather


def auxiliary_targets(
    network: dict, series: dict[str, np.ndarray], delay: int, path: str
) -> tuple[list[int], list[tuple[int, int]]]:
    """The columns of the auxiliary targets, the target first, and a pair for each auxiliary output.

    A pair has the place of its column in that list, counted from 1, and how many rows it is ahead. The
    pair that is the target itself is left out. Raises ReverieError for a column that is none, and for
    more steps than there are rows until the target.
    """
    settings, target = network["auxiliary"], int(series["target"])
    if not settings:
        return [], []
    if settings["steps"] > delay:
        raise ReverieError(
            f"{path}.auxiliary.steps: {settings['steps']} times do not fit into a delay of {delay} rows; "
            "choose fewer."
        )
    named = [
        derived_features.number_of(name, series, f"{path}.auxiliary.columns.{index}")
        for index, name in enumerate(settings["columns"])
    ]
    columns = list(dict.fromkeys([target, *named]))
    times = [round(delay * n / settings["steps"]) for n in range(1, settings["steps"] + 1)]
    pairs = [(place, time) for place in range(1, len(columns) + 1) for time in times]
    return columns, [pair for pair in pairs if pair != (1, delay)]


def levels(
    network: dict, columns: list[int], series: dict[str, np.ndarray], basis: dict | None = None
) -> np.ndarray:
    """What the targets are taken from, (rows, 1 + columns), float32: the target, then ``columns``.

    Auxiliary values that were not measured are NaN; for columns other than the target, these are all
    in a row in which any column was not measured. With the residual `climatology` all are anomalies.
    """
    target = int(series["target"])
    values = series["values"][:, [target, *columns]].astype(np.float64)
    if network["residual"] == "climatology":
        for column in {target, *columns}:
            climatology = derived_features.climatology_of(basis or series, column)
            places = [place for place, of in enumerate([target, *columns]) if of == column]
            values[:, places] -= climatology.at(series["time"])[:, None]
    for place, column in enumerate(columns, 1):
        unknown = ~series["measured"] if column == target else series["unmeasured"]
        values[unknown, place] = np.nan
    return values.astype(np.float32)


def base(
    network: dict,
    series: dict[str, np.ndarray],
    rows: np.ndarray,
    step: int,
    delay: int,
    basis: dict | None = None,
) -> np.ndarray | int:
    """What a residual network's outputs for the windows ``rows`` are added to, (windows,); 0 for others.

    The newest value; with the residual `climatology`, also by how much the climatology changes from
    there to the target.
    """
    if not network["residual"]:
        return 0
    target = int(series["target"])
    newest = series["values"][rows - step, target]
    if network["residual"] != "climatology":
        return newest
    climatology = derived_features.climatology_of(basis or series, target)
    usual = climatology.at(series["time"])
    return newest + (usual[rows + delay] - usual[rows - step]).astype(np.float32)


def build(
    network: dict, lookback: int, step: int, columns: int, path: str, auxiliary: int = 0
) -> keras.Model:
    """The network of a variant, (lookback // step, inputs) to (outputs,); its last Dense is added.

    The lecture's has one output, Dense(1); others have those of :mod:`reverie.forecast.objective`, and
    with target replication they have them at every input time. ``columns`` counts those of the series,
    ``auxiliary`` the auxiliary targets. ``path`` is the setting of the variant, for the ReverieError
    about a layer that Keras refuses.
    """
    added = CALENDAR * network["calendar"] + derived_features.count(network["features"], columns)
    shape = (lookback // step, columns + added)
    specs = network["layers"]
    if network["replication"]:
        specs = objective.with_sequences(specs)
    units = objective.outputs(network, auxiliary)
    return layers.network([*specs, {"Dense": {"units": units}}], shape, path)


def loop(
    network: dict,
    lookback: int,
    step: int,
    delay: int,
    series: dict[str, np.ndarray],
    path: str,
    basis: dict[str, np.ndarray] | None = None,
) -> backend.Loop:
    """The compiled loop that trains the network on the series; rows to predict must be consecutive.

    ``series`` has the arrays of :func:`reverie.forecast.series.prepare`. ``basis`` is the series that
    the network was trained on, if that is another: its training rows determine climatology and scales.
    """
    columns, pairs = auxiliary_targets(network, series, delay, path)
    model = build(network, lookback, step, series["values"].shape[1], path, len(pairs))
    newest = -step if network["residual"] else None
    order = offsets(network, lookback, step)
    gather = gatherer(order, delay, int(series["target"]), newest, pairs)
    data = [inputs(network, series, path, basis)]
    if columns or network["residual"] == "climatology":
        data.append(levels(network, columns, series, basis))
    evaluated = None
    ordered = not network["reversed"] and not network["shuffled"]
    if recurrent.shares_inputs(model.layers[0]) or (ordered and sliding_layers(model)):
        evaluated = Overlapping(model, order, step), stretch_gatherer(gather, lookback)
    average = network["average"]
    averaging = {"use_ema": True, "ema_momentum": average} if average else {}
    return backend.loop(
        model,
        layers.optimizer({**network["optimizer"], **averaging}, path),
        objective.loss(network),
        gather,
        data,
        pays_xla(network["layers"]),
        evaluated,
        objective.scored(network),
        bool(average),
    )


def sliding_layers(model: keras.Model) -> list:
    """The first layers, as far as they slide over time: overlapping windows share their outputs."""
    sliding = keras.layers.Conv1D, keras.layers.MaxPooling1D, keras.layers.AveragePooling1D

    def slides(layer):
        plain = isinstance(layer, sliding) and layer.padding == "valid"
        return plain and layer.data_format == "channels_last"

    return list(takewhile(slides, model.layers))


def stretch_gatherer(gather, lookback: int):
    """The counterpart of ``gather`` for :class:`Overlapping`; its rows must be consecutive.

    The inputs are one stretch of the series, (batch + 2 lookback, features), from a lookback before
    the first row to a lookback after the last. Past its end the series' last row is repeated; no
    window uses that.
    """

    def gather_stretch(data, rows):
        series, *_ = data
        offsets = np.arange(-lookback, rows.shape[0] + lookback, dtype=np.int32)
        stretch = ops.take(series, ops.minimum(rows[0] + offsets, series.shape[0] - 1), axis=0)
        return stretch, gather(data, rows)[1]

    return gather_stretch


class Overlapping(keras.Model):
    """The network for all windows of a stretch, with what they share computed once.

    Windows at consecutive rows have almost the same inputs. So the convolution and pooling layers slide
    over the whole stretch, (rows, features), and each window takes its part of their outputs. A GRU
    after them, or at the start, multiplies each row by its kernel once. The remaining layers follow for
    each window. ``offsets`` are those of :func:`gatherer`; ``step`` is the distance of a window's inputs
    in rows.
    """

    def __init__(self, network: keras.Model, offsets: np.ndarray, step: int):
        super().__init__()
        self.network, self.offsets, self.step = network, offsets, step
        self.built = True  # as its network is

    def call(self, stretch, training=None):
        lookback = self.network.input_shape[1] * self.step
        windows = stretch.shape[0] - 2 * lookback
        sliding = sliding_layers(self.network)
        first, *others = self.network.layers[len(sliding) :]
        x, starts = stretch, self.offsets + lookback
        if sliding:
            x, phases = self.slide(stretch, sliding)
            starts = phases * np.arange(sliding[-1].output.shape[1])
        # Window w has the rows w + starts of x.
        if recurrent.shares_inputs(first):
            x = recurrent.of_windows(first, x, starts, windows)
        else:
            x = first(ops.take(x, np.arange(windows)[:, None] + starts, axis=0))
        for layer in others:
            x = layer(x)  # Keras hands ``training`` on from this call
        return x

    def slide(self, stretch, sliding: list) -> tuple:
        """The outputs of these layers, (rows, channels), and how many rows later a window's next one is."""
        rows, columns = stretch.shape
        # The output for the inputs from row p + phases * i on stands at (p, i).
        phases = self.step
        x = ops.reshape(stretch[: rows // phases * phases], (-1, phases, columns))
        x = ops.transpose(x, (1, 0, 2))
        for layer in sliding:
            (stride,) = layer.strides
            common = x.shape[1] - stride + 1
            # A layer of stride 3 runs three times, one row later each, for the windows in between.
            x = ops.concatenate([layer(x[:, start : start + common]) for start in range(stride)])
            phases *= stride
        return ops.reshape(ops.transpose(x, (1, 0, 2)), (-1, x.shape[2])), phases


def pays_xla(specs: list[dict]) -> bool:
    """Whether XLA makes this network faster on a CPU.

    It makes Keras' recurrent layers about twice as fast, but slows down convolutions and recurrent
    layers with another activation than tanh. Reverie's GRU uses XLA by itself.
    """
    named = list(flat(specs))
    recurrent = [arguments for name, arguments in named if name in {"LSTM", "SimpleRNN"}]
    tanh = all(arguments.get("activation", "tanh") == "tanh" for arguments in recurrent)
    return bool(recurrent) and tanh and not any("Conv" in name for name, _ in named)


def flat(specs: list[dict]):
    """Name and arguments of every layer, including those that Bidirectional wraps."""
    for spec in specs:
        for name, arguments in spec.items():
            yield name, arguments
            if "layer" in arguments:
                yield from flat([arguments["layer"]])
