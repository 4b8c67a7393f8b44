"""`python -m reverie.report`: a run's report again, or of what is there so far; runs compared."""

import argparse
import sys
import tempfile
from pathlib import Path

from reverie.errors import ReverieError
from reverie.report import compare, page
from reverie.report import run as runs


def build(folder: Path) -> Path:
    """Write `report.html` of the run in ``folder`` from whatever is there."""
    file = folder / "report.html"
    with tempfile.TemporaryDirectory() as scratch:
        run = runs.so_far(folder, Path(scratch))
        page.write(run, file)
    for item in run.missing:
        print(f"missing: {item}")
    return file


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m reverie.report", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("build", help="the report of a run, finished or not")
    one.add_argument("run", type=Path, help="its folder, such as results/quick")
    more = commands.add_parser("compare", help="two or more runs side by side")
    more.add_argument("runs", type=Path, nargs="+", help="their folders")
    given = parser.parse_args()
    try:
        file = build(given.run) if given.command == "build" else compare.write(given.runs)
    except ReverieError as error:
        sys.exit(str(error))
    print(f"The {'report' if given.command == 'build' else 'comparison'}: {file}")


if __name__ == "__main__":
    main()
