"""Fit one of the models that are no networks, with one seed: base rate, regression, trees, or a blend."""

from pathlib import Path

import numpy as np

from reverie.diagnose import boosting, episodes, inputs, regression, tasks
from reverie.diagnose.split import split


def fit(model: dict, seed: int, episodes_file: Path, task_file: Path, folder: Path) -> float:
    """Fit the model and write `predictions.npz` into ``folder``.

    It has the `probability` of all episodes, (episodes, labels), the number of `parameters`, and trees
    themselves (:func:`boosting.as_arrays`).

    ``model`` has `kind` (base_rate, logistic, trees), `reads` (ends, features), `indicators` and
    `statics` (names). The ``seed`` also draws the split. Returns the mean cross-entropy on
    validation episodes in nats.
    """
    found, task = episodes.load(episodes_file), tasks.load(task_file)
    parts = split(len(found), seed)
    train, val = parts["train"], parts["val"]
    truth = task.truth
    parameters, kept = truth.shape[1], {}
    if model["kind"] == "base_rate":
        probability = regression.base_rates(truth[train], len(found))
    else:
        values = read(model, found, int(task.hours), train)
        arguments = values[train], truth[train], values[val], truth[val]
        if model["kind"] == "logistic":
            fitted = regression.Logistic.fit(*arguments)
            probability, parameters = fitted.predict(values), fitted.parameters
        else:
            forests = boosting.fit(*arguments, seed)
            probability = boosting.predict(forests, values)
            parameters = sum(forest.num_trees() for forest in forests)
            kept = boosting.as_arrays(forests)
    likely = np.clip(probability[val], 1e-7, 1 - 1e-7)
    loss = regression.log_loss(truth[val], np.log(likely / (1 - likely))).mean()
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        folder / "predictions.npz",
        probability=probability.astype(np.float32),
        parameters=np.array(parameters),
        **kept,
    )
    return float(loss)


def read(model: dict, found: episodes.Episodes, hours: int, train: np.ndarray) -> np.ndarray:
    """The inputs of all episodes, (episodes, inputs)."""
    if model["reads"] == "ends":
        return inputs.of_ends(found, hours, train, model["indicators"], model["statics"])
    return inputs.of_features(found, hours, model["statics"])
