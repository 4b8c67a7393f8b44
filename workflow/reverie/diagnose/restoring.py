"""Trained networks, loaded again with the inputs that they read."""

from pathlib import Path

import keras
import numpy as np

from reverie import weights
from reverie.diagnose import networks, training
from reverie.diagnose.episodes import Episodes
from reverie.diagnose.split import split
from reverie.diagnose.tasks import Task


def restored(
    name: str, network: dict, seed: int, found: Episodes, task: Task, folder: Path
) -> tuple[keras.Model, np.ndarray]:
    """The network of a training in ``folder``, and its inputs of all episodes.

    ``network`` and ``seed`` are those of :func:`training.train`. Raises ReverieError for weights that are
    damaged or another network's.
    """
    train = split(len(found), seed)["train"]
    values, means = training.read(network, found, int(task.hours), train)
    outputs = task.truth.shape[1] + task.auxiliary(network["auxiliary"]).shape[1]
    model = networks.build(network, values.shape[1:], outputs, means)
    file = folder / "best.weights.h5"
    weights.load(model, file, name, "delete the file and run the workflow again")
    return model, values


def probabilities(model: keras.Model, network: dict, values: np.ndarray, labels: int) -> np.ndarray:
    """Of the labels at every hour, (episodes, hours, labels); without target replication at the last
    one only, (episodes, 1, labels)."""
    logits = model.predict(values, batch_size=training.BATCH, verbose=0)
    if network["replication"] is None:
        logits = logits[:, None]
    return training.probabilities(logits[..., :labels])
