"""Measure two ways of doing the same in alternating processes, so that a busy machine slows both."""

import json
import os
import statistics
import subprocess
import sys
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Row:
    """A row of the table: medians over the rounds, and by which factor Reverie is better.

    `ratio` is the median of the factors in each round, `low` and `high` are their range. Without a
    lecture's way, `lecture` and these three are None. `asked` is the goal.
    """

    figure: str
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
    """The JSON in the last line that ``python -m benchmarks.<module> <way> <arguments>`` prints."""
    command = [sys.executable, "-m", f"benchmarks.{module}", way, *map(str, arguments)]
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def rounds(module: str, ways: list[str], count: int, *arguments) -> dict[str, list[dict]]:
    """The results of each way in each round, as :func:`measure` gives them."""
    results = {way: [] for way in ways}
    for number in range(1, count + 1):
        for way in ways:
            print(f"{module}: {way}, round {number} of {count} ...", file=sys.stderr, flush=True)
            results[way].append(measure(module, way, *arguments))
    return results


def row(figure: str, unit: str, lecture: list, reverie: list, asked="", more_is_better=False):
    """The :class:`Row` of a figure, from its values in each round."""
    pairs = list(zip(lecture, reverie, strict=True))
    ratios = [ours / theirs if more_is_better else theirs / ours for theirs, ours in pairs]
    medians = map(statistics.median, (lecture, reverie, ratios))
    return Row(figure, unit, *medians, min(ratios), max(ratios), asked)
