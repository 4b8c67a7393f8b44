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


def lock(path: Path) -> None:
    """Lock ``path``, a run or a file, until this process ends.

    This process exits with a sentence if another one holds the lock.
    """
    with suppress(OSError):  # the first job reports that the disk cannot be written
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
