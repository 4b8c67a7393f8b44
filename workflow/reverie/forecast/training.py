"""Train one network on one series, with one seed or with several together.

A change of this module, or of one that it imports, retrains every network. So it takes plain arguments
and does not import configuration, assets or plots.
"""

import math
from contextlib import ExitStack
from pathlib import Path

import keras
import numpy as np

from reverie import backend, durations, recurrent
from reverie.checkpoints import Checkpoint, Checkpoints, fingerprint
from reverie.durations import in_words
from reverie.forecast import models, objective, windows
from reverie.histories import write_history
from reverie.training import (
    PREDICTION_BATCH,
    Pause,
    Trained,
    fit_together,
    mean,
    predict,
    save_weights,
)


def train(
    name: str,
    network: dict,
    seed: int,
    series_file: Path,
    checkpoints_at: Checkpoints,
    folder: Path,
) -> float:
    """As :func:`train_together` for one seed, whose files go into ``folder``; gives its share."""
    (share,) = train_together(name, network, {seed: folder}, series_file, checkpoints_at)
    return share


def train_together(
    name: str,
    network: dict,
    folders: dict[int, Path],
    series_file: Path,
    checkpoints_at: Checkpoints,
) -> list[float]:
    """Train the network with each seed and write its history, weights and forecasts into its folder.

    ``network`` has the settings that :func:`reverie.forecast.variants.network` gives, ``folders`` the
    folder of each seed, ``series_file`` the arrays of :func:`reverie.forecast.series.prepare`. An
    interrupted training resumes. Several seeds train in the same compiled steps, which needs JAX; each
    ends as it does alone. Returns, for each seed, the share of the epochs after which its training ended.

    With `refit` a second training from the same start, on the training and validation parts, gives the
    forecasts of the test part, but for those at the last epoch, and the best weights. All else comes
    from the first, and so do the scales and climatology of the inputs, from the training part.
    """
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
    starts = []
    for seed in folders:
        if starts:
            keras.utils.clear_session()  # it numbers layers, and their numbers stand in the files
        keras.utils.set_random_seed(seed)
        loop = models.loop(network, lookback, step, delay, series, path)
        starts.append(loop.state())
    rate = float(loop.optimizer.learning_rate)
    together = backend.together(loop, starts)
    val_outputs = {}  # by epoch; a resumed training lacks the earlier ones

    def means(losses: np.ndarray) -> list[float]:
        """The mean of each seed over the windows, of losses (windows, seeds)."""
        return [mean(np.ascontiguousarray(of_seed)) for of_seed in losses.T]

    def validate(epoch: int, pause: Pause) -> list[float]:
        outputs, losses = predict(together, evaluation["val"], pause=pause)
        val_outputs[epoch] = outputs
        return means(losses[usable[evaluation["val"]]])

    def one_batch(epoch: int, pause: Pause) -> list[float]:
        """The losses of a few windows, which show whether the last step has spoiled the weights."""
        return means(predict(together, evaluation["val"][:PREDICTION_BATCH])[1])

    def learn(
        part: str,
        note: str,
        epochs: list[int],
        validate,
        checkpoint: Checkpoint,
        patience: int | None,
    ) -> list[Trained]:
        return fit_together(
            together,
            [f"{name} seed {seed}{note}" for seed in folders],
            epochs,
            lambda epoch: np.stack(
                [
                    windows.training_rows(
                        parts[part],
                        lookback,
                        network["steps"],
                        network["batch"],
                        seed,
                        epoch,
                        usable,
                    )
                    for seed in folders
                ],
                axis=1,
            ),
            validate,
            checkpoint,
            lambda epoch: rate * rate_factor(network["schedule"], epoch, network["epochs"]),
            patience=patience,
        )

    facts = {
        "name": name,  # two variants with equal settings may train at the same time
        "network": network,
        "seeds": list(folders),
        "keras": keras.__version__,
        "series": fingerprint(series),
    }
    with ExitStack() as stack:  # both checkpoints are kept until all files are written
        first = stack.enter_context(checkpoints_at.of(**facts))
        epochs = [network["epochs"]] * len(folders)
        trained = learn("train", "", epochs, validate, first, network["patience"])
        best_epochs = [of_seed.best_epoch for of_seed in trained]
        again = []
        if network["refit"]:
            together.restore(starts)
            second = stack.enter_context(checkpoints_at.of(**facts, again=best_epochs))
            note = ", again on training and validation part"
            again = learn("refit", note, best_epochs, one_batch, second, None)
        for folder in folders.values():
            folder.mkdir(parents=True, exist_ok=True)

        def forecast(states: list[list[np.ndarray]], split: str, epochs: list[int]) -> list:
            """The forecasts of each seed in its state, at its epoch, (windows, 1 or quantiles)."""
            if split == "val" and set(epochs) <= val_outputs.keys():
                outputs = [val_outputs[epoch][:, place] for place, epoch in enumerate(epochs)]
            else:
                together.restore(states)
                outputs = predict(together, evaluation[split])[0].swapaxes(0, 1)
            base = models.base(network, series, evaluation[split], step, delay)
            return [(of_seed.T + base).T for of_seed in outputs]

        def save(states: list[list[np.ndarray]], file: str) -> None:
            for folder, state in zip(folders.values(), states, strict=True):
                loop.restore(state)
                with loop.averages():
                    save_weights(loop.model, folder / file)

        last, best = ([getattr(t, kind) for t in trained] for kind in ("last", "best"))
        last_epochs = [len(of_seed.history) for of_seed in trained]
        forecasts = {("last", split): forecast(last, split, last_epochs) for split in evaluation}
        forecasts["best", "val"] = (
            forecasts["last", "val"]
            if best_epochs == last_epochs
            else forecast(best, "val", best_epochs)
        )
        final = [of_seed.last for of_seed in again] or best
        forecasts["best", "test"] = (
            forecasts["last", "test"]
            if best_epochs == last_epochs and not again
            else forecast(final, "test", best_epochs)
        )
        save(last, "last.weights.h5")
        save(final, "best.weights.h5")
        median = objective.median(network)
        for split, rows in evaluation.items():
            kept = usable[rows]  # selected only now, since the loop predicts consecutive rows
            for place, folder in enumerate(folders.values()):
                best, last = (forecasts[kind, split][place][kept] for kind in ("best", "last"))
                np.savez(
                    folder / f"predictions_{split}.npz",
                    row=rows[kept],
                    prediction=best[:, median],
                    prediction_last=last[:, median],
                    target=values[rows + delay, target][kept],
                    **({"quantiles": best} if network["quantiles"] else {}),
                )
        for folder, of_seed in zip(folders.values(), trained, strict=True):
            write_history(folder, of_seed.history)
    recurrent.note(loop.model)
    for place, (seed, of_seed) in enumerate(zip(folders, trained, strict=True)):
        best = of_seed.history[of_seed.best_epoch - 1]
        epochs = [*of_seed.history, *(again[place].history if again else [])]
        duration = in_words(sum(line["seconds"] for line in epochs))
        print(
            f"{name} seed {seed}: {best['val_loss']:.4f} validation at epoch {best['epoch']}, {duration}"
        )
    return [len(of_seed.history) / network["epochs"] for of_seed in trained]


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
