"""`python -m reverie.report`: a run's report again, or of what is there so far; runs compared."""

import argparse
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import jinja2

from reverie.errors import ReverieError
from reverie.jobs import NOT_WRITABLE
from reverie.report import compare, page, partial
from reverie.report import run as runs

TRIES = 5  # while a workflow changes files of the run


def build(folder: Path) -> Path:
    """Write the report of the run in ``folder``, and print what is missing; gives the report's path.

    A run of which the workflow has made everything gets `report.html` again, any other
    `report.partial.html`: `report.html` would make the workflow think that it is done.
    """
    for attempt in range(TRIES):
        try:
            return build_once(folder)
        except (OSError, ValueError, zipfile.BadZipFile) as error:
            if getattr(error, "errno", None) in NOT_WRITABLE:
                raise ReverieError(f"Cannot write {folder}: {error.strerror}.") from None
            failure = error
            time.sleep(attempt)
        except (KeyError, jinja2.UndefinedError) as error:
            raise ReverieError(
                f"The report of {folder} cannot be made, since its files are those of another version "
                f"({error}); run the workflow again."
            ) from error
    raise ReverieError(
        f"The report of {folder} cannot be made, since a file of the run is missing or not whole "
        f"({failure}); if a run is at work there, try again after its next job."
    )


def build_once(folder: Path) -> Path:
    with tempfile.TemporaryDirectory() as scratch:
        run = partial.so_far(folder, Path(scratch))
        whole = not run.missing and not (folder / "plan.json").exists()
        file = folder / (runs.WHOLE if whole else runs.PARTIAL)
        page.write(run, file)
    for item in run.missing:
        print(f"missing: {item}")
    return file


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m reverie.report", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    single = commands.add_parser("build", help="the report of a run, finished or not")
    single.add_argument("run", type=Path, help="its folder, such as results/quick")
    several = commands.add_parser("compare", help="two or more runs side by side")
    several.add_argument("runs", type=Path, nargs="+", help="their folders")
    asked = parser.parse_args()
    try:
        file = build(asked.run) if asked.command == "build" else compare.write(asked.runs)
    except ReverieError as error:
        sys.exit(str(error))
    kind = "comparison" if asked.command == "compare" else "report"
    print(f"The {kind}{' so far' if file.name == runs.PARTIAL else ''}: {file}")


if __name__ == "__main__":
    main()
