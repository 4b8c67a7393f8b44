"""The figures on the page are those of the file that `make bench` wrote."""

import csv
from pathlib import Path

import pytest

from benchmarks import __main__ as bench
from benchmarks import rounds

REPOSITORY = Path(__file__).parents[2]


def test_the_page_shows_the_rows_of_the_file():
    file = REPOSITORY / "benchmarks" / "results.csv"
    shown = (REPOSITORY / "docs" / "performance.md").read_text()
    shown = shown.partition(bench.BEGIN)[2].partition(bench.END)[0]
    if not file.exists():
        assert shown == ""
        return
    with open(file, newline="") as table:
        header, *rows = csv.reader(table)
    assert header == bench.COLUMNS
    assert shown.endswith(bench.table(rows))


def test_a_ratio_is_taken_round_by_round():
    faster = rounds.row("a", "s", [10, 30, 12], [5, 10, 4])
    assert (faster.lecture, faster.reverie) == (12, 5)
    assert (faster.ratio, faster.low, faster.high) == (3, 2, 3)
    more = rounds.row("b", "1/s", [10, 20], [30, 40], more_is_better=True)
    assert more.ratio == pytest.approx(2.5)
