"""Files that are replaced atomically: a reader sees the old or the new one, never a part."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path that is renamed to ``path`` at the end, and deleted on an error.

    Creates the folder. The temporary name is fixed, so that a rerun overwrites what a killed process
    left.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".part.{path.name}")
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
