"""Two ways of doing the same, in turn in processes of their own, so that a busy machine meets both."""

import json
import os
import statistics
import subprocess
import sys
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Row:
    """One line of the table: how many times better Reverie is, of medians; `low`, `high` over rounds.

    For a row without a rival `lecture` and the ratios are None, and `reverie` is what is measured.
    """

    what: str
    unit: str
    lecture: float | None
    reverie: float
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    asked: str = ""

    def values(self) -> list:
        return list(asdict(self).values())


def measure(module: str, way: str, *arguments) -> dict:
    """What ``python -m benchmarks.<module> <way> <arguments>`` prints last, as JSON."""
    command = [sys.executable, "-m", f"benchmarks.{module}", way, *map(str, arguments)]
    quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, capture_output=True, text=True, env=quiet)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def rounds(module: str, ways: list[str], count: int, *arguments) -> dict[str, list[dict]]:
    """What each way measured in each round."""
    found = {way: [] for way in ways}
    for number in range(1, count + 1):
        for way in ways:
            print(f"{module}: {way}, round {number} of {count} ...", file=sys.stderr, flush=True)
            found[way].append(measure(module, way, *arguments))
    return found


def row(what: str, unit: str, lecture: list, reverie: list, asked="", more_is_better=False) -> Row:
    """The row of a figure, from its values in each round."""
    pairs = list(zip(lecture, reverie, strict=True))
    ratios = [ours / theirs if more_is_better else theirs / ours for theirs, ours in pairs]
    middle = statistics.median
    return Row(
        what,
        unit,
        middle(lecture),
        middle(reverie),
        middle(ratios),
        min(ratios),
        max(ratios),
        asked,
    )
