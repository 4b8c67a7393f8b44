"""Checkpoints of long jobs, from which they resume as if nothing had happened.

Snakemake deletes a job's declared outputs before it starts it again; so checkpoints lie in an
undeclared folder, named by a hash of all that determines the result. That of a training holds every
variable of model and optimizer (weights files lack the state of the dropout masks), the epoch,
the step, and the history so far; that of a dream the picture and the state of its random numbers.
"""

import hashlib
import json
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from reverie.errors import ReverieError
from reverie.files import replacing

SAVE_SECONDS = 60.0  # at most this much work is lost by a kill
WAIT_SECONDS = 30.0  # for a job that is just ending, since the workflow that began it is gone


class Interrupted(SystemExit):
    """SIGTERM or Ctrl-C came; the checkpoint is saved."""


def key(**facts) -> str:
    """A name for all that determines a job's result."""
    text = json.dumps(facts, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def fingerprint(arrays: dict[str, np.ndarray]) -> str:
    """A hash of named arrays."""
    found = hashlib.sha256()
    for name in sorted(arrays):
        found.update(name.encode())
        found.update(np.ascontiguousarray(arrays[name]).tobytes())
    return found.hexdigest()


class Checkpoint:
    """The one checkpoint of a job, replaced atomically."""

    def __init__(self, folder: Path):
        self.folder, self.file = folder, folder / "checkpoint.npz"

    def save(self, groups: dict[str, list[np.ndarray]], facts: dict) -> None:
        """Save named lists of arrays, and facts that JSON can hold."""
        arrays = {
            f"{name}.{index}": array
            for name, group in groups.items()
            for index, array in enumerate(group)
        }
        with replacing(self.file) as part:
            np.savez(part, facts=np.array(json.dumps(facts)), **arrays)

    def load(self) -> tuple[dict[str, list[np.ndarray]], dict] | None:
        """What was saved last, or None."""
        if not self.file.exists():
            return None
        groups: dict[str, list[np.ndarray]] = {}
        with np.load(self.file, allow_pickle=False) as saved:
            facts = json.loads(str(saved["facts"]))
            for name in saved.files:  # in the order in which they were saved
                if name != "facts":
                    groups.setdefault(name.rpartition(".")[0], []).append(saved[name])
        return groups, facts


@contextmanager
def checkpoint(parent: Path, name: str):
    """The checkpoint ``name`` under ``parent``, locked against other jobs, deleted at a good end."""
    folder = parent / name
    parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(parent / f"{name}.lock", timeout=WAIT_SECONDS):
            folder.mkdir(exist_ok=True)  # not earlier: the job that it waited for deletes its own
            yield Checkpoint(folder)
            shutil.rmtree(folder)
    except Timeout:
        raise ReverieError(
            f"{folder} is in use: another job makes the same; wait for it, or end it."
        ) from None
    (parent / f"{name}.lock").unlink(missing_ok=True)


@dataclass(frozen=True)
class Checkpoints:
    """Where a job's checkpoints lie, and the version of its code, which names them too."""

    folder: Path
    code: str

    def of(self, **facts):
        """The checkpoint of what ``facts`` and the code determine."""
        return checkpoint(self.folder, key(code=self.code, **facts))


class Saver:
    """Saves what a job has reached once a minute, and before it ends by SIGTERM or Ctrl-C.

    As long as it is entered, these signals wait for the next call of it.
    """

    def __init__(self, checkpoint: Checkpoint):
        self.checkpoint, self.saved_at, self.ended = checkpoint, time.monotonic(), False

    def __enter__(self):
        self.before = {s: signal.signal(s, self.end) for s in (signal.SIGTERM, signal.SIGINT)}
        return self

    def __exit__(self, *_):
        for number, handler in self.before.items():
            signal.signal(number, handler)

    def end(self, *_):
        self.ended = True

    def __call__(self, state: Callable[[], tuple[dict, dict]], where: str) -> None:
        """``state()`` gives what :meth:`Checkpoint.save` takes; ``where`` names the place in words."""
        if self.ended or time.monotonic() - self.saved_at > SAVE_SECONDS:
            self.checkpoint.save(*state())
            self.saved_at = time.monotonic()
        if self.ended:
            raise Interrupted(f"{where}; it resumes from there")
