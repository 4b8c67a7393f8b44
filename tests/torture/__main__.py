"""`python -m tests.torture`: kills and broken inputs by the hundred, and what failed.

The status is 1 if anything did. A case that failed is run again by its name: `--only inputs:37`,
`--only kills:3` (a round).
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.torture import inputs, kills


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=0, metavar="N", help="faults beside a run")
    parser.add_argument("--inputs", type=int, default=0, metavar="N", help="broken inputs")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", metavar="KIND:NUMBER", help="one case or round again")
    parser.add_argument("--folder", type=Path, help="where to work, kept afterwards")
    given = parser.parse_args()
    kind, _, number = (given.only or "").partition(":")
    with tempfile.TemporaryDirectory(prefix="torture-") as scratch:
        folder = (given.folder or Path(scratch)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        failures = []
        if kind == "kills" or (given.kills and not kind):
            only = int(number) if kind else None
            played = kills.torture(folder / "kills", given.seed, given.kills or 16, only)
            failures += played.failures
            print_table("fault", played.faults)
            print(f"Faults: {played.faults.total()} tried, {len(played.failures)} rounds failed.")
        if kind == "inputs" or (given.inputs and not kind):
            only = int(number) if kind else None
            tried = inputs.torture(folder / "inputs", given.seed, given.inputs, only)
            failures += tried.failures
            print_table("input and how it ended", tried.ends)
            print(f"Inputs: {tried.ends.total()} tried, {len(tried.failures)} failed.")
    for failure in failures:
        print(f"\nFAILED {failure}")
    sys.exit(1 if failures else 0)


def print_table(what: str, counts) -> None:
    print(f"\n{what:<50} {'times':>5}")
    for name, count in sorted(counts.items()):
        print(f"{name:<50} {count:>5}")


if __name__ == "__main__":
    main()
