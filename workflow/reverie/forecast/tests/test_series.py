"""Reading and normalising a series, and the sentences for what cannot be used."""

import gzip
import lzma

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reverie import assets
from reverie.forecast import moisture, series
from reverie.forecast.tests.tables import (
    SPANS,
    levels,
    prepare,
    refused_windows,
    sentence,
    table,
    text_of,
)


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
    frame = pd.concat([frame, frame.iloc[10:12]]).sample(frac=1, random_state=0)
    arrays, facts = prepare(tmp_path, frame, clean=True)
    assert facts["rows"] == 400
    assert facts["cleaned"]
    assert (facts["duplicates"], facts["sentinels"], facts["missing"]) == (2, 1, 1)
    assert (facts["repeated_values"], facts["mean_values"]) == (2, 0)
    expected = table()["level"].to_numpy(copy=True)
    expected[100:102] = expected[99]  # the last that was measured
    assert np.allclose(levels(arrays), expected, atol=1e-5)
    assert np.flatnonzero(~arrays["measured"]).tolist() == [100, 101]
    assert np.flatnonzero(arrays["unmeasured"]).tolist() == [100, 101]


def test_a_value_is_repeated_for_as_long_as_it_is_said(tmp_path):
    """Twelve rows are three hours; a gap in the rows counts as time, too."""
    frame = table()
    frame.loc[0:1, "level"] = np.nan  # nothing was measured before
    frame.loc[100:119, "level"] = np.nan
    frame.loc[310:311, "level"] = np.nan
    frame = frame.drop(index=range(301, 310))
    arrays, facts = prepare(tmp_path, frame, clean=True)
    expected = frame["level"].ffill(limit=12).to_numpy(copy=True)
    learned = expected[:200][frame["level"][:200].notna()]
    expected[[0, 1, *range(112, 120)]] = learned.mean()
    assert arrays["mean"][0] == pytest.approx(learned.mean())  # of what was measured alone
    assert arrays["std"][0] == pytest.approx(learned.std())
    assert np.allclose(levels(arrays), expected, atol=1e-5)
    assert (facts["repeated_values"], facts["mean_values"]) == (12 + 2, 2 + 8)
    _, facts = prepare(tmp_path, frame, clean=True, fill="1 hour")
    assert (facts["repeated_values"], facts["mean_values"]) == (4, 2 + 16 + 2)


@given(
    absent=st.lists(st.integers(0, 79), max_size=60, unique=True),
    gaps=st.lists(st.integers(0, 79), max_size=30, unique=True),
    span=st.integers(1, 9),
    cut=st.integers(1, 79),
)
def test_what_stands_in_comes_from_the_past_and_is_not_too_old(absent, gaps, span, cut):
    """Against a plain search; whatever comes later may change."""
    values = np.random.default_rng(0).normal(size=80)
    values[absent] = np.nan
    rows = np.setdiff1d(np.arange(80), gaps)
    time = pd.Series(pd.date_range("2020-01-01", periods=80, freq="h"))[rows]
    known = pd.DataFrame({"x": values})
    found = series.filled(time, known.loc[rows], f"{span} hours")["x"]
    for row in rows:
        past = [r for r in rows if row - span <= r <= row and not np.isnan(values[r])]
        expected = values[max(past)] if past else np.nan
        assert np.array_equal(found[row], expected, equal_nan=True)
    other = known.copy()
    other.loc[cut:] = -other.loc[cut:] - 1
    again = series.filled(time, other.loc[rows], f"{span} hours")["x"]
    early = rows[rows < cut]
    assert again[early].equals(found[early])


@pytest.mark.parametrize("clean", [True, False])
def test_windows_without_a_measured_target_or_newest_value_are_left_out(tmp_path, clean):
    """Cleaned or not: a sentinel in the target is no truth. In an input it hinders nothing."""
    frame = table()
    frame.loc[[60, 260, 330, 331], "level"] = -9999
    frame.loc[[150, 350], "rain"] = -9999
    arrays, facts = prepare(tmp_path, frame, clean=clean)
    assert np.flatnonzero(~arrays["measured"]).tolist() == [60, 260, 330, 331]
    step, delay = 2, 4
    counts, dropped = {}, {}
    for split, (low, high) in {"train": (8, 200), "val": (209, 297), "test": (309, 389)}.items():
        level = frame["level"]
        good = [
            all(level[row + offset] != -9999 for offset in (-step, 0, delay))
            for row in range(low, high)
        ]
        counts[split], dropped[split] = sum(good), len(good) - sum(good)
    assert facts["windows"] == counts
    assert facts["windows_not_measured"] == dropped
    learned = level[:200][level[:200] != -9999]
    assert arrays["mean"][0] == pytest.approx(learned.mean())
    assert bool(levels(arrays)[260] == pytest.approx(-9999, rel=1e-4)) is not clean


def test_every_time_twice(tmp_path):
    frame = table()
    twice = frame.loc[frame.index.repeat(2)].reset_index(drop=True)
    twice.loc[1::2, "level"] += 50
    once, _ = prepare(tmp_path, frame, clean=True)
    cleaned, facts = prepare(tmp_path, twice, clean=True)
    assert np.array_equal(cleaned["values"], once["values"])  # the first row of each time
    assert (facts["duplicates"], facts["interval_minutes"]) == (400, 15)
    (tmp_path / "series.npz").unlink()
    assert sentence(tmp_path, twice) == (
        "FOLDER/own.csv: 400 of its 800 rows repeat a time, the first in line 3; set "
        "forecast.series.clean to true, which keeps the first row of each time."
    )
    same = frame.assign(when=frame["when"][0])
    assert "has 1 different times, too few" in sentence(tmp_path, same, clean=True)


def test_yes_and_no_are_numbers(tmp_path):
    wet = table()["rain"] > 1
    arrays, facts = prepare(tmp_path, table().assign(wet=wet, station=wet))
    assert facts["columns"] == ["level", "rain", "station", "wet"]
    assert facts["mean"]["wet"] == pytest.approx(wet[:200].mean())
    assert len(np.unique(arrays["values"][:, 3])) == 2
    some = wet.astype(object)
    some[30] = None
    arrays, _ = prepare(tmp_path, table().assign(wet=some), clean=True)
    assert len(np.unique(arrays["values"][:, 2])) == 2


def test_a_separator_at_the_end_of_lines_adds_nothing(tmp_path):
    plain = text_of(lambda i, time: f"{time},{i % 7},{i % 5}.25")
    for end in (text_of(lambda i, time: f"{time},{i % 7},{i % 5}.25,"),
                text_of(lambda i, time: f"{time},{i % 7},{i % 5}.25,", "when,level,rain,")):  # fmt: skip
        one, facts = prepare(tmp_path, plain)
        two, also = prepare(tmp_path, end)
        assert facts == also
        assert np.array_equal(one["values"], two["values"])


@pytest.mark.parametrize("empty", [b"\n", b"  \n\n"])
def test_empty_lines_at_the_top(tmp_path, empty):
    _, facts = prepare(tmp_path, empty + text_of(lambda i, time: f"{time},{i % 7},{i % 5}.25"))
    assert (facts["rows"], facts["columns"]) == (400, ["level", "rain"])


@pytest.mark.parametrize("row", [7, 390])
@pytest.mark.parametrize("value", [1e15, 1e30, -1e30, 1e300, 1e308])
def test_a_value_that_makes_all_others_alike_is_refused(tmp_path, value, row):
    """In the training rows it spoils mean and standard deviation, in others the errors."""
    for column in ("level", "rain"):
        frame = table()
        frame.loc[row, column] = value
        said = sentence(tmp_path, frame)
        assert said.startswith(
            f"FOLDER/own.csv: column {column!r} has {value:g} in line {row + 2}, millions of times as"
        )
    prepare(tmp_path, frame, sentinels=[value], clean=True)


def test_far_values_that_mean_something_are_taken(tmp_path):
    generator = np.random.default_rng(0)
    frame = table().assign(
        rare=np.where(np.arange(400) % 97 == 5, 1e4, 0.0),
        once=np.where(np.arange(400) == 5, 1e12, 0.0),
        wide=np.exp(generator.normal(0, 3, 400)),
        noise=np.where(np.arange(400) % 24 > 12, 900.0, 1e-12 * generator.normal(size=400)),
        large=1e20 + 1e18 * generator.normal(size=400),
        small=1e-20 * generator.normal(size=400),
    )
    frame.loc[50, "rain"] = -9999  # left in by the lecture
    arrays, facts = prepare(tmp_path, frame)
    assert len(facts["columns"]) == 8
    assert np.isfinite(arrays["values"]).all()


def test_a_column_of_noise_in_training_is_not_the_measure_of_what_follows(tmp_path):
    frame = table().assign(snow=1e-12 * np.random.default_rng(0).normal(size=400))
    frame.loc[350:, "snow"] = 3.0
    assert "column 'snow' has 3 in line 352, millions of times" in sentence(tmp_path, frame)


@pytest.mark.parametrize("value", [273.15, 0.1, -1e-9, 1e12])
def test_a_constant_is_seen_whatever_its_rounding(tmp_path, value):
    """273.15 has a standard deviation of 1e-13; what follows would become 1e15 of them."""
    frame = table().assign(constant=value)
    frame.loc[350:, "constant"] *= 1.1
    assert "column 'constant' never changes in the training rows" in sentence(tmp_path, frame)


def test_a_networks_own_windows_must_fit_the_split(tmp_path):
    spans = {
        "forecast.variants.deep.units-8.lookback": "25 hours",
        "forecast.variants.deep.units-8.step": "15 minutes",
    }
    assert refused_windows(tmp_path, table(), spans).startswith(
        "forecast.split: the val part, rows 201 to 300, is too short for a lookback of 100 rows "
        "(forecast.variants.deep.units-8.lookback) and a batch of 8; move the split, or lower"
    )


def test_windows_that_no_two_networks_share_are_refused_before_training(tmp_path):
    """A target that is measured every other row: one network needs even steps, the other odd."""
    frame = table()
    frame.loc[201::2, "level"] = np.nan
    spans = {"forecast.variants.fine.step": "15 minutes"}
    assert refused_windows(tmp_path, frame, spans, clean=True) == (
        "forecast.split: the val part has no window that every network can use, with its target and "
        "its newest value measured; move the split."
    )


def test_nothing_is_derived_from_what_was_not_measured(tmp_path):
    generator = np.random.default_rng(0)
    usual = {"p (mbar)": 1000, "T (degC)": 10, "VPmax (mbar)": 12, "rh (%)": 70}
    frame = table().assign(**{name: m + generator.normal(size=400) for name, m in usual.items()})
    frame.loc[50, "T (degC)"] = -9999
    made = prepare(tmp_path, frame, derive_moisture=True, clean=True)[0]
    columns = made["columns"].tolist()
    for name in ("T (degC)", "Tpot (K)", "rho (g/m**3)"):
        column = made["values"][:, columns.index(name)]
        assert column[50] == column[49]
    assert made["std"][columns.index("Tpot (K)")] < 5


def test_only_what_a_table_of_the_station_lacks_is_derived(tmp_path):
    generator = np.random.default_rng(0)
    usual = {"p (mbar)": 1000, "T (degC)": 10, "VPmax (mbar)": 12, "rh (%)": 70, "Tpot (K)": 280}
    frame = table().assign(**{name: m + generator.normal(size=400) for name, m in usual.items()})
    _, facts = prepare(tmp_path, frame, derive_moisture=True)
    assert facts["columns"][:7] == ["level", "rain", *usual]
    assert facts["columns"][7:] == moisture.COLUMNS[1:]
    assert facts["mean"]["Tpot (K)"] == pytest.approx(frame["Tpot (K)"][:200].mean())
    _, facts = prepare(tmp_path, frame.drop(columns="rh (%)"), derive_moisture=True)
    assert len(facts["columns"]) == 6


@pytest.mark.parametrize(
    ("part", "rows"), [("validation", slice(190, 305)), ("test", slice(290, 400))]
)
def test_a_target_that_stands_still_is_no_test(tmp_path, part, rows):
    frame = table()
    frame.loc[rows, "level"] = 0.5
    assert f"never differs from the naive forecast in the {part} part" in sentence(tmp_path, frame)


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
            frame.sample(frac=1, random_state=0),
            {},
            "its rows are not in the order of time; sort them, or set",
        ),
        (
            frame.iloc[np.cumsum(np.random.default_rng(0).integers(1, 9, 80)) % 400].sort_index(),
            {},
            "minutes apart; set forecast.series.every to an interval, for example 1 hour, to",
        ),
        (frame.rename(columns={"rain": "level"}), {}, "two columns are named 'level'; rename one"),
        (
            text_of(lambda i, time: f"{time},{i % 7},{i % 5},25"),
            {},
            "line 2 has more values than the 3 columns that its first line names; write numbers",
        ),
        (
            text_of(lambda i, time: f"{time},{i % 7},0" + ",5" * (i > 1)),
            {},
            "line 4 has more values than the 3 columns",
        ),
        (
            text_of(lambda i, time: f"{time},{i % 7},0," + "5" * (i > 1)),
            {},
            "line 4 has more values than the 3 columns",
        ),
        (b"\n<!DOCTYPE html>\n<html><body>Not found</body></html>\n", {}, "is a web page and no"),
        (b"when,level\n" + b"20,1\n" * 9, {}, "the time '20' in line 2 does not follow the format"),
        (b"when,level\n2020-01-01 00:00,1\n,2\n" + b"20,1\n" * 9, {}, "no time in line 3"),
        (frame, {"columns": ["station"]}, "column 'station' has 'north' in line 2"),
        (frame, {"split": (200, 900)}, "forecast.split.validation: 900 lies beyond the series"),
        (frame, {"split": (200, "2031-01-01")}, "2031-01-01 lies outside the series"),
        (frame, {"split": (200, 210)}, "the val part, rows 201 to 210, is too short"),
        (frame, {"split": (5, 210)}, "the train part, rows 0 to 5, is too short"),
        (b"", {}, "cannot be read as a table: No columns to parse from file."),
        (b'when,level\n"2020\n' + b"20,1\n" * 9, {}, "table: EOF inside string starting at row 1."),
        (
            b"\xff\xfe\x00w",
            {},
            "is not UTF-8 text; set forecast.series.encoding to the encoding of the file, for example "
            "utf-16.",
        ),
        (b"when,level\n2020-01-01 00:00,1\n", {}, "own.csv has 1 rows, too few for a series"),
        (b"when,level\n", {}, "own.csv has 0 rows, too few for a series"),
        (
            frame,
            {"time": {"column": "when", "format": "%Q"}},
            "forecast.series.time.format: '%Q' is no format",
        ),
        (
            frame,
            {"time": {"column": "when", "format": "%Y-%Y"}},
            "forecast.series.time.format: '%Y-%Y' is no format",
        ),
        (
            frame.assign(rain=np.nan),
            {"clean": True, "columns": ["rain"]},
            "column 'rain' was never measured",
        ),
        (frame.assign(rain=np.inf), {}, "column 'rain' was never measured"),
        (
            frame.assign(rain=frame["rain"].where(frame.index > 250)),
            {"clean": True},
            "column 'rain' was never measured in the training rows; name",
        ),
    ]:
        said = sentence(tmp_path, broken, **settings)
        assert expected in said
        assert "np." not in said


@pytest.mark.parametrize(
    "cell", ["\0" * 20_000, "7" * 20_000 + "x", "ä,b " * 5_000], ids=["zeros", "digits", "words"]
)
def test_what_a_damaged_file_holds_is_quoted_in_short(tmp_path, cell):
    """A time, a number, a name: the sentence still ends with what to do."""
    frame = table().astype({"rain": object})
    late, odd = frame.copy(), frame.copy()
    late.loc[5, "when"] = cell
    odd.loc[7, "rain"] = cell
    constant = frame.assign(**{cell: 1.0})
    for broken, settings, end in [
        (late, {}, "of forecast.series.time.format."),
        (odd, {}, "or name the other columns in forecast.series.columns."),
        (constant, {}, "name the other columns in forecast.series.columns."),
        (frame.rename(columns={"rain": cell}), {"columns": ["rain"]}, "…, 'station'."),
    ]:
        said = sentence(tmp_path, broken, **settings)
        assert len(said) < 400
        assert said.endswith(end)


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
EXTRACT = assets.EMBEDDED / "jena_hourly_2009_2016.csv.xz"
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


def test_the_embedded_weather_is_the_extract(mirror):
    with gzip.open(mirror / "jena_hourly_2009_2016.csv.gz") as file:
        assert lzma.decompress(EXTRACT.read_bytes()) == file.read()


def test_the_naive_forecasts_of_the_real_extract(tmp_path):
    """The published figures for the lecture's and the exact naive forecast, 0.001 apart at most."""
    from reverie.forecast import evaluation, windows

    arrays, _ = prepare(
        tmp_path,
        None,
        (33_333, 50_000),
        LECTURE_SPANS,
        128,
        EXTRACT,
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
