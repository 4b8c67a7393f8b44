"""Whether a workflow is at work in this folder; `python -m reverie.running` unlocks it if none is.

Snakemake leaves its lock behind when it is killed, and then asks for `--unlock`. Each of our workflows
also holds a lock that the system frees with its process, which tells the two cases apart.
"""

import fcntl
from pathlib import Path

MEMORY = Path(".snakemake")


def hold() -> object:
    """Hold the lock, which several workflows may share; keep what it gives as long as they work."""
    MEMORY.mkdir(exist_ok=True)
    file = open(MEMORY / "reverie.lock", "a")  # noqa: SIM115, it shall stay open
    fcntl.flock(file, fcntl.LOCK_SH)
    return file


def unlock() -> bool:
    """Remove the locks of a workflow that was killed; False where one is at work, or none is locked."""
    locks = list((MEMORY / "locks").glob("*.lock"))
    if not locks:
        return False
    with open(MEMORY / "reverie.lock", "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        for lock in locks:
            lock.unlink(missing_ok=True)
    return True


if __name__ == "__main__" and unlock():
    print("The last run was killed; it goes on where it stopped.")
