"""Gradient-boosted trees on hand-made features, by LightGBM: one forest a label."""

import numpy as np
from tqdm import tqdm

from reverie.boosting import library

MOST_ROUNDS, PATIENCE = 2_000, 100
SHARE, FEWEST, MOST = 0.01, 5, 100  # of the training episodes in a leaf
LEARNING = {
    "objective": "binary",
    "learning_rate": 0.02,
    "num_leaves": 12,
    "feature_fraction": 0.1,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 20,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


def fit(train, train_truth, val, val_truth, seed: int) -> list:
    """Trees for each label, as many as have the lowest loss on the validation episodes.

    ``train`` and ``val`` (episodes, features), with NaN for what is unknown; the truths are
    (episodes, labels).
    """
    lightgbm = library()
    in_leaf = int(min(max(SHARE * len(train), FEWEST), MOST))
    settings = LEARNING | {"seed": seed, "min_data_in_leaf": in_leaf}
    stop = [lightgbm.early_stopping(PATIENCE, verbose=False)]
    data = lightgbm.Dataset(train, train_truth[:, 0].astype(float), free_raw_data=False)
    check = lightgbm.Dataset(val, val_truth[:, 0].astype(float), data, free_raw_data=False)
    forests = []
    for label in tqdm(range(train_truth.shape[1]), "trees", unit="label", disable=None):
        data.set_label(train_truth[:, label].astype(float))
        check.set_label(val_truth[:, label].astype(float))
        forests.append(
            lightgbm.train(settings, data, MOST_ROUNDS, valid_sets=[check], callbacks=stop)
        )
    return forests


def predict(forests: list, features: np.ndarray) -> np.ndarray:
    """Probabilities of the labels, (episodes, labels)."""
    return np.stack([forest.predict(features, num_threads=1) for forest in forests], axis=1)


def as_arrays(forests: list) -> dict[str, np.ndarray]:
    """The trees of each label as text, for a .npz: `forest0`, … (bytes,)."""
    return {
        f"forest{label}": np.frombuffer(forest.model_to_string().encode(), np.uint8)
        for label, forest in enumerate(forests)
    }


def from_arrays(arrays, labels: int) -> list:
    """The trees that :func:`as_arrays` wrote, of so many labels."""
    booster = library().Booster
    return [
        booster(model_str=arrays[f"forest{label}"].tobytes().decode()) for label in range(labels)
    ]
