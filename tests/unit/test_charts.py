"""Charts: the page's and their stills show the same, once stated."""

import json
import re
import shutil
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from reverie import look
from reverie.forecast import variants
from reverie.forecast.charts import Forecasts
from reverie.report import run as runs
from reverie.text import charts as text_charts

FORECASTS = ("errors", "curves", "week", "hour", "month", "change")


def forecasts(folder):
    """The forecast's charts of a run."""
    settings = runs.finished(folder).settings
    return Forecasts(
        folder / "forecast",
        variants.titles(settings),
        variants.seeds(settings),
        settings["forecast"],
    )


@pytest.fixture(scope="module")
def charts(whole_run):
    return forecasts(whole_run).charts() | text_charts.by_temperature(whole_run / "text")


@pytest.fixture(scope="module")
def stills(charts, tmp_path_factory):
    """The texts and the source of every still, by name."""
    folder = tmp_path_factory.mktemp("stills")
    for name, chart in charts.items():
        chart.save(folder / f"{name}.svg")
    return {name: (folder / f"{name}.svg").read_text() for name in charts}


def texts(svg: str) -> list[str]:
    nodes = ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    return [" ".join(node.itertext()) for node in nodes]


def edited(whole_run, folder, name: str, edit):
    """The forecast's charts of a copy of the run, one of whose tables is edited."""
    shutil.copytree(whole_run, folder, dirs_exist_ok=True)
    for file in (folder / "forecast").glob(name):
        table = file.read_text()
        file.unlink()  # a link to the fixture's own
        file.write_text(edit(table))
    return forecasts(folder)


@pytest.mark.parametrize("name", FORECASTS)
def test_every_network_stands_in_the_still(charts, stills, name):
    """Its text is text, and titles of axes stand once for all panels."""
    words = " ".join(texts(stills[name]))
    for title in ("GRU", "1D convnet", "GRU with recurrent dropout"):
        assert title in words
    for title in (
        "mean absolute error, °C",
        "epoch",
        "temperature, °C",
        "hour of day that is forecast",
    ):
        assert texts(stills[name]).count(title) <= 1
    assert "Naive forecast" in words


def test_a_legend_is_for_the_still(charts, stills):
    """On the page the toggles say what is what."""
    words = {
        "errors": ["naive, one delay old", "95 % interval", "one seed or fit"],
        "curves": ["validation", "training", "best epoch"],
        "week": ["truth"],
        "repetition": ["epoch 2", "epoch 3", "the corpus itself", "temperature (0: greedy)"],
    }
    for name, expected in words.items():
        assert set(expected) <= set(texts(stills[name]))
    for chart in charts.values():
        spec = chart.page()["spec"]
        legends = re.findall(r'"legend": (\w+|{)', json.dumps(spec))
        assert legends and set(legends) == {"null"}


def test_colours_are_the_pages(charts, stills):
    for name in ("errors", "curves"):
        found = json.dumps(charts[name].page()["spec"])
        for colour in look.PALETTE[:5]:
            assert colour in found and colour in stills[name]


def test_the_same_data_give_the_same_bytes(charts, stills, tmp_path):
    """Whatever was drawn before: identifiers in the file must not count on."""
    assert "clip-path" in stills["curves"]
    for name in ("curves", "errors", "curves"):
        charts[name].save(tmp_path / "again.svg")
        assert (tmp_path / "again.svg").read_text() == stills[name]


def test_the_stills_week_is_the_middle_of_the_test_part(charts):
    rows = charts["week"].panels["GRU"]
    assert {row["title"] for row in rows} == {"Naive forecast", "truth", "GRU"}
    times = [row["time"] for row in rows if row["title"] == "truth"]
    assert len(times) == 7 * 24
    assert 53 < (times[0] - charts["week"].pack["start"]) / 86_400_000 < 57  # of 110 days


@pytest.mark.parametrize(("minutes", "fewest"), [(1, 500), (0.1, 200)])
def test_a_series_of_few_hours_is_not_thinned_to_a_point_an_hour(
    whole_run, tmp_path, minutes, fewest
):
    folder = tmp_path / "forecast"
    shutil.copytree(whole_run / "forecast", folder)
    with np.load(folder / "series.npz") as saved:
        arrays = dict(saved)
    arrays["interval_minutes"] = np.array(minutes)
    arrays["time"] = arrays["time"][0] + np.arange(len(arrays["time"])) * round(60 * minutes)
    np.savez(folder / "series.npz", **arrays)
    settings = runs.finished(whole_run).settings
    shown = variants.titles(settings), variants.seeds(settings), settings["forecast"]
    spans = {"lookback": "6 minutes", "step": "1 minute", "delay": "2 minutes"}
    times, _, _ = Forecasts(folder, *shown[:2], shown[2] | spans).over_time()
    assert len(times) >= fewest
    assert len(np.unique(times.astype("datetime64[m]"))) == len(times)


def test_titles_may_have_any_character(whole_run, tmp_path):
    """vl-convert aborts the process at one that XML forbids."""
    settings = runs.finished(whole_run).settings
    titles = variants.titles(settings) | {"gru": "a\x01b \ud800 <i>&\"'", "mlp": "漢字 🌦"}
    drawn = Forecasts(
        whole_run / "forecast", titles, variants.seeds(settings), settings["forecast"]
    )
    drawn.curves().save(tmp_path / "curves.svg")
    words = " ".join(texts((tmp_path / "curves.svg").read_text()))
    assert "a\ufffdb \ufffd <i>&\"'" in words and "漢字 🌦" in words


def test_losses_far_above_the_naive_forecast_are_seen(whole_run, tmp_path):
    """A first epoch must not flatten the rest, and where all is far above, all is shown."""

    def higher(table: str) -> str:
        head, *lines = table.splitlines()
        fields = [line.split(",") for line in lines]
        for place, values in enumerate(fields):
            values[1:3] = ["90", "90"] if place == 0 else ["5", "5.5"]
        return "\n".join([head, *map(",".join, fields)]) + "\n"

    chart = edited(whole_run, tmp_path, "*/seed?/history.csv", higher).curves()
    low, high = chart.page()["spec"]["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert low < 1 and 5.5 < high < 20


def test_an_error_far_out_stands_at_the_edge_with_its_value(whole_run, tmp_path):
    def wild(table: str) -> str:
        return re.sub(r"(\ngru,0,test,best,\d+,\d+),[\d.]+,[\d.]+", r"\1,4.5,41.23", table)

    edited(whole_run, tmp_path, "metrics.csv", wild).errors().save(tmp_path / "errors.svg")
    found = texts((tmp_path / "errors.svg").read_text())
    assert "41.2" in found
    assert "40" not in found  # the axis ends long before
