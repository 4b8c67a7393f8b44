"""What the commands share that use a finished run, or need none: `python -m reverie.text` and others."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from reverie.errors import ReverieError
from reverie.jobs import NO_MEMORY, NOT_WRITABLE, out_of_memory


def trained_run(folder: str | None, part: str, pattern: str) -> Path:
    """The run's folder: ``folder``, or the run under results/ that was trained last.

    A run counts if its ``part`` has a file of the ``pattern``, such as `seed*/model.json`.
    """
    runs = [Path(folder)] if folder else Path("results").glob("*")
    files = [file for run in runs for file in run.glob(f"{part}/{pattern}")]
    if not files:
        where = folder or "results/"
        raise ReverieError(
            f"{where}: there is no trained network of the part {part} in it; run make report first."
        )
    newest = max(files, key=lambda file: file.stat().st_mtime)
    return newest.parents[pattern.count("/") + 1]


def run(main: Callable[[], None]) -> None:
    """Call ``main``; end the process with a sentence on a mistake, and quietly on Ctrl-C."""
    try:
        main()
    except ReverieError as error:
        sys.exit(f"reverie: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # the reader of a pipe, such as head, has closed it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        if error.errno not in NOT_WRITABLE:
            raise
        file = error.filename or "the file"
        sys.exit(f"reverie: cannot read or write {file}: {error.strerror}.")
    except Exception as error:
        if not out_of_memory(error):
            raise
        sys.exit(f"reverie: {NO_MEMORY}")
