"""The figures on the pages are those of the files that the benchmarks wrote."""

import math
import re
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from reverie import layers
from reverie.forecast import models
from reverie.tables import read_table

from benchmarks import __main__ as bench
from benchmarks import costs, forecasters, pages, roofline, rounds, series


def test_the_page_shows_the_rows_of_the_file():
    shown = pages.section(bench.PAGE, bench.COMMAND)
    assert shown == (bench.page(read_table(bench.RESULTS)) if bench.RESULTS.exists() else "")


def test_a_part_that_is_measured_anew_replaces_its_rows_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "results.csv")
    monkeypatch.setattr(bench, "PAGE", tmp_path / "page.md")
    bench.PAGE.write_text(f"Before.\n{pages.begin(bench.COMMAND)}{pages.END}After.\n")
    for part, rows in {
        "dream": [rounds.row("a dream", "s", [4], [2])],
        "text": [rounds.Row("memory", "MB", None, 1234.5)],
    }.items():
        bench.renew(part, 1, rows)
    assert "| a dream | 4 s | 2 s | 2 |  |" in bench.PAGE.read_text()  # one round has no spread
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


@pytest.mark.parametrize(
    ("lecture", "reverie", "ratio", "asked", "missed"),
    [
        ("365", "111", "3.29", "4", True),
        ("23.4", "13958", "598", "100", False),
        ("", "21.7", "1.19", "1.2", False),
        ("", "24.3", "", "15", True),
        ("5", "2", "2.5", "", False),
    ],
)
def test_a_goal_that_is_missed_is_bold(lecture, reverie, ratio, asked, missed):
    row = {"lecture": lecture, "reverie": reverie, "ratio": ratio, "asked": asked}
    assert bench.missed(row) is missed
    about = {"part": "dream", "machine": "m", "rounds": "1", "figure": "f", "unit": "s"}
    assert bench.page([about | row]).endswith(f"| **{asked}** |\n" if missed else f"| {asked} |\n")


def test_a_ratio_is_taken_round_by_round():
    faster = rounds.row("a", "s", [10, 30, 12], [5, 10, 4])
    assert (faster.lecture, faster.reverie) == (12, 5)
    assert (faster.ratio, faster.low, faster.high) == (3, 2, 3)
    more = rounds.row("b", "1/s", [10, 20], [30, 40], more_is_better=True)
    assert more.ratio == pytest.approx(2.5)


def test_the_page_on_own_series_shows_the_lines_of_its_file():
    shown = pages.section(series.PAGE, series.COMMAND)
    assert shown == series.page(read_table(series.RESULTS))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ar", math.sqrt((1 - 0.97**50) / (1 - 0.97**2))),  # the closed form
        ("seasons", 0.7),
        ("walk", 5),
    ],
)
def test_the_best_forecast_of_a_made_up_series_has_the_error_that_it_must_have(name, expected):
    case, ahead = series.CASES[name], 25
    values = case.table()["x"].to_numpy()
    newest = np.arange(len(values) - ahead)
    errors = values[newest + ahead] - case.best(values, newest, ahead)
    # The error of normal noise; those of a walk over 25 hours are alike for as long.
    assert np.abs(errors).mean() == pytest.approx(math.sqrt(2 / math.pi) * expected, rel=0.1)


def test_a_recommendation_that_loses_is_named():
    line = {"series": "walk", "variant": "trees", "recommended": "trees", "verdict": "no"}
    assert series.losing([line]) == ["walk: trees is recommended and loses on test."]
    assert series.losing([line | {"recommended": "naive"}, line | {"verdict": "unclear"}]) == []


def test_without_the_mirror_weather_is_left_out_in_a_sentence(monkeypatch, capsys):
    monkeypatch.delenv("REVERIE_MIRROR", raising=False)
    monkeypatch.setattr(series, "lecture", lambda: {"mirrors": ["nowhere"]})
    series.main(["winter", "year_wind"])
    assert capsys.readouterr().out.startswith(
        "Left out, because their files are in no mirror: winter, year_wind.\n"
    )


def of(specs: list[dict], times: int) -> keras.Model:
    return layers.network([*specs, {"Dense": {"units": 1}}], (times, 3), "x")


GRU = {"GRU": {"units": 2, "return_sequences": True}}


@pytest.mark.parametrize(
    ("specs", "times", "training", "evaluation"),
    [
        # Forward and two backward: 12 inputs to 5 units; 5 to 1. None backward for the 12 inputs.
        ([{"Flatten": {}}, {"Dense": {"units": 5}}], 4, 2 * (2 * 60 + 3 * 5), 2 * (60 + 5)),
        # Three gates at 4 times: 3 x 2 by inputs, 2 x 2 by states; in the second layer 2 x 1 and 1 x 1.
        (
            [GRU, {"GRU": {"units": 1}}],
            4,
            2 * (2 * 72 + 3 * (48 + 24 + 12 + 1)),
            2 * (18 + 48 + 24 + 12 + 1),
        ),
        ([{"Bidirectional": {"layer": GRU}}, {"Flatten": {}}], 4, 2 * (288 + 3 * (96 + 16)), 2 * (36 + 96 + 16)),
        # 5 positions of 3 x 3 inputs to 2 filters, 2 after the pooling; there three gates of 2 x 1 and 1 x 1.
        (
            [{"Conv1D": {"filters": 2, "kernel_size": 3}}, {"MaxPooling1D": {"pool_size": 2}}, {"GRU": {"units": 1}}],
            7,
            2 * (2 * 90 + 3 * (12 + 6 + 1)),
            2 * (18 + 6 + 6 + 1),
        ),
    ],
    ids=["dense", "stacked", "both directions", "convolution"],
)  # fmt: skip
def test_operations_are_those_of_a_count_by_hand(specs, times, training, evaluation):
    """What windows share counts once in the evaluation."""
    model = of(specs, times)
    assert roofline.training(model) == training
    shares = models.sliding_layers(model) or "Flatten" not in specs[0]
    loop = SimpleNamespace(model=model, evaluated=(None if shares else model, None))
    assert roofline.evaluation(loop) == evaluation


def test_costs_are_medians_over_the_rounds(monkeypatch):
    """Of three rounds, of which one is slow."""
    calls = []

    def forecast(changes):
        calls.append(changes)
        size = (
            changes["steps"] / costs.STEPS * len(changes["select"]) * len(changes.get("seeds", [0]))
        )
        return {"itself": 10, "jobs": size * (100 if len(calls) > 7 else 1)}

    monkeypatch.setattr(costs.runs, "forecast", forecast)
    steps, *_ = costs.growth(3)
    assert len(calls) == 3 + 3 * 6
    assert steps.figure.startswith("core-seconds at 1, 2, 4 times the steps: 11, 12, 14; growth")
    assert steps.reverie == 1


def test_the_script_of_every_rule_is_known():
    files = "\n".join(file.read_text() for file in costs.WORKFLOW.rglob("*.smk"))
    inherited = re.findall(r"^use rule \w+ as (\w+) with:", files, re.M)
    blocks = re.split(r"^ *rule (\w+):\n", files, flags=re.M)[1:]
    scripted = [
        name for name, body in zip(blocks[::2], blocks[1::2], strict=True) if "script:" in body
    ]
    assert "draw_sentences" in scripted and inherited
    for rule in scripted + inherited:
        assert costs.script_of(rule).is_file(), rule


def test_seeds_that_trained_together_share_the_time_of_their_job(tmp_path):
    """Whose file of times lies with the first seed alone."""
    times, records = (tmp_path / name / "forecast/gru" for name in ("benchmarks", "logs"))
    times.mkdir(parents=True)
    records.mkdir(parents=True)
    (times / "seed0.tsv").write_text("s\tmax_rss\tcpu_time\n50\t900.5\t120.0\n")
    (records / "seed0.json").write_text('{"together": [0, 1, 2]}')
    together = ["40 s (3 seeds together: 120 s)", "900 MB"]
    assert forecasters.cost(tmp_path, "gru") == together
    (records / "seed0.json").write_text("{}")
    (times / "seed1.tsv").write_text("s\tmax_rss\tcpu_time\n50\t800.5\t130.0\n")
    assert forecasters.cost(tmp_path, "gru") == ["125 s", "900 MB"]
