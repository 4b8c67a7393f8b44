"""Train one network on one series with one seed.

This module and what it imports is what a change of makes every network train again; so it takes
plain arguments and knows no configuration, no assets and no plots.
"""

import csv
import os
from pathlib import Path

import keras
import numpy as np

from reverie import backend, checkpoints, durations, layers
from reverie.forecast import windows
from reverie.training import Trained, fit, predict

# XLA makes the recurrent layers about twice as fast on a processor, and the others slower
# (docs/performance.md).
COMPILED = {"GRU", "LSTM", "SimpleRNN", "Bidirectional"}


def gatherer(offsets: np.ndarray, delay: int, target: int):
    """The function that turns row numbers into a batch inside the compiled step.

    ``gather([series], rows)``: series (rows, features) and rows (batch,) give inputs
    (batch, len(offsets), features) and targets (batch, 1).
    """

    def gather(data, rows):
        (series,) = data
        inputs = keras.ops.take(series, rows[:, None] + offsets[None, :], axis=0)
        targets = keras.ops.take(series[:, target], rows + delay, axis=0)
        return inputs, targets[:, None]

    return gather


def model(
    specs: list[dict], lookback: int, step: int, features: int, path: str
) -> keras.Model:
    """The variant's network on windows of the series; its output is the lecture's Dense(1)."""
    return layers.network(
        [*specs, {"Dense": {"units": 1}}], (lookback // step, features), path
    )


def compiled(specs: list[dict]) -> bool:
    """Whether XLA pays for this network."""
    names = [name for spec in specs for name in spec]
    return bool(COMPILED & set(names)) and not any("Conv" in name for name in names)


def train(
    name: str,
    variant: dict,
    seed: int,
    series_file: Path,
    checkpoint_folder: Path,
    code: str,
    folder: Path,
) -> Trained:
    """Train the variant and write its history, weights and forecasts into ``folder``.

    ``variant`` is plain: `layers, optimizer, epochs, steps, batch, lookback, step, delay,
    evaluation_batch, backend`, durations in words. ``code`` identifies this code's version; with
    all else that determines the result it names the checkpoint.
    """
    keras.utils.set_random_seed(seed)
    with np.load(series_file, allow_pickle=False) as saved:
        series = {key: saved[key] for key in saved.files}
    values, target = series["values"], int(series["target"])
    interval = float(series["interval_minutes"])
    path = f"forecast.variants.{name}"
    lookback, step, delay = (
        durations.rows(variant[key], interval, f"forecast.{key}")
        for key in ("lookback", "step", "delay")
    )
    parts = windows.parts(
        int(series["train_end"]), int(series["validation_end"]), len(values), delay
    )
    evaluation = {
        split: windows.evaluation_rows(
            parts[split], lookback, variant["evaluation_batch"]
        )
        for split in ("val", "test")
    }
    network = model(variant["layers"], lookback, step, values.shape[1], path)
    loop = backend.loop(
        network,
        layers.optimizer(variant["optimizer"], path),
        keras.losses.mean_absolute_error,
        gatherer(windows.offsets(lookback, step), delay, target),
        [values],
        compiled(variant["layers"]),
    )
    identity = checkpoints.key(
        variant=variant,
        seed=seed,
        code=code,
        keras=keras.__version__,
        series=checkpoints.fingerprint(series),
    )
    with checkpoints.checkpoint(checkpoint_folder, identity) as checkpoint:
        trained = fit(
            loop,
            f"{name} seed {seed}",
            variant["epochs"],
            lambda epoch: windows.training_rows(
                parts["train"],
                lookback,
                variant["steps"],
                variant["batch"],
                seed,
                epoch,
            ),
            evaluation["val"],
            checkpoint,
        )
        folder.mkdir(parents=True, exist_ok=True)
        forecasts = {}
        for which in ("last", "best"):
            loop.restore(getattr(trained, which))
            save_weights(network, folder / f"{which}.weights.h5")
            forecasts[which] = {
                split: predict(loop, rows)[0][:, 0]
                for split, rows in evaluation.items()
            }
        for split, rows in evaluation.items():
            np.savez(
                folder / f"predictions_{split}.npz",
                row=rows,
                prediction=forecasts["best"][split],
                prediction_last=forecasts["last"][split],
                target=values[rows + delay, target],
            )
        write_history(folder / "history.csv", trained.history)
    return trained


def save_weights(network: keras.Model, path: Path) -> None:
    """Write the weights in one go."""
    part = path.with_name(f"part-{path.name}")
    network.save_weights(part)
    os.replace(part, path)


def write_history(path: Path, history: list[dict]) -> None:
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, ["epoch", "loss", "val_loss", "seconds"])
        writer.writeheader()
        for line in history:
            writer.writerow(
                {
                    "epoch": line["epoch"],
                    "loss": f"{line['loss']:.6f}",
                    "val_loss": f"{line['val_loss']:.6f}",
                    "seconds": f"{line['seconds']:.2f}",
                }
            )
