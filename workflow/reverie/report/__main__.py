"""`python -m reverie.report`: a run's report again, or of what is there so far; runs compared; a run on record."""

import argparse
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import jinja2

from reverie.errors import ReverieError
from reverie.jobs import NOT_WRITABLE
from reverie.report import compare, page, partial, record
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
            raise another_version(folder, error) from error
    raise ReverieError(
        f"The report of {folder} cannot be made, since a file of the run is missing or not whole "
        f"({failure}); if a run is at work there, try again after its next job."
    )


def another_version(folder: Path | str, error: Exception) -> ReverieError:
    return ReverieError(
        f"The report of {folder} cannot be made, since its files are those of another version "
        f"({error}); run the workflow again."
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


def put_on_record(folder: Path, file: Path, further: list[Path]) -> str:
    """Write the page ``file`` about the run in ``folder``; gives what is to be printed."""
    try:
        page, target, size = record.write(folder, file, further)
    except OSError as error:
        raise ReverieError(
            f"Cannot put {folder} on record: {error.filename or file}: {error.strerror}."
        ) from None
    except (ValueError, zipfile.BadZipFile) as error:
        raise ReverieError(
            f"Cannot put {folder} on record, since a file of a run is not whole ({error})."
        ) from None
    except (KeyError, jinja2.UndefinedError) as error:
        raise another_version(folder, error) from error
    return f"The page: {page}; its files: {target}, {size / 1e6:.1f} MB"


def compared(folders: list[Path]) -> Path:
    """Write the comparison of the runs; ReverieError where their files cannot be read or it not written."""
    try:
        return compare.write(folders)
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise ReverieError(
            f"{' and '.join(map(str, folders))} cannot be compared: {error}."
        ) from None
    except (KeyError, jinja2.UndefinedError) as error:
        raise another_version(" and ".join(map(str, folders)), error) from error


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m reverie.report", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    single = commands.add_parser("build", help="the report of a run, finished or not")
    single.add_argument("run", type=Path, help="its folder, such as results/quick")
    several = commands.add_parser("compare", help="two or more runs side by side")
    several.add_argument("runs", type=Path, nargs="+", help="their folders")
    kept = commands.add_parser(
        "record", help="a run's small files, and a page that puts it beside published figures"
    )
    kept.add_argument(
        "run", type=Path, help="its folder, or that of its small files to write the page again"
    )
    kept.add_argument("--page", type=Path, default=record.PAGE, help="default: %(default)s")
    kept.add_argument(
        "--further",
        type=Path,
        nargs="+",
        default=[],
        help="runs whose forecasts of the same series are held against it, such as that of config/further.yaml",
    )
    asked = parser.parse_args()
    try:
        if asked.command == "record":
            print(put_on_record(asked.run, asked.page, asked.further))
            return
        file = build(asked.run) if asked.command == "build" else compared(asked.runs)
    except ReverieError as error:
        sys.exit(str(error))
    kind = "comparison" if asked.command == "compare" else "report"
    print(f"The {kind}{' so far' if file.name == runs.PARTIAL else ''}: {file}")


if __name__ == "__main__":
    main()
