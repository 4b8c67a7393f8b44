"""Errors of single test windows, by which forecasts of two runs are paired."""

from pathlib import Path

import numpy as np

from reverie.forecast import trained, variants
from reverie.report.run import Run

FILE = "errors_test.npz"  # of a forecast on record, in place of its forecasts
FINENESS = 128  # errors are kept in steps of 1/128: their means change by 0.00001


def errors(run: Run, variant: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Rows of the test windows and their absolute errors, (seeds, windows); None without any."""
    folder = run.folder / "forecast"
    if run.on_record:
        return kept(folder / variant / FILE)
    trainings = trained.trainings(folder, variants.seeds(run.settings)).get(variant, {})
    saved = [trained.forecasts(training, "test") for training in trainings.values()]
    if not saved:
        return None
    by_seed = [
        np.abs(arrays["prediction"] - arrays["target"]).astype(np.float64) for arrays in saved
    ]
    return saved[-1]["row"], np.stack(by_seed)


def kept(file: Path) -> tuple[np.ndarray, np.ndarray] | None:
    """What :func:`keep` wrote; None where it did not."""
    if not file.is_file():
        return None
    with np.load(file, allow_pickle=False) as saved:
        return int(saved["first"]) + np.flatnonzero(saved["present"]), saved["errors"].astype(float)


def keep(run: Run, variant: str, file: Path) -> None:
    """Write the errors of a forecast in a fifteenth of the space that its forecasts take."""
    rows, values = errors(run, variant)
    present = np.isin(np.arange(rows[0], rows[-1] + 1), rows)
    rounded = np.round(FINENESS * values) / FINENESS
    np.savez_compressed(file, first=rows[0], present=present, errors=rounded.astype(np.float16))
