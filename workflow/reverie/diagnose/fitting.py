"""Fit one of the models that are no networks, with one seed: base rate, persistence, regression or trees."""

from pathlib import Path

import numpy as np

from reverie.diagnose import boosting, episodes, inputs, regression, tasks
from reverie.diagnose.split import split


def fit(model: dict, seed: int, episodes_file: Path, task_file: Path, folder: Path) -> float:
    """Fit the model and write `predictions.npz` into ``folder``.

    It has the `probability` of all episodes, (episodes, labels), and the number of `parameters`.

    ``model`` has `kind` (base_rate, persistence, logistic, trees), `reads` (ends, features), `indicators` and
    `statics` (names). The ``seed`` also draws the split. Returns the mean cross-entropy on
    validation episodes in nats.
    """
    cohort, task = episodes.load(episodes_file), tasks.load(task_file)
    parts = split(len(cohort), seed)
    train, val = parts["train"], parts["val"]
    truth = task.truth
    parameters = truth.shape[1]
    if model["kind"] == "base_rate":
        probability = regression.base_rates(truth[train], len(cohort))
    elif model["kind"] == "persistence":
        probability = regression.persistence(truth, task.prevalent, train)
        parameters = 2 * truth.shape[1]
    else:
        values = read(model, cohort, int(task.hours), train)
        arguments = values[train], truth[train], values[val], truth[val]
        if model["kind"] == "logistic":
            fitted = regression.Logistic.fit(*arguments)
            probability, parameters = fitted.predict(values), fitted.parameters
        else:
            forests = boosting.fit(*arguments, seed)
            probability = boosting.predict(forests, values)
            parameters = sum(forest.num_trees() for forest in forests)
    likely = np.clip(probability[val], 1e-7, 1 - 1e-7)
    loss = regression.log_loss(truth[val], np.log(likely / (1 - likely))).mean()
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        folder / "predictions.npz",
        probability=probability.astype(np.float32),
        parameters=np.array(parameters),
    )
    return float(loss)


def read(model: dict, cohort: episodes.Episodes, hours: int, train: np.ndarray) -> np.ndarray:
    """The inputs of all episodes, (episodes, inputs)."""
    if model["reads"] == "ends":
        return inputs.of_ends(cohort, hours, train, model["indicators"], model["statics"])
    return inputs.of_features(cohort, hours, model["statics"])
