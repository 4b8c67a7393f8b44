"""Train one network on the labels of a task with one seed.

A change of this module, or of one that it imports, retrains every network. So it takes plain arguments
and does not import configuration, assets or plots.
"""

from pathlib import Path

import keras
import numpy as np
from keras import ops

from reverie import backend, layers
from reverie.checkpoints import Checkpoints, fingerprint
from reverie.diagnose import episodes, inputs, networks, tasks
from reverie.diagnose.split import split
from reverie.durations import in_words
from reverie.histories import write_history
from reverie.training import evaluate, fit, predict, save_weights

BATCH = 1024  # episodes in a compiled prediction


def train(
    name: str,
    network: dict,
    seed: int,
    episodes_file: Path,
    task_file: Path,
    checkpoints_at: Checkpoints,
    folder: Path,
) -> float:
    """Train the network and write its history, weights and predictions into ``folder``.

    ``network`` has what :func:`networks.build` takes, and `reads` (hours, decay, ends, features),
    `indicators`, `statics` (names), `auxiliary` (rarer, categories, None), `optimizer`, `batch`,
    `epochs`, `patience`, `backend`. The ``seed`` also draws the split. The network of an epoch has the
    moving averages of the weights over about that epoch. Kept is that of the epoch with the lowest loss on
    the validation episodes, with its predictions of all episodes: `probability` (episodes, labels). An
    interrupted training resumes. Returns the share of the epochs after which it ended.
    """
    keras.utils.set_random_seed(seed)
    cohort, task = episodes.load(episodes_file), tasks.load(task_file)
    parts = split(len(cohort), seed)
    values, means = read(network, cohort, int(task.hours), parts["train"])
    truth = np.concatenate(
        [task.truth.astype(np.float32), task.auxiliary(network["auxiliary"])], axis=1
    )
    batch = min(network["batch"], len(parts["train"]))
    steps = len(parts["train"]) // batch
    averaging = {"use_ema": True, "ema_momentum": 1 - 1 / steps}
    data = fingerprint({"values": values, "truth": truth})  # before the loop has a copy of both
    with layers.refusal(f"diagnose.models.{name}: Keras cannot train this network"):
        model = networks.build(network, values.shape[1:], truth.shape[1], means)
        loop = backend.loop(
            model,
            layers.optimizer(network["optimizer"] | averaging, f"diagnose.models.{name}"),
            networks.loss(network, int(task.hours)),
            gather,
            [values, truth],
            compiled=False,  # XLA slows an unrolled LSTM down on a CPU, and compiles for long
            scored=networks.scored(network, task.truth.shape[1]),
            averaged=True,
        )
    val = parts["val"].astype(np.int32)
    title = f"{name} seed {seed}"
    with checkpoints_at.of(
        name=name,
        network=network,
        seed=seed,
        keras=keras.__version__,
        data=data,
    ) as checkpoint:
        trained = fit(
            loop,
            title,
            network["epochs"],
            lambda epoch: batches(parts["train"], batch, seed, epoch),
            lambda epoch, pause: evaluate(loop, val, BATCH, pause),
            checkpoint,
            patience=network["patience"],
        )
        folder.mkdir(parents=True, exist_ok=True)
        loop.restore(trained.best)
        with loop.averages():
            save_weights(model, folder / "best.weights.h5")
        logits, _ = predict(loop, np.arange(len(cohort), dtype=np.int32), BATCH)
        np.savez_compressed(
            folder / "predictions.npz",
            probability=probabilities(logits),
            parameters=np.array(model.count_params()),
        )
        write_history(folder, trained.history)
    best = trained.history[trained.best_epoch - 1]
    duration = in_words(sum(line["seconds"] for line in trained.history))
    print(f"{title}: {best['val_loss']:.4f} validation at epoch {best['epoch']}, {duration}")
    return len(trained.history) / network["epochs"]


def read(network: dict, cohort: episodes.Episodes, hours: int, train: np.ndarray):
    """The inputs of all episodes, and for a network with decay the means of its variables."""
    statics = network["statics"]
    match network["reads"]:
        case "hours":
            return inputs.of_hours(cohort, hours, train, network["indicators"], statics), None
        case "decay":
            return inputs.of_decay(cohort, hours, train, statics)
        case "ends":
            return inputs.of_ends(cohort, hours, train, network["indicators"], statics), None
        case "features":
            return inputs.standardised(inputs.of_features(cohort, hours, statics), train), None


def gather(data, rows):
    """Inputs and labels of the episodes ``rows``, (batch,)."""
    values, truth = data
    return ops.take(values, rows, axis=0), ops.take(truth, rows, axis=0)


def batches(train: np.ndarray, batch: int, seed: int, epoch: int) -> np.ndarray:
    """The training episodes in an order of this epoch, (steps, batch) int32; the rest is left out."""
    order = np.random.default_rng([seed, epoch]).permutation(train)
    steps = len(train) // batch
    return order[: steps * batch].reshape(steps, batch).astype(np.int32)


def probabilities(logits: np.ndarray) -> np.ndarray:
    """The logistic function without overflow."""
    return (0.5 * (1 + np.tanh(logits / 2))).astype(np.float32)
