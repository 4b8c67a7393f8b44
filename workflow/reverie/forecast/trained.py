"""What trainings and fits left behind: their folders, and the forecasts in them."""

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np

LAST_FILES = "history.csv", "fitted.json"  # what a training or a fit writes last


def trainings(folder: Path, seeds: dict[str, Iterable[int]]) -> dict[str, dict[int, Path]]:
    """Folders of all trainings and fits that are done, by variant and seed.

    ``folder`` is `forecast` of a run, ``seeds`` are those of :func:`reverie.forecast.variants.seeds`.
    """
    return {
        variant: {
            seed: training
            for seed in numbers
            if any(
                (training := folder / variant / f"seed{seed}").joinpath(file).is_file()
                for file in LAST_FILES
            )
        }
        for variant, numbers in seeds.items()
    }


def weights(folder: Path, blend: str) -> dict[str, float]:
    """The weights of a blend's members; ``folder`` is `forecast` of a run."""
    return json.loads((folder / blend / "seed0" / "fitted.json").read_text())["weights"]


def forecasts(training: Path, split: str, rows: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """`row, prediction, target` of a training or fit, (windows,); of the windows ``rows`` alone, if given.

    Of a network also `prediction_last`.
    """
    with np.load(training / f"predictions_{split}.npz", allow_pickle=False) as saved:
        kept = slice(None) if rows is None else np.isin(saved["row"], rows)
        return {name: saved[name][kept] for name in saved.files}
