"""The networks of the forecast, and how they read the series."""

import keras
import numpy as np

from reverie import layers
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
        inputs = keras.ops.take(series, rows[:, None] + offsets[None, :], axis=0)
        column = series[:, target]
        targets = keras.ops.take(column, rows + delay, axis=0)
        if newest is not None:
            targets = targets - keras.ops.take(column, rows + newest, axis=0)
        return inputs, targets[:, None]

    return gather


def build(network: dict, lookback: int, step: int, columns: int, path: str) -> keras.Model:
    """The variant's network on windows of the series; its output is the lecture's Dense(1)."""
    shape = (lookback // step, columns + CALENDAR * network["calendar"])
    return layers.network([*network["layers"], {"Dense": {"units": 1}}], shape, path)


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
