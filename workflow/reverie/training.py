"""The training loop of all networks: it takes row numbers, resumes from checkpoints, stops at NaN."""

import math
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import keras
import numpy as np

from reverie.backend import Loop
from reverie.checkpoints import Checkpoint, Saver
from reverie.durations import in_words
from reverie.errors import ReverieError
from reverie.files import replacing
from reverie.histories import best_epoch, is_over

CALL_SECONDS = 1.0  # target length of a compiled call; SIGTERM and progress lines wait for its end
LINE_SECONDS = 30.0  # between two progress lines of an epoch
PREDICTION_BATCH = 2048  # windows in a compiled prediction; more cost memory and save no time
Pause = Callable[[], None]  # called between compiled calls; saves when due, ends the job on SIGTERM


@dataclass
class Trained:
    """The outcome of a training: `history` has a dict `epoch, loss, val_loss, seconds` for each epoch.

    `best`, `last` and `kept` (by epoch) are states of the loop.
    """

    history: list[dict]
    best: list[np.ndarray]
    last: list[np.ndarray]
    kept: dict[int, list[np.ndarray]]

    @property
    def best_epoch(self) -> int:
        return best_epoch(self.history)["epoch"]


class Diverged(ReverieError):
    """The loss is no longer a number."""


def fit(
    loop: Loop,
    name: str,
    epochs: int,
    rows_of_epoch: Callable[[int], np.ndarray],
    validate: Callable[[int, Pause], float],
    checkpoint: Checkpoint,
    learning_rate: Callable[[int], float] | None = None,
    keep: Collection[int] = (),
    say: Callable[[str], None] = print,
    patience: int | None = None,
) -> Trained:
    """Train for ``epochs``, counted from 1, and keep the state with the lowest validation loss.

    ``rows_of_epoch(epoch)`` gives the row numbers of all steps of an epoch, (steps, batch), and the
    same ones after an interruption. ``validate(epoch, pause)`` gives the validation loss at the end of
    an epoch; it must leave the loop unchanged and call ``pause()`` between its compiled calls.
    ``learning_rate(epoch)`` is set before each epoch; without it the optimizer keeps its own. ``keep``
    lists epochs whose states are returned. ``say`` gets the progress lines, which call the network
    ``name``. After ``patience`` epochs without a lower validation loss the training ends, as with Keras'
    `EarlyStopping`.
    A loss that is not a number raises ReverieError in the first epoch. In a later one it ends the
    training with the epochs completed before, so that the history is shorter.
    """
    history, best, last = [], loop.state(), []
    losses, epoch_seconds, first_epoch = [], 0.0, 1  # of the epoch in progress
    kept: dict[int, list[np.ndarray]] = {}
    saved = checkpoint.load()
    if saved:
        groups, facts = saved
        loop.restore(groups["now"])
        best, losses = groups["best"], groups["losses"][0].tolist()
        last = groups.get("last", [])  # the file has no group for an empty list
        kept = {epoch: groups[f"epoch{epoch}"] for epoch in facts["kept"]}
        history, first_epoch, epoch_seconds = facts["history"], facts["epoch"], facts["seconds"]
        say(f"{name}: resumes in epoch {first_epoch} after step {len(losses)}")

    with Saver(checkpoint) as saver:
        reported_at = time.monotonic()

        def pause(epoch: int):
            """Save and stop where that is due; training resumes in ``epoch``.

            A validation that is stopped starts over.
            """

            def state():
                groups = {"now": loop.state(), "best": best, "last": last}
                groups |= {f"epoch{number}": state for number, state in kept.items()}
                groups["losses"] = [np.array(losses)]
                facts = {"history": history, "epoch": epoch, "kept": list(kept)}
                return groups, facts | {"seconds": epoch_seconds}

            saver(state, f"{name}: stopped in epoch {epoch}")

        chunk = 1
        for epoch in range(first_epoch, epochs + 1):
            if is_over(history, patience):
                say(f"{name}: no lower validation loss in {patience} epochs; the training ends.")
                break
            epoch_start = time.monotonic() - epoch_seconds
            rows = rows_of_epoch(epoch)
            if learning_rate:
                loop.optimizer.learning_rate = learning_rate(epoch)
            try:
                while len(losses) < len(rows):
                    call_start = time.monotonic()
                    losses.extend(loop.train(rows[len(losses) : len(losses) + chunk]).tolist())
                    now = time.monotonic()
                    chunk = next_chunk(chunk, now - call_start)
                    refuse_nan(name, losses, epoch, len(rows))
                    epoch_seconds = now - epoch_start
                    pause(epoch)
                    if now - reported_at > LINE_SECONDS:
                        say(f"{name}: epoch {epoch} of {epochs}, step {len(losses)} of {len(rows)}")
                        reported_at = now
                val_loss = validate(epoch, partial(pause, epoch))
                # A step's loss precedes its update; what the last update spoiled shows only here.
                refuse_nan(name, [*losses[:-1], val_loss], epoch, len(rows))
            except Diverged as error:
                if not history:
                    raise
                say(f"{error} The training ends with what epoch {epoch - 1} had reached.")
                break
            loss = math.fsum(losses) / len(losses)
            seconds = time.monotonic() - epoch_start
            history.append({"epoch": epoch, "loss": loss, "val_loss": val_loss, "seconds": seconds})
            last = loop.state()
            if all(val_loss < past["val_loss"] for past in history[:-1]):
                best = last
            if epoch in keep:
                kept[epoch] = last
            say(f"{name}: {progress(history, epochs)}")
            losses, epoch_seconds, reported_at = [], 0.0, time.monotonic()
            pause(epoch + 1)
    return Trained(history, best, last, kept)


def next_chunk(chunk: int, seconds: float) -> int:
    """Steps in the next compiled call, to last about CALL_SECONDS; at most twice as many as before."""
    fitting = int(chunk * CALL_SECONDS / max(seconds, 1e-6))
    return max(1, min(fitting, 2 * chunk, 256))


def refuse_nan(name: str, losses: list[float], epoch: int, steps: int) -> None:
    """Raise Diverged if a loss of the epoch is not a finite number."""
    for step, loss in enumerate(losses, 1):
        if not math.isfinite(loss):
            raise Diverged(
                f"{name}: the loss is not a number from step {step} of {steps} in epoch {epoch} on; "
                "give its optimizer a lower learning_rate or a clipnorm of 1."
            )


def progress(history: list[dict], epochs: int) -> str:
    """The result of the last epoch, and about how long the remaining ones will take."""
    latest = history[-1]
    left = (epochs - latest["epoch"]) * np.median([past["seconds"] for past in history])
    text = (
        f"epoch {latest['epoch']} of {epochs}: loss {latest['loss']:.4f}, "
        f"validation {latest['val_loss']:.4f}, {latest['seconds']:.0f} s"
    )
    return text if latest["epoch"] == epochs else f"{text}; about {in_words(left)} left"


def evaluate(loop: Loop, rows: np.ndarray, batch: int, pause: Pause | None = None) -> float:
    """Mean loss over the windows ``rows``, predicted ``batch`` at a time."""
    return mean(np.concatenate([loss for _, loss in batches(loop, rows, batch, pause)]))


def mean(losses: np.ndarray) -> float:
    """The mean of the losses, summed in double precision."""
    return float(losses.mean(dtype=np.float64))


def predict(
    loop: Loop, rows: np.ndarray, batch: int | None = None, pause: Pause | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Outputs and losses of all windows ``rows``, (windows, …) and (windows,)."""
    outputs, losses = zip(*batches(loop, rows, batch, pause), strict=True)
    return np.concatenate(outputs), np.concatenate(losses)


def batches(loop: Loop, rows: np.ndarray, batch: int | None, pause: Pause | None):
    """Yield outputs and losses of the windows by batches, and call ``pause`` after each.

    The last batch is padded, so that one compiled function serves all.
    """
    batch = min(batch or PREDICTION_BATCH, len(rows))
    for start in range(0, len(rows), batch):
        part = rows[start : start + batch]
        output, loss = loop.predict(np.resize(part, batch))
        if pause:
            pause()
        yield output[: len(part)], loss[: len(part)]


def save_weights(model: keras.Model, path: Path) -> None:
    """Write the weights as an .h5 file, whole or not at all."""
    with replacing(path) as part:
        model.save_weights(part)
