"""Runs side by side: what differs, errors paired by window, and sentences for mistakes."""

import json
import re
import shutil

import numpy as np
import pytest
from reverie.errors import ReverieError
from reverie.forecast.report import compare as forecasts
from reverie.report import compare
from reverie.report import run as runs


@pytest.fixture
def two(whole_run, tmp_path):
    """Two runs of which the second is a worse one, with another setting."""
    folders = [tmp_path / "results" / name for name in ("one", "two")]
    for folder in folders:
        shutil.copytree(whole_run, folder)
    for seed in (0, 1):
        file = folders[1] / "forecast" / "gru" / f"seed{seed}" / "predictions_test.npz"
        with np.load(file) as saved:
            arrays = dict(saved)
        arrays["prediction"] = arrays["target"] + 1.5 * (arrays["prediction"] - arrays["target"])
        np.savez(file, **arrays)
    facts = json.loads((folders[1] / "provenance.json").read_text())
    facts["config"]["forecast"]["batch"] = 64
    facts["config"]["dream"]["pictures"]["flowers"]["layers"] = {"mixed3": 1.0, "mixed5": 2.0}
    (folders[1] / "provenance.json").write_text(json.dumps(facts))
    return folders


def test_errors_are_paired_window_by_window(two):
    found = [runs.finished(folder) for folder in two]
    rows = {row["title"]: row["runs"] for row in forecasts.metrics(found)}
    change = rows["GRU"]["two"]["change"]
    assert change["size"] == pytest.approx(0.5, abs=1e-4)
    assert 0.2 < change["low"] < 0.5 < change["high"] < 0.8  # every window by the same factor
    assert rows["GRU"]["one"]["change"] is None
    assert rows["LSTM" if "LSTM" in rows else "1D convnet"]["two"]["change"]["size"] == 0
    assert rows["Naive"]["one"]["mae"] == rows["Naive"]["two"]["mae"]


def test_every_run_has_its_own_unit(two):
    facts = json.loads((two[1] / "provenance.json").read_text())
    facts["config"]["forecast"]["series"]["unit"] = "feet"
    (two[1] / "provenance.json").write_text(json.dumps(facts))
    page = compare.write(two).read_text()
    units = re.findall(r"<small>\S+ (°C|feet)", page)
    assert units[:4] == ["°C", "feet"] * 2


@pytest.mark.parametrize("change", [{"sha256": "other"}, {"rows": 2879}])
def test_other_data_are_not_paired(two, change):
    facts = json.loads((two[1] / "forecast" / "series.json").read_text())
    (two[1] / "forecast" / "series.json").write_text(json.dumps(facts | change))
    found = [runs.finished(folder) for folder in two]
    assert not forecasts.same_series(found)
    assert all(row["runs"]["two"]["change"] is None for row in forecasts.metrics(found))
    assert "not paired" in compare.write(two).read_text()


def test_what_differs_is_told(two):
    found = [runs.finished(folder) for folder in two]
    changed = dict(compare.changed(found))
    assert changed["forecast.batch"] == [128, 64]
    assert changed["dream.pictures.flowers.layers.mixed5"] == [1.5, 2.0]
    assert changed["dream.pictures.flowers.layers.mixed2"] == [0.2, None]
    assert len(changed) == 5


def test_the_page_has_all_of_it(two):
    file = compare.write(two)
    assert file == two[0].parent / "compare" / "one-vs-two.html"
    page = file.read_text()
    for words in (
        "one vs two</h1>",
        "forecast.batch",
        "+50.0 %",
        "<h2>Samples</h2>",
        "Seen in the clouds",
    ):
        assert words in page
    assert "<script>alert" not in page
    before = sorted(path for folder in two for path in folder.rglob("*"))
    assert not [path for path in before if path.suffix == ".html" and path.name != "report.html"]


def test_three_runs_and_parts_that_some_lack(two, whole_run):
    third = two[0].parent / "three"
    shutil.copytree(whole_run, third)
    shutil.rmtree(third / "text")
    (third / "dream" / "sky.png").unlink()
    page = compare.write([*two, third]).read_text()
    assert "three is not finished" in page
    assert "text: nothing is written yet" in page


def test_runs_without_networks(two):
    for folder in two:
        facts = json.loads((folder / "provenance.json").read_text())
        facts["config"]["forecast"]["select"] = ["linear"]
        facts["config"]["parts"] = ["forecast"]
        (folder / "provenance.json").write_text(json.dumps(facts))
    assert "These runs train no network." in compare.write(two).read_text()


def test_mistakes_end_in_a_sentence(two):
    with pytest.raises(ReverieError, match="two or more different runs, not one and one"):
        compare.write([two[0], two[0]])
    with pytest.raises(ReverieError, match="two or more different runs, not one; name"):
        compare.write([two[0]])
    with pytest.raises(ReverieError, match="is not the folder of a run"):
        compare.write([two[0], two[0].parent / "nowhere"])


def test_runs_without_a_window_in_common_are_not_paired(two):
    for file in (two[1] / "forecast" / "gru").glob("seed*/predictions_test.npz"):
        with np.load(file) as saved:
            arrays = dict(saved)
        np.savez(file, **arrays | {"row": arrays["row"] + 100_000})
    found = [runs.finished(folder) for folder in two]
    rows = {row["title"]: row["runs"] for row in forecasts.metrics(found)}
    assert rows["GRU"]["two"]["change"] is None
    assert rows["1D convnet"]["two"]["change"]["size"] == 0
