"""Checkpoints of long jobs; a job that resumes from one gives the result of an uninterrupted one.

Snakemake deletes a job's declared outputs before it restarts the job. So checkpoints lie in an
undeclared folder, named by a hash of everything that determines the result. That of a training
holds every variable of model and optimizer (weights files lack the random state of dropout), the
epoch, the step and the history so far; that of a dream holds the picture and the random state.
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
WAIT_SECONDS = 30.0  # for the lock of a job that is ending because its workflow has ended


class Interrupted(SystemExit):
    """The job ends after SIGTERM or Ctrl-C, with its checkpoint saved."""


def key(**facts) -> str:
    """The name of a job's checkpoint: a hash of ``facts``, which determine the job's result."""
    text = json.dumps(facts, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def fingerprint(arrays: dict[str, np.ndarray]) -> str:
    """A hash of the names and contents of the arrays."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()


class Checkpoint:
    """The one checkpoint of a job, replaced atomically."""

    def __init__(self, folder: Path):
        self.folder, self.file = folder, folder / "checkpoint.npz"

    def save(self, groups: dict[str, list[np.ndarray]], facts: dict) -> None:
        """Save named lists of arrays, and ``facts``, which JSON must be able to hold."""
        arrays = {
            f"{name}.{index}": array
            for name, group in groups.items()
            for index, array in enumerate(group)
        }
        with replacing(self.file) as part:
            np.savez(part, facts=np.array(json.dumps(facts)), **arrays)

    def load(self) -> tuple[dict[str, list[np.ndarray]], dict] | None:
        """The `groups` and `facts` saved last, or None."""
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
    """The checkpoint ``name`` under ``parent``, locked against other jobs, deleted if no error comes.

    Raises ReverieError when another job holds the lock.
    """
    folder = parent / name
    parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(parent / f"{name}.lock", timeout=WAIT_SECONDS):
            folder.mkdir(exist_ok=True)  # with the lock held: the job before it deletes the folder
            yield Checkpoint(folder)
            shutil.rmtree(folder)
    except Timeout:
        raise ReverieError(
            f"{folder} is in use: another job makes the same; wait for it, or end it."
        ) from None
    (parent / f"{name}.lock").unlink(missing_ok=True)


@dataclass(frozen=True)
class Checkpoints:
    """The folder of a job's checkpoints, and the hash of the job's code, which is part of their key."""

    folder: Path
    code: str

    def of(self, **facts):
        """The checkpoint of the result that ``facts`` and the code determine."""
        return checkpoint(self.folder, key(code=self.code, **facts))


class Saver:
    """Saves a job's state every minute, and before SIGTERM or Ctrl-C end the job.

    Within its `with` block, these signals take effect at the next call of the saver.
    """

    def __init__(self, checkpoint: Checkpoint):
        self.checkpoint, self.saved_at, self.ended = checkpoint, time.monotonic(), False

    def __enter__(self):
        self.handlers = {s: signal.signal(s, self.end) for s in (signal.SIGTERM, signal.SIGINT)}
        return self

    def __exit__(self, *_):
        for number, handler in self.handlers.items():
            signal.signal(number, handler)

    def end(self, *_):
        self.ended = True

    def __call__(self, state: Callable[[], tuple[dict, dict]], where: str) -> None:
        """Save ``state()``, the arguments of :meth:`Checkpoint.save`, when due; end a stopped job.

        ``where`` begins the sentence with which the job ends: "gru: stopped in epoch 3".
        """
        if self.ended or time.monotonic() - self.saved_at > SAVE_SECONDS:
            self.checkpoint.save(*state())
            self.saved_at = time.monotonic()
        if self.ended:
            raise Interrupted(f"{where}; it resumes from there")
