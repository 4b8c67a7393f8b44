"""Whether the windows of a forecaster fit the series and its split."""

from pathlib import Path

import numpy as np

from reverie import durations
from reverie.errors import ReverieError
from reverie.forecast import windows


def refuse_windows(series_file: Path, spans: dict[str, str], batch: int) -> None:
    """Raise ReverieError where the windows of a variant do not fit the series.

    ``spans`` are those of :func:`reverie.forecast.variants.spans`.
    """
    with np.load(series_file, allow_pickle=False) as series:
        ends = int(series["train_end"]), int(series["validation_end"])
        measured, interval = series["measured"], float(series["interval_minutes"])
    lengths = {path: durations.rows(text, interval, path) for path, text in spans.items()}
    parts = windows.parts(*ends, len(measured), lengths["forecast.delay"])
    count_windows(parts, lengths, batch, measured)


def count_windows(
    parts: dict[str, tuple[int, int]], lengths: dict[str, int], batch: int, measured: np.ndarray
) -> tuple[dict, dict]:
    """Numbers of usable and of unusable windows, by split, for the lookback and step of `forecast`.

    ``parts`` are the splits as :func:`windows.parts` gives them, ``lengths`` all durations in rows by
    the path of their setting, and ``measured`` (rows,) says where the target was measured. Raises
    ReverieError if a split is too short for any network, or has no usable window common to all
    networks, on which they could be compared.
    """
    defaults = {key: lengths[f"forecast.{key}"] for key in ("lookback", "step", "delay")}
    counts, dropped, shared = {}, {}, {}
    for section in dict.fromkeys(path.rpartition(".")[0] for path in lengths):
        own = {key: lengths.get(f"{section}.{key}", length) for key, length in defaults.items()}
        lookback, (low, high) = own["lookback"], parts["train"]
        rows_by_split = {"train": np.arange(low + lookback, high)}
        for split in ("val", "test"):
            rows_by_split[split] = windows.evaluation_rows(parts[split], lookback, batch)
        usable = windows.usable(measured, own["step"], own["delay"])
        for split, rows in rows_by_split.items():
            if not len(rows):
                raise ReverieError(
                    f"forecast.split: the {split} part, rows {parts[split][0]} to {parts[split][1]}, is "
                    f"too short for a lookback of {lookback} rows ({section}.lookback) and a batch of "
                    f"{batch}; move the split, or lower {section}.lookback or forecast.batch."
                )
            kept = rows[usable[rows]]
            shared[split] = np.intersect1d(shared.get(split, kept), kept)
            if section == "forecast":
                counts[split], dropped[split] = len(kept), len(rows) - len(kept)
    for split, rows in shared.items():
        if not len(rows):
            raise ReverieError(
                f"forecast.split: the {split} part has no window that every network can use, with its "
                "target and its newest value measured; move the split."
            )
    return counts, dropped
