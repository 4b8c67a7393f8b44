"""The embedded weather sample: the full file's layout, its blemishes, and weather to forecast."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from reverie.forecast import evaluation, moisture, series, windows
from reverie.samples import fit_weather, weather

SETTINGS = {
    "time": {"column": "Date Time", "format": "%d.%m.%Y %H:%M:%S"},
    "target": "T (degC)",
    "unit": "°C",
    "columns": None,
    "derive_moisture": False,
    "sentinels": [-9999.0],
    "clean": False,
    "fill": "3 hours",
}
SPANS = {"forecast.lookback": "10 days", "forecast.step": "1 hour", "forecast.delay": "24 hours"}


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    weather.write(folder / "weather.csv")
    split = {"train": 200_000, "validation": 300_000}
    origin = {"source": "", "sha256": "", "sample": True}
    arrays, facts = folder / "series.npz", folder / "series.json"
    series.prepare(folder / "weather.csv", SETTINGS, split, SPANS, 128, origin, arrays, facts)
    return folder, json.loads(facts.read_text())


def test_it_has_the_full_files_shape_and_blemishes(sample):
    _, facts = sample
    assert facts["rows"] == 420_551
    assert facts["columns"] == [
        "p (mbar)",
        "T (degC)",
        "Tpot (K)",
        "Tdew (degC)",
        "rh (%)",
        "VPmax (mbar)",
        "VPact (mbar)",
        "VPdef (mbar)",
        "sh (g/kg)",
        "H2OC (mmol/mol)",
        "rho (g/m**3)",
        "wv (m/s)",
        "max. wv (m/s)",
        "wd (deg)",
    ]
    assert (facts["first"], facts["last"]) == ("2009-01-01 00:10:00", "2017-01-01 00:00:00")
    assert facts["interval_minutes"] == 10
    assert facts["duplicates"] == 327
    assert facts["gaps"] == len(weather.GAPS)
    assert facts["sentinels_by_column"] == weather.SENTINELS
    assert (facts["windows"]["val"], facts["windows"]["test"]) == (98_432, 118_912)


def test_the_naive_forecast_errs_as_in_jena(sample):
    folder, _ = sample
    target = evaluation.read_target(folder / "series.npz", "10 days", "1 hour", "24 hours")
    parts = windows.parts(200_000, 300_000, 420_551, 144)
    rows = windows.evaluation_rows(parts["val"], 1440, 128)
    assert 0.27 < target.errors(target.naive(rows), rows).mean() < 0.31


def test_there_is_more_to_know_than_yesterday(sample):
    """Least squares on the last two days already beats the naive forecast, so a network can."""
    folder, _ = sample
    with np.load(folder / "series.npz", allow_pickle=False) as saved:
        values, column = saved["values"], int(saved["target"])

    def design(rows):
        inputs = values[rows[:, None] - np.arange(6, 289, 18), :11]
        return np.column_stack([inputs.reshape(len(rows), -1), np.ones(len(rows))])

    train = np.arange(1440, 199_000, 37)
    weights, *_ = np.linalg.lstsq(design(train), values[train + 144, column], rcond=None)
    rows = np.arange(201_441, 299_000, 11)
    error = np.abs(design(rows) @ weights - values[rows + 144, column]).mean()
    naive = np.abs(values[rows - 6, column] - values[rows + 144, column]).mean()
    assert error < 0.97 * naive


def test_its_columns_obey_physics(sample):
    folder, _ = sample
    table = pd.read_csv(folder / "weather.csv", nrows=50_000)
    assert table["rh (%)"].between(0, 100).all()
    assert (table["Tdew (degC)"] <= table["T (degC)"] + 0.01).all()
    saturation = moisture.saturation_pressure(table["T (degC)"])
    assert np.allclose(saturation, table["VPmax (mbar)"], atol=0.03)
    assert table["wd (deg)"].between(0, 360).all()
    assert (table["wv (m/s)"] >= 0).all()


def test_the_same_seed_gives_the_same_bytes(tmp_path, monkeypatch):
    """Of the first nineteen months, in which all kinds of blemishes are."""
    monkeypatch.setattr(weather, "LAST", np.datetime64("2010-08-01T00:00:00"))
    monkeypatch.setattr(weather, "GAPS", {"2009-10-08T09:10": 2})
    monkeypatch.setattr(weather, "SENTINELS_FROM", "2010-07-26T12:00")
    for name, seed in (("first", 0), ("again", 0), ("other", 1)):
        weather.write(tmp_path / name, seed)
    assert (tmp_path / "again").read_bytes() == (tmp_path / "first").read_bytes()
    temperatures = [
        pd.read_csv(tmp_path / name, usecols=["T (degC)"]) for name in ("first", "other")
    ]
    assert not temperatures[0].equals(temperatures[1])


def test_times_are_written_as_in_the_file():
    times = np.array(["2009-01-01T00:10:00", "2016-12-31T23:50:00"], "datetime64[s]")
    assert weather.formatted(times).tolist() == ["01.01.2009 00:10:00", "31.12.2016 23:50:00"]


def test_its_coefficients_are_those_of_the_real_extract(mirror, tmp_path):
    """`weather.json` is what `fit_weather.py` makes of the file today."""
    fit_weather.main(mirror / "jena_hourly_2009_2016.csv.gz", tmp_path / "weather.json")
    assert differences(tmp_path / "weather.json") == pytest.approx([0] * 5, abs=2e-6)


def test_fitting_the_sample_finds_what_it_was_drawn_from(sample, tmp_path):
    folder, _ = sample
    table = pd.read_csv(folder / "weather.csv").drop_duplicates("Date Time")
    hourly = table["Date Time"].str.endswith("00:00") & (table["wv (m/s)"] >= 0)
    table[hourly].to_csv(tmp_path / "hourly.csv", index=False)
    fit_weather.main(tmp_path / "hourly.csv", tmp_path / "weather.json")
    cycle, lagged, *_ = differences(tmp_path / "weather.json")
    assert cycle < 0.06
    assert lagged < 0.35


def differences(file) -> list[float]:
    """Of each array from the embedded one, relative to its size; of its worst column."""
    found, embedded = (
        json.loads(path.read_text())
        for path in (file, Path(fit_weather.__file__).with_name("weather.json"))
    )
    assert found.keys() == embedded.keys()
    norm = np.linalg.norm
    return [
        np.max(norm(np.subtract(found[name], values), axis=0) / norm(values, axis=0))
        for name, values in embedded.items()
    ]
