"""The figures on the page are those of the file that `make bench` wrote."""

import pytest
from reverie.tables import read_table

from benchmarks import __main__ as bench
from benchmarks import rounds


def test_the_page_shows_the_rows_of_the_file():
    shown = bench.PAGE.read_text().partition(bench.BEGIN)[2].partition(bench.END)[0]
    assert shown == (bench.page(read_table(bench.RESULTS)) if bench.RESULTS.exists() else "")


def test_a_part_that_is_measured_anew_replaces_its_rows_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "results.csv")
    monkeypatch.setattr(bench, "PAGE", tmp_path / "page.md")
    bench.PAGE.write_text(f"Before.\n{bench.BEGIN}{bench.END}After.\n")
    for part, rows in {
        "dream": [rounds.row("a dream", "s", [4], [2])],
        "text": [rounds.Row("memory", "MB", None, 1234.5)],
    }.items():
        bench.renew(part, 1, rows)
    bench.renew("dream", 3, [rounds.row("a dream", "s", [9], [2], "1.5")])
    lines = read_table(bench.RESULTS)
    assert [(line["part"], line["rounds"]) for line in lines] == [("text", "1"), ("dream", "3")]
    assert [(line["lecture"], line["reverie"], line["ratio"]) for line in lines] == [
        ("", "1234", ""),
        ("9", "2", "4.5"),
    ]
    page = bench.PAGE.read_text()
    assert page.startswith("Before.\n") and page.endswith("After.\n")
    assert "| a dream | 9 s | 2 s | 4.5 (4.5 to 4.5) | 1.5 |" in page and "| 4 s |" not in page


def test_a_ratio_is_taken_round_by_round():
    faster = rounds.row("a", "s", [10, 30, 12], [5, 10, 4])
    assert (faster.lecture, faster.reverie) == (12, 5)
    assert (faster.ratio, faster.low, faster.high) == (3, 2, 3)
    more = rounds.row("b", "1/s", [10, 20], [30, 40], more_is_better=True)
    assert more.ratio == pytest.approx(2.5)
