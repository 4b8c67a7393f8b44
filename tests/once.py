"""What is costly is made by one test process for all."""

import shutil
from pathlib import Path

import pytest
from filelock import FileLock


def once_for_all(factory: pytest.TempPathFactory, worker: str, name: str, make) -> Path:
    """A copy of the folder that ``make(folder)`` fills, once for all workers of pytest-xdist."""
    shared = factory.getbasetemp()
    if worker != "master":
        shared = shared.parent
    done = shared / f"{name}.done"
    with FileLock(shared / f"{name}.lock"):
        if not done.exists():
            (shared / name).mkdir()
            make(shared / name)
            done.touch()
    return Path(shutil.copytree(shared / name, factory.mktemp(name) / name))
