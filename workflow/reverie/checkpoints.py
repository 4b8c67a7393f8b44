"""Checkpoints of a training, from which it resumes as if nothing had happened.

Snakemake deletes a job's declared outputs before it starts it again; so checkpoints lie in an
undeclared folder, named by a hash of all that determines the result. A checkpoint holds every
variable of model and optimizer (weights files lack the state of the dropout masks), the epoch,
the step, and the history so far.
"""

import hashlib
import json
import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from reverie.errors import ReverieError


def key(**facts) -> str:
    """A name for all that determines a training's result."""
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
    """The one checkpoint of a training, replaced atomically."""

    def __init__(self, folder: Path):
        self.file = folder / "checkpoint.npz"

    def save(self, groups: dict[str, list[np.ndarray]], facts: dict) -> None:
        """Save named lists of arrays, and facts that JSON can hold."""
        arrays = {
            f"{name}.{index}": array
            for name, group in groups.items()
            for index, array in enumerate(group)
        }
        part = self.file.with_name("part.npz")
        np.savez(part, facts=np.array(json.dumps(facts)), **arrays)
        os.replace(part, self.file)

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
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(parent / f"{name}.lock", timeout=0):
            yield Checkpoint(folder)
            shutil.rmtree(folder)
    except Timeout:
        raise ReverieError(
            f"{folder} is in use: another job trains the same network; wait for it, or end it."
        ) from None
    (parent / f"{name}.lock").unlink(missing_ok=True)
