"""Train one network on one series with one seed.

A change of this module, or of one that it imports, retrains every network. So it takes plain arguments
and does not import configuration, assets or plots.
"""

import math
from contextlib import ExitStack
from pathlib import Path

import keras
import numpy as np

from reverie import durations, recurrent
from reverie.checkpoints import Checkpoint, Checkpoints, fingerprint
from reverie.durations import in_words
from reverie.forecast import models, objective, windows
from reverie.histories import write_history
from reverie.training import PREDICTION_BATCH, Pause, Trained, fit, mean, predict, save_weights


def train(
    name: str,
    network: dict,
    seed: int,
    series_file: Path,
    checkpoints_at: Checkpoints,
    folder: Path,
) -> float:
    """Train the network and write its history, weights and forecasts into ``folder``.

    ``network`` has the settings that :func:`reverie.forecast.variants.network` gives, ``series_file``
    the arrays of :func:`reverie.forecast.series.prepare`. An interrupted training resumes.
    Returns the share of the epochs after which the training ended.

    With `refit` a second training from the same start, on the training and validation parts, gives the
    forecasts of the test part, but for those at the last epoch, and the best weights. All else comes
    from the first, and so do the scales and climatology of the inputs, from the training part.
    """
    keras.utils.set_random_seed(seed)
    with np.load(series_file, allow_pickle=False) as saved:
        series = {key: saved[key] for key in saved.files}
    values, target = series["values"], int(series["target"])
    interval = float(series["interval_minutes"])
    path = f"forecast.variants.{name}"
    lookback, step, delay = (
        durations.rows(network[key], interval, f"forecast.{key}")
        for key in ("lookback", "step", "delay")
    )
    parts = windows.parts(
        int(series["train_end"]), int(series["validation_end"]), len(values), delay
    )
    evaluation = {
        split: windows.evaluation_rows(parts[split], lookback, network["evaluation_batch"])
        for split in ("val", "test")
    }
    usable = windows.usable(series["measured"], step, delay)
    loop = models.loop(network, lookback, step, delay, series, path)
    val_outputs = {}  # by epoch; a resumed training lacks the earlier ones

    def validate(epoch: int, pause: Pause) -> float:
        outputs, losses = predict(loop, evaluation["val"], pause=pause)
        val_outputs[epoch] = outputs
        return mean(losses[usable[evaluation["val"]]])

    def one_batch(epoch: int, pause: Pause) -> float:
        """The loss of a few windows, which shows whether the last step has spoiled the weights."""
        return mean(predict(loop, evaluation["val"][:PREDICTION_BATCH])[1])

    rate, start = float(loop.optimizer.learning_rate), loop.state()

    def learn(
        part: str, title: str, epochs: int, validate, checkpoint: Checkpoint, patience: int | None
    ) -> Trained:
        return fit(
            loop,
            title,
            epochs,
            lambda epoch: windows.training_rows(
                parts[part], lookback, network["steps"], network["batch"], seed, epoch, usable
            ),
            validate,
            checkpoint,
            lambda epoch: rate * rate_factor(network["schedule"], epoch, network["epochs"]),
            patience=patience,
        )

    facts = {
        "name": name,  # two variants with equal settings may train at the same time
        "network": network,
        "seed": seed,
        "keras": keras.__version__,
        "series": fingerprint(series),
    }
    title = f"{name} seed {seed}"
    with ExitStack() as stack:  # both checkpoints are kept until all files are written
        first = stack.enter_context(checkpoints_at.of(**facts))
        trained = learn("train", title, network["epochs"], validate, first, network["patience"])
        again = None
        if network["refit"]:
            loop.restore(start)
            second = stack.enter_context(checkpoints_at.of(**facts, again=trained.best_epoch))
            title = f"{title}, again on training and validation part"
            again = learn("refit", title, trained.best_epoch, one_batch, second, None)
        folder.mkdir(parents=True, exist_ok=True)
        forecasts = {}
        bases = {
            split: models.base(network, series, rows, step, delay)
            for split, rows in evaluation.items()
        }
        for kind, epoch in (("last", len(trained.history)), ("best", trained.best_epoch)):
            loop.restore(getattr(trained, kind))
            with loop.averages():
                save_weights(loop.model, folder / f"{kind}.weights.h5")
            for split, rows in evaluation.items():
                if again and (kind, split) == ("best", "test"):
                    continue
                if kind == "best" and epoch == len(trained.history):
                    forecasts[kind, split] = forecasts["last", split]
                    continue
                known = split == "val" and epoch in val_outputs
                outputs = val_outputs[epoch] if known else predict(loop, rows)[0]
                # (windows, 1 or quantiles)
                forecasts[kind, split] = (outputs.T + bases[split]).T
        if again:
            loop.restore(again.last)
            with loop.averages():
                save_weights(loop.model, folder / "best.weights.h5")
            outputs, _ = predict(loop, evaluation["test"])
            forecasts["best", "test"] = (outputs.T + bases["test"]).T
        median = objective.median(network)
        for split, rows in evaluation.items():
            kept = usable[rows]  # selected only now, since the loop predicts consecutive rows
            best, last = forecasts["best", split][kept], forecasts["last", split][kept]
            np.savez(
                folder / f"predictions_{split}.npz",
                row=rows[kept],
                prediction=best[:, median],
                prediction_last=last[:, median],
                target=values[rows + delay, target][kept],
                **({"quantiles": best} if network["quantiles"] else {}),
            )
        write_history(folder, trained.history)
    recurrent.note(loop.model)
    best = trained.history[trained.best_epoch - 1]
    epochs = [*trained.history, *(again.history if again else [])]
    duration = in_words(sum(line["seconds"] for line in epochs))
    print(
        f"{name} seed {seed}: {best['val_loss']:.4f} validation at epoch {best['epoch']}, {duration}"
    )
    return len(trained.history) / network["epochs"]


def rate_factor(schedule: list[dict] | str, epoch: int, epochs: int) -> float:
    """The factor on the learning rate in an epoch: the product of the `factor` of all past steps.

    A step of the schedule comes `after` a share of the epochs, rounded to whole epochs: 0.667 of
    three epochs are two. The schedule `cosine` falls from 1 to 0 as half a period of a cosine
    (Loshchilov and Hutter 2017, "SGDR", without restarts); an epoch has its value in the middle.
    """
    if schedule == "cosine":
        return (1 + math.cos(math.pi * (epoch - 0.5) / epochs)) / 2
    return math.prod(
        change["factor"] for change in schedule if epoch > round(change["after"] * epochs)
    )
