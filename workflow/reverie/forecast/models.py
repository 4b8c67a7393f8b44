"""The networks of the forecast, and how they read the series."""

import keras
import numpy as np

from reverie import layers

# XLA makes the recurrent layers about twice as fast on a processor, and the others slower
# (docs/performance.md).
COMPILED = {"GRU", "LSTM", "SimpleRNN", "Bidirectional"}


def gatherer(offsets: np.ndarray, delay: int, target: int):
    """The function that turns row numbers into a batch inside the compiled step.

    ``gather([series], rows)``: series (rows, features) and rows (batch,) give inputs
    (batch, len(offsets), features) and targets (batch, 1).
    """

    def gather(data, rows):
        (series,) = data
        inputs = keras.ops.take(series, rows[:, None] + offsets[None, :], axis=0)
        targets = keras.ops.take(series[:, target], rows + delay, axis=0)
        return inputs, targets[:, None]

    return gather


def build(specs: list[dict], lookback: int, step: int, features: int, path: str) -> keras.Model:
    """The variant's network on windows of the series; its output is the lecture's Dense(1)."""
    return layers.network([*specs, {"Dense": {"units": 1}}], (lookback // step, features), path)


def compiled(specs: list[dict]) -> bool:
    """Whether XLA pays for this network."""
    names = [name for spec in specs for name in spec]
    return bool(COMPILED & set(names)) and not any("Conv" in name for name in names)
