"""The one training loop: rows in, history and weights out; it resumes, and stops at NaN."""

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
from reverie.histories import best_epoch

CALL_SECONDS = 1.0  # a compiled call lasts about this long: SIGTERM and progress wait for its end
LINE_SECONDS = 30.0
AT_ONCE = 2048  # windows in a forecast's compiled call; more gain nothing, but ask for memory
Pause = Callable[[], None]  # may save, and stop, what is under way


@dataclass
class Trained:
    """A training's outcome: `history` has `epoch, loss, val_loss, seconds`; states as by the loop.

    `kept` maps the epochs that were to be kept to their states.
    """

    history: list[dict]
    best: list[np.ndarray]
    last: list[np.ndarray]
    kept: dict[int, list[np.ndarray]]

    @property
    def best_epoch(self) -> int:
        return best_epoch(self.history)["epoch"]


class Diverged(ReverieError):
    """The loss is not a number any more."""


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
) -> Trained:
    """Train for ``epochs`` and keep the state with the lowest validation loss.

    ``rows_of_epoch(epoch)``, epochs counted from 1, gives the row numbers of all its steps,
    (steps, batch); it must give the same again after an interruption. Every epoch ends with
    ``validate(epoch, pause)``, its validation loss, which must change nothing in the loop and call
    ``pause()`` between its compiled calls. ``learning_rate(epoch)`` is set before each epoch; without
    it the optimizer's own stays. ``keep`` names epochs whose states are wanted. ``name`` is what ``say``
    calls the network in its lines.
    A loss that is not a number raises ReverieError in the first epoch. Later it ends the training
    with what was reached; the history is shorter then.
    """
    history, best, last, losses, spent, first = [], loop.state(), [], [], 0.0, 1
    kept: dict[int, list[np.ndarray]] = {}
    saved = checkpoint.load()
    if saved:
        groups, facts = saved
        loop.restore(groups["now"])
        best, losses = groups["best"], groups["losses"][0].tolist()
        last = groups.get("last", [])  # an empty list leaves nothing in a file
        kept = {epoch: groups[f"epoch{epoch}"] for epoch in facts["kept"]}
        history, first, spent = facts["history"], facts["epoch"], facts["seconds"]
        say(f"{name}: resumes in epoch {first} after step {len(losses)}")

    with Saver(checkpoint) as saver:
        said_at = time.monotonic()

        def pause(epoch: int):
            """Between two compiled calls, the next of which belongs to ``epoch``: save, stop.

            A validation that was stopped begins anew.
            """

            def state():
                groups = {"now": loop.state(), "best": best, "last": last}
                groups |= {f"epoch{number}": state for number, state in kept.items()}
                groups["losses"] = [np.array(losses)]
                return groups, {
                    "history": history,
                    "epoch": epoch,
                    "seconds": spent,
                    "kept": list(kept),
                }

            saver(state, f"{name}: stopped in epoch {epoch}")

        chunk = 1
        for epoch in range(first, epochs + 1):
            begin = time.monotonic() - spent
            rows = rows_of_epoch(epoch)
            if learning_rate:
                loop.optimizer.learning_rate = learning_rate(epoch)
            try:
                while len(losses) < len(rows):
                    start = time.monotonic()
                    losses.extend(loop.train(rows[len(losses) : len(losses) + chunk]).tolist())
                    now = time.monotonic()
                    chunk = next_chunk(chunk, now - start)
                    refuse_nan(name, losses, epoch, len(rows))
                    spent = now - begin
                    pause(epoch)
                    if now - said_at > LINE_SECONDS:
                        say(f"{name}: epoch {epoch} of {epochs}, step {len(losses)} of {len(rows)}")
                        said_at = now
                val_loss = validate(epoch, partial(pause, epoch))
                # Weights that the last step made useless show here first.
                refuse_nan(name, [*losses[:-1], val_loss], epoch, len(rows))
            except Diverged as error:
                if not history:
                    raise
                say(f"{error} The training ends with what epoch {epoch - 1} had reached.")
                break
            line = {"epoch": epoch, "loss": math.fsum(losses) / len(losses), "val_loss": val_loss}
            history.append(line | {"seconds": time.monotonic() - begin})
            last = loop.state()
            if all(val_loss < past["val_loss"] for past in history[:-1]):
                best = last
            if epoch in keep:
                kept[epoch] = last
            say(f"{name}: {line_of(history, epochs)}")
            losses, spent, said_at = [], 0.0, time.monotonic()
            pause(epoch + 1)
    return Trained(history, best, last, kept)


def next_chunk(chunk: int, seconds: float) -> int:
    """Steps of the next compiled call, so that it lasts about CALL_SECONDS; at most doubled."""
    fitting = int(chunk * CALL_SECONDS / max(seconds, 1e-6))
    return max(1, min(fitting, 2 * chunk, 256))


def refuse_nan(name: str, losses: list[float], epoch: int, steps: int) -> None:
    for step, loss in enumerate(losses, 1):
        if not math.isfinite(loss):
            raise Diverged(
                f"{name}: the loss is not a number from step {step} of {steps} in epoch {epoch} on; "
                "give its optimizer a lower learning_rate or a clipnorm of 1."
            )


def line_of(history: list[dict], epochs: int) -> str:
    """The last epoch's result and how long the others will take."""
    line = history[-1]
    left = (epochs - line["epoch"]) * np.median([past["seconds"] for past in history])
    text = (
        f"epoch {line['epoch']} of {epochs}: loss {line['loss']:.4f}, "
        f"validation {line['val_loss']:.4f}, {line['seconds']:.0f} s"
    )
    return text if line["epoch"] == epochs else f"{text}; about {in_words(left)} left"


def evaluate(loop: Loop, rows: np.ndarray, batch: int, pause: Pause | None = None) -> float:
    """Mean loss over the windows ``rows``."""
    return mean(np.concatenate([loss for _, loss in predicted(loop, rows, batch, pause)]))


def mean(losses: np.ndarray) -> float:
    """Their mean, summed in double precision."""
    return float(losses.mean(dtype=np.float64))


def predict(
    loop: Loop, rows: np.ndarray, batch: int | None = None, pause: Pause | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Outputs and losses of all windows ``rows``."""
    outputs, losses = zip(*predicted(loop, rows, batch, pause), strict=True)
    return np.concatenate(outputs), np.concatenate(losses)


def predicted(loop: Loop, rows: np.ndarray, batch: int | None, pause: Pause | None):
    """Outputs and losses of the windows, a batch at a time; all have one size, which compiles once.

    ``pause()``, if given, follows on each.
    """
    batch = min(batch or AT_ONCE, len(rows))
    for start in range(0, len(rows), batch):
        part = rows[start : start + batch]
        output, loss = loop.predict(np.resize(part, batch))
        if pause:
            pause()
        yield output[: len(part)], loss[: len(part)]


def save_weights(model: keras.Model, path: Path) -> None:
    """Write the weights in one go."""
    with replacing(path) as part:
        model.save_weights(part)
