"""The figures on the pages are those of the files that the benchmarks wrote."""

import json
import math
import os
import subprocess

import numpy as np
import pytest
import yaml
from checkouts import REPOSITORY
from reverie.config.model import load
from reverie.dream import estimates, selection
from reverie.forecast import variants
from reverie.tables import read_table

from benchmarks import __main__ as bench
from benchmarks import gpu, pages, rounds, series


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


@pytest.fixture(scope="module")
def lecture() -> dict:
    """The lecture's settings with all defaults, which the benchmark of a GPU knows without pydantic."""
    return load(yaml.safe_load((REPOSITORY / "config.yaml").read_text())).model_dump(mode="json")


def test_a_gpu_is_measured_with_the_networks_of_the_lecture(lecture):
    assert gpu.networks() == variants.networks(lecture | {"backend": "jax"})


def test_and_with_its_pictures(lecture):
    (_, pixels, jobs, shapes), (_, painted, styles, _) = gpu.pictures()
    expected = 0.0
    for dream in selection.dreams(lecture).values():
        expected += estimates.octave_pixels(dream, dream["octave_scale"])
        if sheet := dream["sheet"]:
            tiles = estimates.octave_pixels(sheet, dream["octave_scale"])
            expected += tiles * len(sheet["layers"])
        if film := dream["film"]:
            expected += film["size"] ** 2 * film["frames"] * film["steps"]
    assert pixels == pytest.approx(0.5625 * expected)
    assert (jobs, styles) == (6 + 2 + 1, 2) and shapes > 20
    assert painted == pytest.approx(0.75 * 300 * (256**2 + 512**2 + 320**2))


GRU = {"step": 4.0, "validation": 1.0, "start": 30.0, "note": "", "recurrent": "a loop"}


def test_the_whole_lecture_is_the_sum_of_what_was_measured():
    assert gpu.minutes({}) == {}
    assert gpu.minutes({"gru": GRU}) == pytest.approx({"gru": 3 * (20 * (2 + 1) + 30) / 60})
    three = {"together": 5.0, "validation_together": 1.5}
    both = {"gru": GRU, "gru, 3 seeds": three}
    assert gpu.minutes(both)["gru"] == pytest.approx((20 * (2.5 + 1.5) + 30) / 60)
    slow = {"gru": GRU, "gru, 3 seeds": three | {"together": 50.0}}  # then one after the other
    assert gpu.minutes(slow) == gpu.minutes({"gru": GRU})


def test_the_table_compares_epochs_and_says_what_is_missing():
    text = gpu.table({"gru": GRU, "gru, PyTorch": GRU | {"step": 10.0}}, "A card", small=False)
    assert text.startswith("**GPU**: A card.\n")
    line = next(line for line in text.splitlines() if line.startswith("| gru |"))
    assert "| 3 |" in line and "a loop; PyTorch’s epoch takes 2 times as long" in line
    assert "without mlp, gru_dropout," in text and text.endswith(": 4.5 min.")


@pytest.mark.skipif(
    not os.environ.get("REVERIE_JAX"), reason="NO JAX: REVERIE_JAX names a python that has it"
)
def test_a_gpu_is_measured_without_tensorflow_and_goes_on_where_it_stopped(tmp_path):
    figures = tmp_path / "gpu.json"
    before = {"small": True, "found": {"gru": GRU | {"done": True}}, "card": "A card"}
    figures.write_text(json.dumps(before))
    done = subprocess.run(
        [os.environ["REVERIE_JAX"], "-m", "benchmarks", "gpu", "--small"]
        + ["--file", figures, "--only", "gru", "mlp"],
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": "workflow"},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(figures.read_text())["found"]
    assert found["gru"] == before["found"]["gru"]
    assert found["mlp"].keys() >= {"step", "validation", "start", "memory", "done"}, done.stderr
    assert found["mlp"]["recurrent"] == "" and "\n| mlp | " in done.stdout
    assert done.stderr.startswith("mlp: ") and "\n" not in done.stderr.strip()
