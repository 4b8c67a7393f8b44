"""`python -m tests.torture`: kills and broken inputs by the hundred, and what failed.

The status is 1 if anything did. A case that failed is run again by its name: `--only inputs:37`,
`--only kills:3` (a round).
"""

import argparse
import math
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
    parser.add_argument("--hours", type=float, default=math.inf, help="at most so long for each")
    parser.add_argument("--folder", type=Path, help="where to work, kept afterwards")
    given = parser.parse_args()
    kind, _, number = (given.only or "").partition(":")
    only = int(number) if number else None
    failures = []
    with tempfile.TemporaryDirectory(prefix="torture-") as scratch:
        folder = (given.folder or Path(scratch)).resolve()
        if kind == "kills" or (given.kills and not kind):
            faults = given.kills or 16
            played = kills.torture(folder / "kills", given.seed, faults, only, given.hours)
            failures += played.failures
            print_table("fault", played.faults)
            tried = f"{played.faults.total()} faults in {played.rounds} rounds"
            print_result("kills", tried, played.rounds, played.failures)
        if kind == "inputs" or (given.inputs and not kind):
            found = inputs.torture(folder / "inputs", given.seed, given.inputs, only, given.hours)
            failures += found.failures
            print_table("input and how it ended", found.ends)
            tried = f"{found.ends.total()} broken inputs"
            print_result("inputs", tried, found.ends.total(), found.failures)
    for failure in failures:
        print(f"\nFAILED {failure}")
    sys.exit(1 if failures else 0)


def print_result(kind: str, tried: str, count: int, failures: list) -> None:
    print(f"{kind}: {tried} tried, {count - len(failures)} survived, {len(failures)} failed.")


def print_table(what: str, counts) -> None:
    print(f"\n{what:<50} {'times':>5}")
    for name, count in sorted(counts.items()):
        print(f"{name:<50} {count:>5}")


if __name__ == "__main__":
    main()
