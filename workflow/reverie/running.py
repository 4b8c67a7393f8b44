"""Locks that keep two workflows off the same files, and a Ctrl-C that ends a workflow cleanly.

The system frees a lock when its process ends. Snakemake's own lock, which the profiles switch off,
stays when its process is killed.
"""

import asyncio
import fcntl
import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

RETRY_SECONDS = 0.1
LOCKS = Path(".snakemake") / "reverie"
OPEN = []  # lock files, kept open since closing one frees its lock


def lock_file(path: Path) -> Path:
    return LOCKS / f"{str(path).replace(os.sep, '-')}.lock"


def holder(path: Path) -> str:
    """The number of the process that holds the lock on ``path``; empty if none does."""
    with suppress(OSError), open(lock_file(path)) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return file.read()
    return ""


def lock(path: Path, other: str = "") -> None:
    """Lock ``path``, a run or a file, until this process ends.

    This process exits with a sentence if another one holds the lock, or if ``other`` did while this
    one planned: files may have been deleted since.
    """
    with suppress(OSError):  # the first job reports that the disk cannot be written
        LOCKS.mkdir(parents=True, exist_ok=True)
        file = open(lock_file(path), "a+")  # noqa: SIM115
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            other = file.read()
        if other:
            sys.exit(
                f"Another run is at work on {path}: process {other}. Wait until it is done, or stop it "
                f"by `kill {other}`, which lets its jobs finish; then start again."
            )
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        OPEN.append(file)


def interrupt_once() -> None:
    """Let SIGINT interrupt this process only once, and not before a running event loop has ended.

    Snakemake runs many short event loops. If one is interrupted in its last steps, it stays marked as
    running and Snakemake ends with a traceback; the same happens at a second SIGINT while Snakemake
    ends its jobs.
    """

    def interrupt(number, frame):
        if event_loop_runs():
            timer = threading.Timer(RETRY_SECONDS, os.kill, (os.getpid(), signal.SIGINT))
            timer.daemon = True
            timer.start()
        else:
            signal.signal(signal.SIGINT, lambda *_: None)
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)


def event_loop_runs() -> bool:
    with suppress(RuntimeError):
        return asyncio.get_running_loop() is not None
    return False
