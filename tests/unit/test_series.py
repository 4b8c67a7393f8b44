"""Reading and normalising a series, and the sentences for what cannot be used."""

import json

import numpy as np
import pandas as pd
import pytest
from reverie.errors import ReverieError
from reverie.forecast import series

SPANS = {"forecast.lookback": "2 hours", "forecast.step": "30 minutes", "forecast.delay": "1 hour"}
SETTINGS = {
    "time": {"column": "when", "format": "%Y-%m-%d %H:%M"},
    "target": "level",
    "unit": "m",
    "columns": None,
    "derive_moisture": False,
    "sentinels": [-9999.0],
    "clean": False,
}
ORIGIN = {"source": "somewhere", "sha256": "0", "sample": False}


def table(rows=400, minutes=15) -> pd.DataFrame:
    time = pd.date_range("2020-01-01", periods=rows, freq=f"{minutes}min")
    generator = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "when": time.strftime("%Y-%m-%d %H:%M"),
            "level": np.sin(np.arange(rows) / 10) + generator.normal(0, 0.1, rows),
            "rain": generator.gamma(1, 1, rows),
            "station": "north",
        }
    )


def prepare(tmp_path, frame, split=(200, 300), spans=SPANS, batch=8, name="own.csv", **settings):
    path = tmp_path / name
    if isinstance(frame, pd.DataFrame):
        frame.to_csv(path, index=False)
    elif frame is not None:
        path.write_bytes(frame)
    arrays, facts = tmp_path / "series.npz", tmp_path / "series.json"
    parts = dict(zip(("train", "validation"), split, strict=True))
    series.prepare(path, SETTINGS | settings, parts, spans, batch, ORIGIN, arrays, facts)
    with np.load(arrays, allow_pickle=False) as saved:
        return {key: saved[key] for key in saved.files}, json.loads(facts.read_text())


def sentence(tmp_path, *arguments, **settings) -> str:
    with pytest.raises(ReverieError) as error:
        prepare(tmp_path, *arguments, **settings)
    assert not (tmp_path / "series.npz").exists()
    return str(error.value).replace(str(tmp_path), "FOLDER")


def test_normalised_by_the_training_rows_only(tmp_path):
    frame = table()
    frame.loc[200:, "level"] += 100  # what comes after training must not matter
    arrays, facts = prepare(tmp_path, frame)
    values = frame[["level", "rain"]].to_numpy()
    mean, std = values[:200].mean(axis=0), values[:200].std(axis=0)
    assert np.allclose(arrays["values"], (values - mean) / std, atol=1e-5)
    assert arrays["values"][:200].mean(axis=0) == pytest.approx([0, 0], abs=1e-5)
    assert arrays["values"].dtype == np.float32
    assert facts["columns"] == ["level", "rain"]
    assert facts["mean"]["level"] == pytest.approx(mean[0])
    assert facts["std"]["rain"] == pytest.approx(std[1])
    assert facts["windows"] == {"train": 192, "val": 88, "test": 80}
    assert facts["interval_minutes"] == 15
    assert facts["rows"] == 400
    assert (facts["source"], facts["sha256"], facts["sample"]) == ("somewhere", "0", False)
    assert facts["first"] == "2020-01-01 00:00:00"
    assert arrays["time"][1] - arrays["time"][0] == 15 * 60


@pytest.mark.parametrize(
    "split",
    [
        (200, 300),
        (0.5, 0.75),
        ("2020-01-03 02:00", "2020-01-04T03:00:00"),
        ("2020-01-03T03:00+01:00", "2020-01-04T04:00+01:00"),
    ],
)
def test_a_split_by_rows_fractions_or_dates(tmp_path, split):
    arrays, _ = prepare(tmp_path, table(), split)
    assert (arrays["train_end"], arrays["validation_end"]) == (200, 300)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["csv", "csv.gz"])
def test_separators_and_packing(tmp_path, separator, ending):
    name = f"own.{ending}"
    table().to_csv(tmp_path / name, index=False, sep=separator)
    _, facts = prepare(tmp_path, None, name=name)
    assert facts["columns"] == ["level", "rain"]


def test_blemishes_are_counted(tmp_path):
    frame = table()
    frame.loc[[50, 51, 120], "rain"] = -9999
    frame = frame.drop(index=range(70, 90)).drop(index=[230])
    frame = pd.concat([frame.iloc[:100], frame.iloc[95:100], frame.iloc[100:]])
    _, facts = prepare(tmp_path, frame)
    assert facts["duplicates"] == 5
    assert facts["backward_steps"] == 1
    assert facts["gaps"] == 2
    assert facts["longest_gap_hours"] == 21 * 15 / 60
    assert facts["sentinels"] == 3
    assert facts["sentinels_by_column"] == {"rain": 3}
    assert facts["rows"] == 400 - 21 + 5


def test_cleaning_repairs_what_it_says(tmp_path):
    frame = table()
    frame.loc[100, "level"] = -9999
    frame.loc[101, "level"] = np.nan
    frame = (
        pd.concat([frame, frame.iloc[10:12]])
        .sample(frac=1, random_state=0)
        .sort_values("when", kind="stable")
    )
    arrays, facts = prepare(tmp_path, frame, clean=True)
    assert facts["rows"] == 400
    assert facts["cleaned"]
    assert (facts["duplicates"], facts["sentinels"], facts["missing"]) == (2, 1, 1)
    level = arrays["values"][:, 0] * arrays["std"][0] + arrays["mean"][0]
    before, after = table()["level"][[99, 102]]
    assert level[100] == pytest.approx(before + (after - before) / 3, abs=1e-5)
    assert level[101] == pytest.approx(before + 2 * (after - before) / 3, abs=1e-5)


def test_gaps_are_not_filled_by_cleaning(tmp_path):
    _, facts = prepare(tmp_path, table().drop(index=range(70, 90)), clean=True)
    assert facts["rows"] == 380


def test_the_target_is_always_among_the_columns(tmp_path):
    _, facts = prepare(tmp_path, table(), columns=["rain"])
    assert facts["columns"] == ["rain", "level"]


def test_what_cannot_be_used_has_a_sentence(tmp_path):
    frame = table()
    text = frame.astype({"rain": object})
    text.loc[7, "rain"] = "a lot"
    constant = frame.assign(rain=1.0)
    missing = frame.copy()
    missing.loc[30, "rain"] = np.nan
    odd = frame.copy()
    odd.loc[5, "when"] = "yesterday"
    for broken, settings, expected in [
        (frame, {"target": "depth"}, "there is no column 'depth' (forecast.series.target); it has"),
        (frame, {"columns": ["snow"]}, "there is no column 'snow' (forecast.series.columns)"),
        (
            frame,
            {"time": {"column": "date", "format": "ISO8601"}},
            "there is no column 'date' (forecast.series.time.column)",
        ),
        (odd, {}, "the time 'yesterday' in line 7 does not follow the format '%Y-%m-%d %H:%M'"),
        (text, {"columns": ["rain"]}, "column 'rain' has 'a lot' in line 9, which is not a number"),
        (constant, {}, "column 'rain' never changes in the training rows"),
        (missing, {}, "column 'rain' has 1 missing values, the first in line 32; set"),
        (
            frame,
            {"derive_moisture": True},
            "no column 'p (mbar)' (forecast.series.derive_moisture)",
        ),
        (frame.iloc[::-1], {}, "its rows are not in the order of time"),
        (frame, {"split": (200, 900)}, "forecast.split.validation: 900 lies beyond the series"),
        (frame, {"split": (200, "2031-01-01")}, "2031-01-01 lies outside the series"),
        (frame, {"split": (200, 210)}, "the val part, rows 201 to 210, is too short"),
        (frame, {"split": (5, 210)}, "the train part, rows 0 to 5, is too short"),
        (b"", {}, "cannot be read as a table"),
        (b"\xff\xfe\x00w", {}, "is not UTF-8 text"),
        (b"when,level\n2020-01-01 00:00,1\n", {}, "own.csv has 1 rows, too few for a series"),
        (b"when,level\n", {}, "own.csv has 0 rows, too few for a series"),
        (
            frame,
            {"time": {"column": "when", "format": "%Q"}},
            "forecast.series.time.format: '%Q' is no format",
        ),
        (
            frame.assign(rain=np.nan),
            {"clean": True, "columns": ["rain"]},
            "column 'rain' was never measured",
        ),
        (frame.assign(rain=np.inf), {}, "column 'rain' was never measured"),
    ]:
        assert expected in sentence(tmp_path, broken, **settings)


def test_columns_of_text_are_named_and_almost_numbers_refused(tmp_path, capsys):
    _, facts = prepare(tmp_path, table())
    assert facts["left_out"] == ["station"]
    assert "left out, since they are not numbers: station." in capsys.readouterr().out
    frame = table().astype({"rain": object})
    frame.loc[7, "rain"] = "-"
    (tmp_path / "series.npz").unlink()
    assert "column 'rain' has '-' in line 9" in sentence(tmp_path, frame)


def test_a_missing_file_has_a_sentence(tmp_path):
    said = sentence(tmp_path, None, name="nowhere.csv")
    assert said == "FOLDER/nowhere.csv does not exist; forecast.series.path must name it."


def test_a_duration_that_does_not_fit_the_rows(tmp_path):
    said = sentence(tmp_path, table(), spans=SPANS | {"forecast.step": "20 minutes"})
    assert "forecast.step: 20 minutes is 1.333 rows of this series" in said


def test_times_with_zones_and_iso_format(tmp_path):
    frame = table()
    frame["when"] = frame["when"].str.replace(" ", "T") + ":00+01:00"
    _, facts = prepare(tmp_path, frame, time={"column": "when", "format": "ISO8601"})
    assert facts["first"] == "2019-12-31 23:00:00"


JENA = {
    "time": {"column": "Date Time", "format": "%d.%m.%Y %H:%M:%S"},
    "target": "T (degC)",
    "unit": "°C",
}
LECTURE_SPANS = {
    "forecast.lookback": "10 days",
    "forecast.step": "1 hour",
    "forecast.delay": "24 hours",
}


def test_the_real_layout_of_the_full_file(tmp_path, mirror):
    """A year of the station's own ten-minute table, with the blemishes the mirror's page names."""
    arrays, facts = prepare(
        tmp_path, None, (0.5, 0.75), LECTURE_SPANS, 128, mirror / "jena_10min_2020.csv.gz", **JENA
    )
    assert facts["rows"] == 52_696
    assert len(facts["columns"]) == 14
    assert (facts["duplicates"], facts["sentinels_by_column"]) == (1, {"wv (m/s)": 1})
    assert facts["gaps"] == 1
    assert facts["longest_gap_hours"] == pytest.approx(100 / 60)
    assert arrays["values"].shape == (52_696, 14)


def test_the_naive_forecasts_of_the_real_extract(tmp_path, mirror):
    """The published figures for the lecture's and the exact naive forecast, 0.001 apart at most."""
    from reverie.forecast import evaluation, windows

    arrays, _ = prepare(
        tmp_path,
        None,
        (33_333, 50_000),
        LECTURE_SPANS,
        128,
        mirror / "jena_hourly_2009_2016.csv.gz",
        derive_moisture=True,
        **JENA,
    )
    target = evaluation.read_target(tmp_path / "series.npz", "10 days", "1 hour", "24 hours")
    parts = windows.parts(33_333, 50_000, len(arrays["values"]), 24)
    found = {}
    for split in ("val", "test"):
        rows = windows.evaluation_rows(parts[split], 240, 128)
        for name in ("naive", "naive_delay"):
            found[name, split] = target.errors(getattr(target, name)(rows), rows).mean()
    assert found == pytest.approx(
        {
            ("naive", "val"): 0.2893,
            ("naive", "test"): 0.3055,
            ("naive_delay", "val"): 0.2774,
            ("naive_delay", "test"): 0.2928,
        },
        abs=1e-3,
    )
    assert found["naive", "val"] * target.std == pytest.approx(2.56, abs=0.01)
