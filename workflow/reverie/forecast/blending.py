"""Blends: weighted means of forecasts, with weights chosen on the validation part.

The weights are not negative, sum to one, and leave the least mean absolute error on the validation
windows. To forecast these windows with the same weights would be too good, so a blend's validation
forecasts are cross-fitted: each block of consecutive windows is blended with the weights that the other
blocks choose. The test part is blended with the weights of the whole validation part.
"""

import json
import time as clock
from pathlib import Path

import numpy as np
from scipy.optimize import linprog

from reverie.durations import in_words
from reverie.forecast import evaluation, regression
from reverie.forecast.evaluation import Target
from reverie.forecast.kinds import BLEND

TOLERANCE = 1e-7  # of the solver


def blend(name: str, target: Target, members: dict[str, dict[int, Path]], folder: Path) -> None:
    """Write a blend's forecasts, and its weights by member, into ``folder``.

    ``members`` are the trainings and fits by variant and seed; `naive` may be among them and has none.
    A member's forecast is the mean of its seeds' at their best epochs.
    """
    start = clock.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    rows, predictions, truth = {}, {}, {}
    for split in evaluation.SPLITS:
        rows[split], forecasts = evaluation.mean_forecasts(target, members, split)
        predictions[split] = np.stack([forecasts[member] for member in members], axis=1)
        truth[split] = target.values[rows[split] + target.delay]
    weights = best_weights(predictions["val"] - truth["val"][:, None])
    blended = {
        "val": cross_fitted(predictions["val"], truth["val"], target.step + target.delay),
        "test": predictions["test"] @ weights,
    }
    for split, prediction in blended.items():
        np.savez(
            folder / f"predictions_{split}.npz",
            row=rows[split],
            prediction=prediction.astype(np.float32),
            target=truth[split],
        )
    by_member = dict(zip(members, weights.tolist(), strict=True))
    about = {"kind": BLEND, "parameters": len(members), "weights": by_member}
    (folder / "fitted.json").write_text(json.dumps(about, indent=2) + "\n")
    error = np.abs(blended["val"] - truth["val"]).mean()
    print(f"{name}: {error:.4f} validation, {in_words(clock.monotonic() - start)}")


def best_weights(errors: np.ndarray) -> np.ndarray:
    """Weights (members,) with the least mean absolute error of the blend; ``errors`` (windows, members).

    Not negative, with sum one; equal where there are no windows. A linear program, solved exactly. Its
    dual has a row for each member, not for each window, and so takes a fraction of the time: with signs
    d in [-1, 1] of the windows, the least error is the greatest lower bound of d · errors[:, member]
    over the members, and the weights are the multipliers of these bounds.
    """
    windows, members = errors.shape
    if not windows:
        return np.full(members, 1 / members)
    solved = linprog(
        np.append(np.zeros(windows), -1.0),
        A_ub=np.column_stack([-errors.T, np.ones(members)]),
        b_ub=np.zeros(members),
        bounds=[(-1, 1)] * windows + [(None, None)],
        method="highs",
    )
    weights = -solved.ineqlin.marginals
    weights[weights < TOLERANCE] = 0
    return weights / weights.sum()


def cross_fitted(predictions: np.ndarray, truth: np.ndarray, gap: int) -> np.ndarray:
    """Blends (windows,) of ``predictions`` (windows, members), each block with the others' weights.

    The ``gap`` windows to both sides of a block, whose targets overlap with its own windows, choose no
    weights for it.
    """
    blended = np.empty(len(truth))
    for others, block in regression.others_and_block(len(truth), gap):
        weights = best_weights(predictions[others] - truth[others, None])
        blended[block] = predictions[block] @ weights
    return blended
