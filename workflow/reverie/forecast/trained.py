"""What the trainings left behind: their folders, and the forecasts in them."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np


def trainings(
    folder: Path, variants: Iterable[str], seeds: Iterable[int]
) -> dict[str, dict[int, Path]]:
    """Folders of all trainings that are done, by variant and seed; ``folder`` is `forecast` of a run."""
    return {
        variant: {
            seed: training
            for seed in seeds
            if (training := folder / variant / f"seed{seed}").joinpath("history.csv").is_file()
        }
        for variant in variants
    }


def forecasts(training: Path, split: str, rows: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """`row, prediction, prediction_last, target` of a training, (windows,); of the windows ``rows`` alone, if given."""
    with np.load(training / f"predictions_{split}.npz", allow_pickle=False) as saved:
        kept = slice(None) if rows is None else np.isin(saved["row"], rows)
        return {name: saved[name][kept] for name in saved.files}
