"""One workflow at a time on the same files: a lock that the system frees when its process ends.

Snakemake's own lock (which the profiles switch off) stays behind when its process is killed.
"""

import fcntl
import os
import sys
from contextlib import suppress
from pathlib import Path

LOCKS = Path(".snakemake") / "reverie"
OPEN = []  # lock files: closing one would free its lock


def lock(path: Path) -> None:
    """Lock ``path``, a run or a file, until this process ends.

    Where another process holds that lock, this one exits with a sentence.
    """
    with suppress(OSError):  # what cannot be written, the first job says in a sentence
        LOCKS.mkdir(parents=True, exist_ok=True)
        file = open(LOCKS / f"{str(path).replace(os.sep, '-')}.lock", "a+")  # noqa: SIM115
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            process = file.read()
            sys.exit(
                f"Another run is at work on {path}: process {process}. Wait until it is done, or stop "
                f"it by `kill {process}`, which lets its jobs finish; then start again."
            )
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        OPEN.append(file)
