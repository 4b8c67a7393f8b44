"""The networks of the forecast, and the gathering of their inputs from the series."""

from itertools import takewhile

import keras
import numpy as np
from keras import ops

from reverie import backend, layers
from reverie.forecast import windows

DAY, YEAR = 86_400, 365.2425 * 86_400  # seconds
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


def gatherer(offsets: np.ndarray, delay: int, target: int, newest: int | None = None):
    """The function that turns row numbers into a batch inside the compiled step.

    ``gather([series], rows)`` with series (rows, features) and rows (batch,) gives inputs (batch,
    len(offsets), features) and targets (batch, 1). ``newest`` is the offset of the newest input; with
    it the target is the change from that input.
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
    """The network of a variant, (lookback // step, features) to (1,); the lecture's Dense(1) is added.

    ``path`` is the setting of the variant, for the ReverieError about a layer that Keras refuses.
    """
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
    """The compiled loop that trains the network on the series; rows to predict must be consecutive."""
    model = build(network, lookback, step, series["values"].shape[1], path)
    newest = -step if network["residual"] else None
    gather = gatherer(offsets(network, lookback, step), delay, int(series["target"]), newest)
    evaluated = None
    if sliding_layers(model) and not network["reversed"] and not network["shuffled"]:
        evaluated = Overlapping(model, step), stretch_gatherer(gather, lookback)
    return backend.loop(
        model,
        layers.optimizer(network["optimizer"], path),
        keras.losses.mean_absolute_error,
        gather,
        [features(series["values"], series["time"], network["calendar"])],
        pays_xla(network["layers"]),
        evaluated,
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
        (series,) = data
        offsets = np.arange(-lookback, rows.shape[0] + lookback, dtype=np.int32)
        stretch = ops.take(series, ops.minimum(rows[0] + offsets, series.shape[0] - 1), axis=0)
        return stretch, gather(data, rows)[1]

    return gather_stretch


class Overlapping(keras.Model):
    """The network for all windows of a stretch, with convolutions shared between the windows.

    Windows at consecutive rows have almost the same inputs. So the convolution and pooling layers slide
    over the whole stretch, (rows, features), and each window takes its part of their outputs; the
    remaining layers follow for each window. ``step`` is the distance of a window's inputs in rows.
    """

    def __init__(self, network: keras.Model, step: int):
        super().__init__()
        self.network, self.step = network, step
        self.built = True  # as its network is

    def call(self, stretch, training=None):
        sliding = sliding_layers(self.network)
        rows, columns = stretch.shape
        lookback = self.network.input_shape[1] * self.step
        length = sliding[-1].output.shape[1]  # of a window after these layers
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
        x = ops.reshape(ops.transpose(x, (1, 0, 2)), (-1, x.shape[2]))
        indices = np.arange(rows - 2 * lookback)[:, None] + phases * np.arange(length)[None]
        x = ops.take(x, indices, axis=0)
        for layer in self.network.layers[len(sliding) :]:
            x = layer(x)  # Keras hands ``training`` on from this call
        return x


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
