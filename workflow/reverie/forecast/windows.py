"""The windows of the lecture's generator as row numbers: which rows a network sees and predicts.

A window is identified by its row. Its inputs are the rows `range(row - lookback, row, step)`, its
target is the value at `row + delay`; all lengths are in rows. The newest input is `row - step`, so
that the lecture's forecast reaches one step further ahead than its delay.
"""

import numpy as np


def parts(train_end: int, validation_end: int, rows: int, delay: int) -> dict[str, tuple[int, int]]:
    """The rows of each split, from the first up to but not including the second number.

    As on the slides, the row between two splits belongs to neither: the next one begins at 200001
    or 300001. `refit` is the training and the validation part together, without the windows whose
    targets come after it; it has at least those of the training part.
    """
    train_end = min(train_end, rows - delay)
    return {
        "train": (0, train_end),
        "val": (train_end + 1, validation_end),
        "test": (validation_end + 1, rows - delay - 1),
        "refit": (0, max(train_end, validation_end - delay)),
    }


def offsets(lookback: int, step: int) -> np.ndarray:
    """Rows of a window's inputs relative to the window's row, oldest first, (lookback // step,)."""
    return np.arange(-lookback, 0, step, dtype=np.int32)


def usable(measured: np.ndarray, step: int, delay: int) -> np.ndarray:
    """For each row of the series, whether its window may be trained and evaluated on, (rows,).

    ``measured`` (rows,) says where the target was measured. A window needs it at `row + delay`, its
    truth, and at `row - step` and `row`, which the two naive forecasts repeat.
    """
    usable = np.zeros(len(measured), bool)
    rows = np.arange(step, len(measured) - delay)
    usable[rows] = measured[rows + delay] & measured[rows - step] & measured[rows]
    return usable


def training_rows(
    part: tuple[int, int],
    lookback: int,
    steps: int,
    batch: int,
    seed: int,
    epoch: int,
    usable: np.ndarray | None = None,
) -> np.ndarray:
    """The rows of one epoch, drawn uniformly from the split ``part``, (steps, batch).

    They depend on nothing but seed and epoch, so that every variant sees the same windows and an
    interrupted epoch can be drawn again. Only windows that are ``usable`` (rows,) are drawn.
    """
    low, high = part
    rows = np.arange(low + lookback, high, dtype=np.int32)
    if usable is not None:
        rows = rows[usable[rows]]
    generator = np.random.default_rng([seed, epoch])
    return rows[generator.integers(len(rows), size=(steps, batch), dtype=np.int32)]


def evaluation_rows(part: tuple[int, int], lookback: int, batch: int) -> np.ndarray:
    """All rows of the split ``part`` in order, without the last batch, which the lecture drops."""
    low, high = part
    first = low + lookback
    batches = max(-(-(high - first) // batch) - 1, 0)
    return np.arange(first, first + batches * batch, dtype=np.int32)
