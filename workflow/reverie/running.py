"""One workflow at a time on the same files, and one that takes Ctrl-C as it is meant.

The lock is freed by the system when its process ends. Snakemake's own lock (which the profiles
switch off) stays behind when its process is killed.
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


def interrupt_once() -> None:
    """Let SIGINT interrupt this process once, and never within an event loop, but right after it.

    Snakemake runs many short ones. One that is interrupted in its last steps stays marked as running,
    and Snakemake ends with a traceback; so it does when interrupted again while it ends its jobs.
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
