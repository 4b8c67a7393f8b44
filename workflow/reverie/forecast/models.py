"""The networks of the forecast, and how they read the series."""

from itertools import takewhile

import keras
import numpy as np
from keras import ops

from reverie import backend, layers
from reverie.forecast import windows

DAY, YEAR = 86_400, 365.2425 * 86_400  # seconds
CALENDAR = 4  # features that the calendar adds


def features(values: np.ndarray, time: np.ndarray, calendar: bool) -> np.ndarray:
    """What a network may see of each row, (rows, features), float32.

    ``values`` is the normalised series, (rows, columns), ``time`` its seconds since 1970, (rows,).
    The calendar adds sine and cosine of the hour of day and of the day of year.
    """
    if not calendar:
        return values
    angles = [2 * np.pi * time / period for period in (DAY, YEAR)]
    waves = [wave(angle) for angle in angles for wave in (np.sin, np.cos)]
    return np.column_stack([values, *waves]).astype(np.float32)


def offsets(network: dict, lookback: int, step: int) -> np.ndarray:
    """Position of a window's inputs relative to its row, in the order in which they are read.

    Oldest first; `reversed` newest first; `shuffled` in one order drawn once for all windows.
    """
    order = windows.offsets(lookback, step)
    if network["shuffled"]:
        order = np.random.default_rng(0).permutation(order)
    return order[::-1].copy() if network["reversed"] else order


def gatherer(offsets: np.ndarray, delay: int, target: int, newest: int | None = None):
    """The function that turns row numbers into a batch inside the compiled step.

    ``gather([series], rows)``: series (rows, features) and rows (batch,) give inputs
    (batch, len(offsets), features) and targets (batch, 1). With ``newest``, the position of the
    newest input, the target is the change from there.
    """

    def gather(data, rows):
        (series,) = data
        inputs = ops.take(series, rows[:, None] + offsets[None, :], axis=0)
        column = series[:, target]
        targets = ops.take(column, rows + delay, axis=0)
        if newest is not None:
            targets = targets - ops.take(column, rows + newest, axis=0)
        return inputs, targets[:, None]

    return gather


def build(network: dict, lookback: int, step: int, columns: int, path: str) -> keras.Model:
    """The variant's network on windows of the series; its output is the lecture's Dense(1)."""
    shape = (lookback // step, columns + CALENDAR * network["calendar"])
    return layers.network([*network["layers"], {"Dense": {"units": 1}}], shape, path)


def loop(
    network: dict,
    lookback: int,
    step: int,
    delay: int,
    series: dict[str, np.ndarray],
    path: str,
) -> backend.Loop:
    """The compiled loop that trains the network on the series and forecasts rows in their order."""
    model = build(network, lookback, step, series["values"].shape[1], path)
    newest = -step if network["residual"] else None
    gather = gatherer(offsets(network, lookback, step), delay, int(series["target"]), newest)
    evaluated = None
    if shared(model) and not network["reversed"] and not network["shuffled"]:
        evaluated = Overlapping(model, step), stretches(gather, lookback)
    return backend.loop(
        model,
        layers.optimizer(network["optimizer"], path),
        keras.losses.mean_absolute_error,
        gather,
        [features(series["values"], series["time"], network["calendar"])],
        compiled(network["layers"]),
        evaluated,
    )


def shared(model: keras.Model) -> list:
    """The first layers of the network whose outputs many windows have in common."""
    sliding = keras.layers.Conv1D, keras.layers.MaxPooling1D, keras.layers.AveragePooling1D

    def slides(layer):
        plain = isinstance(layer, sliding) and layer.padding == "valid"
        return plain and layer.data_format == "channels_last"

    return list(takewhile(slides, model.layers))


def stretches(gather, lookback: int):
    """For :class:`Overlapping`: ``gather([series], rows)`` of consecutive rows gives one stretch.

    It has a lookback of rows before the first, and at least another after the last; past the end of the
    series they repeat its last row, which no window sees.
    """

    def stretch(data, rows):
        (series,) = data
        reach = np.arange(-lookback, rows.shape[0] + lookback, dtype=np.int32)
        stretch = ops.take(series, ops.minimum(rows[0] + reach, series.shape[0] - 1), axis=0)
        return stretch, gather(data, rows)[1]

    return stretch


class Overlapping(keras.Model):
    """A network for all windows of one stretch, with its convolutions computed once for all of them.

    A window that begins one row later sees almost the same. So each of the first layers slides over all
    rows of the stretch, (rows, features), and every window takes its share of what they found; the
    other layers follow, window by window. ``step`` is that of a window's inputs.
    """

    def __init__(self, network: keras.Model, step: int):
        super().__init__()
        self.network, self.step = network, step
        self.built = True  # as its network is

    def call(self, stretch, training=None):
        first = shared(self.network)
        rows, columns = stretch.shape
        (_, taken, _), lookback = first[-1].output.shape, self.network.input_shape[1] * self.step
        # What begins at row p + phases * i stands at (p, i).
        phases = self.step
        found = ops.reshape(stretch[: rows // phases * phases], (-1, phases, columns))
        found = ops.transpose(found, (1, 0, 2))
        for layer in first:
            (stride,) = layer.strides
            length = found.shape[1] - stride + 1
            # One that takes every third row is shifted by one and by two, for the windows in between.
            found = ops.concatenate([layer(found[:, j : j + length]) for j in range(stride)])
            phases *= stride
        found = ops.reshape(ops.transpose(found, (1, 0, 2)), (-1, found.shape[2]))
        shares = np.arange(rows - 2 * lookback)[:, None] + phases * np.arange(taken)[None]
        found = ops.take(found, shares, axis=0)
        for layer in self.network.layers[len(first) :]:
            found = layer(found)  # it learns of ``training`` from this call
        return found


def compiled(specs: list[dict]) -> bool:
    """Whether XLA pays for this network on a processor.

    It makes Keras' recurrent layers about twice as fast; convolutions and recurrent layers with
    another activation than their own it makes slower. Our GRU compiles itself.
    """
    named = list(flat(specs))
    recurrent = {"LSTM", "SimpleRNN"} & {name for name, _ in named}
    other = any(
        arguments.get("activation", "tanh") != "tanh"
        for name, arguments in named
        if name in recurrent
    )
    return bool(recurrent) and not other and not any("Conv" in name for name, _ in named)


def flat(specs: list[dict]):
    """Name and arguments of every layer, wrapped ones too."""
    for spec in specs:
        for name, arguments in spec.items():
            yield name, arguments
            if "layer" in arguments:
                yield from flat([arguments["layer"]])
