"""The training loop of all networks: it takes row numbers, resumes from checkpoints, stops at NaN."""

import math
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import keras
import numpy as np

from reverie.backend import Alone, Loop, Together, on_processor
from reverie.checkpoints import Checkpoint, Saver
from reverie.durations import in_words
from reverie.errors import ReverieError
from reverie.files import replacing
from reverie.histories import best_epoch, is_over

CALL_SECONDS = 1.0  # target length of a compiled call; SIGTERM and progress lines wait for its end
LINE_SECONDS = 30.0  # between two progress lines of an epoch
PREDICTION_BATCH = 2048  # windows in a compiled prediction; more cost memory and save no time
GPU_PREDICTION_BATCH = 8192  # which keep a GPU busy
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


@dataclass
class Course(Trained):
    """A training under way. Once `over`, it keeps what it has, whatever other seeds still do."""

    name: str
    epochs: int
    say: Callable[[str], None]
    losses: list[float] = field(default_factory=list)  # of the epoch in progress
    over: bool = False

    def saved(self, now: list[np.ndarray]) -> tuple[dict[str, list[np.ndarray]], dict]:
        """Groups of arrays and facts for a checkpoint; ``now`` is the state of the loop."""
        groups = {"now": now, "best": self.best, "last": self.last}
        groups |= {f"epoch{epoch}": state for epoch, state in self.kept.items()}
        groups["losses"] = [np.array(self.losses)]
        return groups, {"history": list(self.history), "kept": list(self.kept), "over": self.over}

    def resume(self, groups: dict[str, list[np.ndarray]], facts: dict) -> list[np.ndarray]:
        """Go on from what :meth:`saved` gave, and return the state of the loop."""
        self.best, self.losses = groups["best"], groups["losses"][0].tolist()
        self.last = groups.get("last", [])  # the file has no group for an empty list
        self.kept = {epoch: groups[f"epoch{epoch}"] for epoch in facts["kept"]}
        self.history, self.over = facts["history"], facts["over"]
        return groups["now"]

    def start_epoch(self, epoch: int, patience: int | None) -> None:
        """End before the epoch, if it is one too many."""
        if not self.over and is_over(self.history, patience):
            self.say(
                f"{self.name}: no lower validation loss in {patience} epochs; the training ends."
            )
            self.over = True
        self.over = self.over or epoch > self.epochs

    def add(self, losses: list[float], epoch: int, steps: int) -> None:
        """Add the losses of the last of the epoch's ``steps``."""
        if not self.over:
            self.losses += losses
            self.check(self.losses, epoch, steps)

    def end_epoch(self, line: dict, steps: int, state: list[np.ndarray], kept: bool) -> None:
        """Add the epoch to the history, in which ``line`` lacks its loss; ``state`` is that at its end."""
        if not self.over:
            # A step's loss precedes its update; what the last update spoiled shows only here.
            self.check([*self.losses[:-1], line["val_loss"]], line["epoch"], steps)
        if self.over:
            return
        loss = math.fsum(self.losses) / len(self.losses)
        self.history.append({"epoch": line["epoch"], "loss": loss} | line)
        self.last, self.losses = state, []
        if all(line["val_loss"] < past["val_loss"] for past in self.history[:-1]):
            self.best = state
        if kept:
            self.kept[line["epoch"]] = state
        self.say(f"{self.name}: {progress(self.history, self.epochs)}")

    def check(self, losses: list[float], epoch: int, steps: int) -> None:
        """End if one of the ``losses`` is not a number; in the first epoch raise Diverged."""
        try:
            refuse_nan(self.name, losses, epoch, steps)
        except Diverged as error:
            if not self.history:
                raise
            self.say(f"{error} The training ends with what epoch {epoch - 1} had reached.")
            self.over = True


def fit(
    loop: Loop,
    name: str,
    epochs: int,
    rows_of_epoch: Callable[[int], np.ndarray],
    validate: Callable[[int, Pause], float],
    *arguments,
    **options,
) -> Trained:
    """As :func:`fit_together` for one seed, called ``name``, without the axis and lists of seeds."""
    (trained,) = fit_together(
        Alone(loop),
        [name],
        [epochs],
        lambda epoch: rows_of_epoch(epoch)[:, None],
        lambda epoch, pause: [validate(epoch, pause)],
        *arguments,
        **options,
    )
    return trained


def fit_together(
    loop: Alone | Together,
    names: list[str],
    epochs: list[int],
    rows_of_epoch: Callable[[int], np.ndarray],
    validate: Callable[[int, Pause], Sequence[float]],
    checkpoint: Checkpoint,
    learning_rate: Callable[[int], float] | None = None,
    keep: Collection[int] = (),
    say: Callable[[str], None] = print,
    patience: int | None = None,
) -> list[Trained]:
    """Train each seed for its ``epochs``, counted from 1, and keep its state with the lowest validation loss.

    ``rows_of_epoch(epoch)`` gives the row numbers of all steps of an epoch, (steps, seeds, batch), and
    the same ones after an interruption. ``validate(epoch, pause)`` gives the validation loss of each seed
    at the end of an epoch; it must leave the loop unchanged and call ``pause()`` between its compiled
    calls. ``learning_rate(epoch)`` is set before each epoch; without it the optimizer keeps its own.
    ``keep`` lists epochs whose states are returned. ``say`` gets the progress lines, which call the seeds
    by their ``names``. After ``patience`` epochs without a lower validation loss the training of a seed
    ends, as with Keras' `EarlyStopping`.
    A loss that is not a number raises ReverieError in the first epoch. In a later one it ends the
    training of its seed with the epochs completed before, so that the history is shorter.
    """
    courses = [
        Course([], state, [], {}, name, last_epoch, say)
        for name, last_epoch, state in zip(names, epochs, loop.state(), strict=True)
    ]
    everyone = ", ".join(names)
    steps_done, epoch_seconds, first_epoch = 0, 0.0, 1  # of the epoch in progress
    saved = checkpoint.load()
    if saved:
        groups, facts = saved
        states = [
            course.resume(of_seed(groups, seed), facts["seeds"][seed])
            for seed, course in enumerate(courses)
        ]
        loop.restore(states)
        steps_done, first_epoch, epoch_seconds = facts["steps"], facts["epoch"], facts["seconds"]
        say(f"{everyone}: resumes in epoch {first_epoch} after step {steps_done}")

    with Saver(checkpoint) as saver:
        reported_at = time.monotonic()

        def pause(epoch: int):
            """Save and stop where that is due; training resumes in ``epoch``.

            A validation that is stopped starts over.
            """

            def state():
                states = zip(courses, loop.state(), strict=True)
                groups, facts = zip(*(course.saved(now) for course, now in states), strict=True)
                named = {
                    f"{seed}/{name}": arrays
                    for seed, of_seed in enumerate(groups)
                    for name, arrays in of_seed.items()
                }
                common = {"epoch": epoch, "steps": steps_done, "seconds": epoch_seconds}
                return named, common | {"seeds": list(facts)}

            saver(state, f"{everyone}: stopped in epoch {epoch}")

        chunk = 1
        for epoch in range(first_epoch, max(epochs) + 1):
            for course in courses:
                course.start_epoch(epoch, patience)
            if not under_way(courses):
                break
            epoch_start = time.monotonic() - epoch_seconds
            rows = rows_of_epoch(epoch)
            if learning_rate:
                loop.set_learning_rate(learning_rate(epoch))
            while steps_done < len(rows) and under_way(courses):
                call_start = time.monotonic()
                losses = loop.train(rows[steps_done : steps_done + chunk])
                steps_done += len(losses)
                now = time.monotonic()
                chunk = next_chunk(chunk, now - call_start)
                for course, of_course in zip(courses, losses.T.tolist(), strict=True):
                    course.add(of_course, epoch, len(rows))
                epoch_seconds = now - epoch_start
                pause(epoch)
                if now - reported_at > LINE_SECONDS:
                    place = f"epoch {epoch} of {max(epochs)}, step {steps_done} of {len(rows)}"
                    say(f"{everyone}: {place}")
                    reported_at = now
            if not under_way(courses):
                break
            val_losses = validate(epoch, partial(pause, epoch))
            seconds = time.monotonic() - epoch_start
            results = zip(courses, val_losses, loop.state(), strict=True)
            for course, val_loss, state in results:
                line = {"epoch": epoch, "val_loss": val_loss, "seconds": seconds}
                course.end_epoch(line, len(rows), state, epoch in keep)
            steps_done, epoch_seconds, reported_at = 0, 0.0, time.monotonic()
            pause(epoch + 1)
    return courses


def of_seed(groups: dict[str, list[np.ndarray]], seed: int) -> dict[str, list[np.ndarray]]:
    """The groups of one seed in a checkpoint, by their names without it."""
    start = f"{seed}/"
    return {
        name.removeprefix(start): group for name, group in groups.items() if name.startswith(start)
    }


def under_way(courses: list[Course]) -> bool:
    return any(not course.over for course in courses)


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
    losses = [loss for _, loss in batches(loop, rows, batch, pause)]
    return mean(np.concatenate(losses)[: len(rows)])


def mean(losses: np.ndarray) -> float:
    """The mean of the losses, summed in double precision."""
    return float(losses.mean(dtype=np.float64))


def predict(
    loop: Loop, rows: np.ndarray, batch: int | None = None, pause: Pause | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Outputs and losses of all windows ``rows``, (windows, …) and (windows,)."""
    outputs, losses = zip(*batches(loop, rows, batch, pause), strict=True)
    return np.concatenate(outputs)[: len(rows)], np.concatenate(losses)[: len(rows)]


def batches(loop: Loop, rows: np.ndarray, batch: int | None, pause: Pause | None):
    """Yield outputs and losses of the windows by batches, and call ``pause`` after each.

    The last batch is padded, so that one compiled function serves all. JAX's arrays may still be
    computed on a GPU, which need not wait between two batches.
    """
    usual = PREDICTION_BATCH if on_processor() else GPU_PREDICTION_BATCH
    batch = min(batch or usual, len(rows))
    for start in range(0, len(rows), batch):
        part = rows[start : start + batch]
        results = loop.predict(np.resize(part, batch))
        if pause:
            pause()
        yield results


def save_weights(model: keras.Model, path: Path) -> None:
    """Write the weights as an .h5 file, whole or not at all."""
    with replacing(path) as part:
        model.save_weights(part)
