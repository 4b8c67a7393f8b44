"""Which rows of the series a network sees and must predict: the lecture's generator as numbers.

A window is named by its row. Its input are the rows `range(row - lookback, row, step)`, its
target the value at `row + delay`, all counted in rows. Note that the newest input is
`row - step`, so that the lecture's forecast is one step longer than its delay.
"""

import numpy as np


def parts(train_end: int, validation_end: int, rows: int, delay: int) -> dict[str, tuple[int, int]]:
    """First and last-but-one row of each split, as the lecture states them.

    The one row between two parts belongs to neither (the slides' 200001 and 300001).
    """
    return {
        "train": (0, min(train_end, rows - delay)),
        "val": (train_end + 1, validation_end),
        "test": (validation_end + 1, rows - delay - 1),
    }


def offsets(lookback: int, step: int) -> np.ndarray:
    """Position of a window's inputs relative to its row, oldest first, shape (lookback // step,)."""
    return np.arange(-lookback, 0, step, dtype=np.int32)


def usable(measured: np.ndarray, step: int, delay: int) -> np.ndarray:
    """Whether a window may be learned from and scored, for each row of the series, shape (rows,).

    ``measured`` (rows,) says where the target was. A window needs it at `row + delay` (its truth),
    at `row - step` (its newest input) and at `row`: the two naive forecasts repeat these.
    """
    found = np.zeros(len(measured), bool)
    rows = np.arange(step, len(measured) - delay)
    found[rows] = measured[rows + delay] & measured[rows - step] & measured[rows]
    return found


def training_rows(
    part: tuple[int, int],
    lookback: int,
    steps: int,
    batch: int,
    seed: int,
    epoch: int,
    usable: np.ndarray | None = None,
) -> np.ndarray:
    """Rows of one epoch, drawn uniformly from the part, shape (steps, batch).

    They depend on seed and epoch alone, so that every variant sees the same windows and an
    interrupted epoch can be drawn again. ``usable`` (rows of the series,) leaves windows out.
    """
    low, high = part
    rows = np.arange(low + lookback, high, dtype=np.int32)
    if usable is not None:
        rows = rows[usable[rows]]
    generator = np.random.default_rng([seed, epoch])
    return rows[generator.integers(len(rows), size=(steps, batch), dtype=np.int32)]


def evaluation_rows(part: tuple[int, int], lookback: int, batch: int) -> np.ndarray:
    """All rows of a part in order, less the last batch, which the lecture's reset rule drops."""
    low, high = part
    first = low + lookback
    batches = max(-(-(high - first) // batch) - 1, 0)
    return np.arange(first, first + batches * batch, dtype=np.int32)
