"""Gradient-boosted trees with absolute loss, by LightGBM; kept as its text.

Scikit-learn's histogram trees forecast as well, but can be kept only as a pickle.
"""

import numpy as np

from reverie.boosting import library
from reverie.forecast.regression import Folds

MOST_ROUNDS, PATIENCE = 1_000, 50
SHARE, FEWEST, MOST = 0.01, 5, 200  # of the windows in a leaf
LEARNING = {
    "objective": "l1",
    "learning_rate": 0.03,
    "num_leaves": 15,
    "feature_fraction": 0.2,
    "bagging_fraction": 0.5,
    "bagging_freq": 1,
    "lambda_l2": 10,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


def settings(windows: int, seed: int) -> dict:
    in_leaf = int(min(max(SHARE * windows, FEWEST), MOST))
    return LEARNING | {"seed": seed, "min_data_in_leaf": in_leaf}


def chosen_rounds(
    features: np.ndarray, targets: np.ndarray, folds: Folds, seed: int
) -> tuple[int, np.ndarray]:
    """How many trees are best in the blocks of the folds, and their mean absolute errors there, (blocks,).

    ``features`` (windows, features).
    """
    without = np.array([np.abs(targets[block]).mean() for _, block in folds])
    if not all(len(fit) for fit, _ in folds):
        return 0, without
    lightgbm = library()
    found = lightgbm.cv(
        settings(len(targets), seed), lightgbm.Dataset(features, targets, free_raw_data=False),
        MOST_ROUNDS, folds=folds, return_cvbooster=True,
        callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
    )  # fmt: skip
    rounds = int(np.argmin(found["valid l1-mean"])) + 1
    errors = [
        np.abs(targets[block] - model.predict(features[block], num_iteration=rounds)).mean()
        for model, (_, block) in zip(found["cvbooster"].boosters, folds, strict=True)
    ]
    return (rounds, np.array(errors)) if np.mean(errors) < without.mean() else (0, without)


def fit(features: np.ndarray, targets: np.ndarray, rounds: int, seed: int) -> tuple[str, int]:
    """So many trees as text, "" for none, and the number of their leaves."""
    if not rounds:
        return "", 0
    lightgbm = library()
    data = lightgbm.Dataset(features, targets)
    model = lightgbm.train(settings(len(targets), seed), data, rounds)
    leaves = sum(tree["num_leaves"] for tree in model.dump_model()["tree_info"])
    return model.model_to_string(), leaves


def forecast(text: str, features: np.ndarray) -> np.ndarray:
    """What the trees in ``text`` forecast, (windows,)."""
    if not text:
        return np.zeros(len(features))
    return library().Booster(model_str=text).predict(features, num_threads=1)
