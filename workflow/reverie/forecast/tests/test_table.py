"""People's own files, as they are: encodings, decimal commas, several files, irregular times."""

import re
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from reverie import records
from reverie.config import files
from reverie.config.model import load
from reverie.errors import ReverieError
from reverie.forecast import series
from reverie.forecast import table as tables
from reverie.forecast.tests.tables import (
    ORIGIN,
    SETTINGS,
    SPANS,
    levels,
    prepare,
    sentence,
    table,
    text_of,
)

REPOSITORY = Path(__file__).parents[4]


def same(one: tuple, other: tuple, but=("files", "overlaps", "overlaps_differing")) -> bool:
    """Whether :func:`prepare` gave the same series twice, but for some facts."""
    (arrays, facts), (others, other_facts) = one, other
    equal = [np.array_equal(arrays[key], others[key]) for key in arrays]
    return all(equal) and all(facts[key] == other_facts[key] for key in facts.keys() - {*but})


def commas(frame: pd.DataFrame, **options) -> bytes:
    """The table with semicolons and decimal commas, in Latin-1."""
    return frame.to_csv(None, index=False, sep=";", decimal=",", **options).encode("latin-1")


def zipped(path: Path, content: bytes, member="own.csv") -> str:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, content)
    return path.name


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "UTF8"])
def test_a_table_in_the_encoding_of_the_setting(tmp_path, encoding):
    content = text_of(lambda i, time: f"{time},{i % 7},{i % 5}.25", "when,level,Größe (m²)")
    content = content.decode().encode(encoding)
    _, facts = prepare(tmp_path, content, encoding=encoding)
    assert facts["columns"] == ["level", "Größe (m²)"]
    (tmp_path / "series.npz").unlink()
    if encoding != "UTF8":
        assert sentence(tmp_path, content) == (
            "FOLDER/own.csv is not UTF-8 text; set forecast.series.encoding to the encoding of the file, "
            f"for example {'utf-16' if encoding == 'utf-16' else 'latin-1'}."
        )
    else:
        assert "is not UTF-32 text; set" in sentence(tmp_path, content, encoding="utf-32")


@pytest.mark.parametrize("separator", [";", "\t"])
def test_decimal_commas(tmp_path, separator):
    plain = prepare(tmp_path, table())
    frame = table().assign(station="north, 3")  # a comma that separates nothing
    content = frame.to_csv(None, index=False, sep=separator, decimal=",").encode()
    assert same(prepare(tmp_path, content, decimal=","), plain)
    with_points = prepare(tmp_path, table(), decimal=",")  # no commas between commas
    assert same(with_points, plain)


@pytest.mark.parametrize(
    ("decimal", "cell", "expected"),
    [
        (".", "1,5", "'1,5' in line 9, which is not a number with a decimal point; correct it, set forecast.series."
            'decimal to ",", or name the other columns' ),
        (",", "1.5", "'1.5' in line 9, which is not a number with a decimal comma; correct it, set forecast.series."
            'decimal to ".", or name the other columns' ),
        (",", "1.234,5", "'1.234,5' in line 9; numbers with separators of thousands are not read, so"),
        (".", "1,234.5", "'1,234.5' in line 9; numbers with separators of thousands are not read, so"),
        (",", "-", "'-' in line 9, which is not a number with a decimal comma; correct it, or name"),
    ],
)  # fmt: skip
def test_what_is_no_number_for_the_decimal_mark(tmp_path, decimal, cell, expected):
    def line(i, time):
        number = f"{i % 7}.25".replace(".", decimal)
        return f"{time};{number};{cell if i == 7 else number}"

    content = text_of(line, "when;level;rain")
    assert f"column 'rain' has {expected}" in sentence(tmp_path, content, decimal=decimal)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    holders=st.lists(st.integers(1, 7), min_size=8, max_size=40),
    order=st.permutations(range(3)),
    newest_first=st.lists(st.booleans(), min_size=3, max_size=3),
)
def test_overlapping_files_in_any_order_are_one_table(tmp_path, holders, order, newest_first):
    """Each row is in one to three files, which are turned round and named in any order."""
    frame = table(len(holders))
    frame.loc[::5, "rain"] = np.nan
    frame.to_csv(tmp_path / "whole.csv", index=False)
    parts = []
    for number in order:
        part = frame[[bool(holder >> number & 1) for holder in holders]]
        if len(part):
            part = part[::-1] if newest_first[number] else part
            part.to_csv(tmp_path / f"{number}.csv", index=False)
            parts.append(tmp_path / f"{number}.csv")
    time, values, _, _ = tables.read([tmp_path / "whole.csv"], SETTINGS)
    times, others, places, facts = tables.read(parts, SETTINGS)
    assert np.array_equal(times, time)
    assert np.array_equal(others, values, equal_nan=True)
    assert facts["overlaps"] == sum(map(int.bit_count, holders)) - len(holders)
    assert (facts["overlaps_differing"], facts["files"]) == (0, len(parts))
    for label, moment in times.items():
        path, line = places.of(label)
        text = Path(path).read_text().splitlines()[int(line.removeprefix("line ")) - 1]
        assert text.startswith(f"{moment:%Y-%m-%d %H:%M}")


def test_the_file_that_begins_first_counts_and_what_differs_is_counted(tmp_path):
    frame = table()
    later = frame[250:].copy()
    later.loc[[260, 261, 299], "level"] += 9  # corrected, but too late
    later.to_csv(tmp_path / "later.csv", index=False)
    frame[:300].to_csv(tmp_path / "early.csv", index=False)
    whole = prepare(tmp_path, frame)
    several = prepare(tmp_path, None, name=("later.csv", "early.csv"))
    assert same(several, whole)
    facts = several[1]
    assert (facts["files"], facts["overlaps"], facts["overlaps_differing"]) == (2, 50, 3)


def test_what_is_wrong_with_one_of_several_files_names_it(tmp_path):
    frame = table()
    frame[:200].to_csv(tmp_path / "a.csv", index=False)
    names = ("a.csv", "b.csv")

    def said(frame, **settings) -> str:
        frame.to_csv(tmp_path / "b.csv", index=False)
        return sentence(tmp_path, None, name=names, **settings)

    end = (
        "; name the columns that all files have in forecast.series.columns, or leave the file out."
    )
    more, less = frame[200:].assign(snow=1.0), frame[200:].drop(columns="rain")
    a, b = "FOLDER/a.csv", "FOLDER/b.csv"
    assert said(more) == f"{a} has no column 'snow', which {b} has{end}"
    assert said(less) == f"{b} has no column 'rain', which {a} has{end}"
    prepare(tmp_path, None, name=names, columns=["level"])
    (tmp_path / "series.npz").unlink()
    assert said(frame[:0]) == f"{b} has 0 rows, too few for a series."
    missing = frame[200:].copy()
    missing.loc[[290, 291], "rain"] = np.nan
    newest_first = missing[::-1]  # the earlier of the two is in line 110
    assert said(newest_first).startswith(
        f"{b}: column 'rain' has 2 missing values, the first in line 111; set"
    )
    far = frame[200:].copy()
    far.loc[210, "level"] = 1e30
    assert f"{b}: column 'level' has 1e+30 in line 12, millions" in said(far)
    constant = frame.assign(rain=0.0)
    constant[:200].to_csv(tmp_path / "a.csv", index=False)
    assert f"{a} and 1 more: column 'rain' never changes" in said(constant[200:])


def test_a_column_that_is_numbers_in_one_file_only_is_left_out(tmp_path, capsys):
    frame = table()
    frame[:200].assign(station=3).to_csv(tmp_path / "a.csv", index=False)
    frame[200:].to_csv(tmp_path / "b.csv", index=False)
    _, facts = prepare(tmp_path, None, name=("a.csv", "b.csv"))
    assert facts["left_out"] == ["station"]
    assert "a.csv and 1 more: left out, since they are not numbers: station." in (
        capsys.readouterr().out
    )


def test_newest_first_is_turned_round(tmp_path):
    frame = table()
    assert same(prepare(tmp_path, frame[::-1]), prepare(tmp_path, frame))
    twice = pd.concat([frame[:100], frame[99:]])  # a repeated time, as in the lecture's file
    assert same(prepare(tmp_path, twice[::-1]), prepare(tmp_path, twice))


def test_files_of_different_kinds_are_the_series_of_one(tmp_path):
    """Latin-1 with semicolons and decimal commas, newest first, beside a zip of the usual kind."""
    frame = table().rename(columns={"rain": "rain (l/m²)"})
    frame.loc[270, "rain (l/m²)"] = -9999
    whole = prepare(tmp_path, frame)
    (tmp_path / "b.csv").write_bytes(commas(frame[250:][::-1]))
    zipped(tmp_path / "a.zip", frame[:300].to_csv(None, index=False).encode("latin-1"))
    options = {"encoding": "latin-1", "decimal": ","}
    several = prepare(tmp_path, None, name=("b.csv", "a.zip"), **options)
    assert same(several, whole)
    assert several[1]["overlaps"] == 50


def test_numbers_of_rows_without_a_name_are_no_input(tmp_path):
    """As pandas writes them, once and again; a nameless column that measures something stays."""
    plain = prepare(tmp_path, table())
    table().to_csv(tmp_path / "own.csv")
    assert same(prepare(tmp_path, None, name="own.csv"), plain)
    pd.read_csv(tmp_path / "own.csv").to_csv(tmp_path / "again.csv")
    assert same(prepare(tmp_path, None, name="again.csv"), plain)
    table().set_index(np.arange(400) % 7).to_csv(tmp_path / "week.csv")
    assert "Unnamed: 0" in prepare(tmp_path, None, name="week.csv")[1]["columns"]


@pytest.mark.parametrize("levels", [1, 2])
def test_what_a_parquet_file_may_hold_twice(tmp_path, monkeypatch, levels):
    """An index that is a column, too; or, which is refused, names of columns on two levels."""
    frame = table().assign(when=pd.to_datetime(table()["when"]))
    plain = prepare(tmp_path, table())
    if levels == 1:
        frame = frame.set_index("when", drop=False)
    else:
        frame.columns = pd.MultiIndex.from_product([["gauge"], frame.columns])
    (tmp_path / "own.parquet").write_bytes(b"")
    monkeypatch.setattr(pd, "read_parquet", lambda path: frame)
    if levels == 1:
        assert same(prepare(tmp_path, None, name="own.parquet"), plain)
    else:
        (tmp_path / "series.npz").unlink()
        assert sentence(tmp_path, None, name="own.parquet") == (
            "FOLDER/own.parquet has names of columns on 2 levels; save it with one level."
        )


def test_parquet_needs_pyarrow(tmp_path, monkeypatch):
    for module in ("pyarrow", "fastparquet"):
        monkeypatch.setitem(sys.modules, module, None)
    (tmp_path / "own.parquet").write_bytes(b"PAR1")
    assert sentence(tmp_path, None, name="own.parquet") == (
        "FOLDER/own.parquet can be read only with pyarrow; install it by `.venv/bin/pip install "
        "pyarrow`, or save the table as .csv."
    )


def test_parquet(tmp_path):
    """With times as text, as times with or without a zone, or as the index; text stays text."""
    pytest.importorskip("pyarrow")
    frame, name = table(), "own.parquet"
    plain = prepare(tmp_path, frame)
    time = pd.to_datetime(frame["when"])
    odd = frame.assign(seen=time, notes=[["a"]] * len(frame), count=pd.array([1, None, 3, 4] * 100))
    for written in (
        frame,
        frame.assign(when=time)[::-1],
        frame.assign(when=time.dt.tz_localize("UTC").dt.tz_convert("Asia/Kolkata")),
        frame.assign(when=time).set_index("when"),
    ):
        written.to_parquet(tmp_path / name)
        assert same(prepare(tmp_path, None, name=name), plain)
    odd.to_parquet(tmp_path / name)
    _, facts = prepare(tmp_path, None, name=name, clean=True)
    assert facts["left_out"] == ["station", "seen", "notes"]
    frame.assign(rain=frame["rain"].where(frame.index != 9)).to_parquet(tmp_path / name)
    (tmp_path / "series.npz").unlink()
    assert "1 missing values, the first in row 10;" in sentence(tmp_path, None, name=name)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-9])
    assert "own.parquet cannot be read as .parquet: " in sentence(tmp_path, None, name=name)


@given(
    minutes=st.lists(st.integers(1, 90), min_size=2, max_size=60),
    absent=st.sets(st.integers(0, 59)),
    every=st.sampled_from(["10 minutes", "1 hour", "7 minutes"]),
    cut=st.integers(0, 3000),
)
@example(minutes=[1, 1, 1, 1, 1, 3], absent={5}, every="10 minutes", cut=10)
def test_a_mean_has_nothing_from_later_than_its_time(minutes, absent, every, cut):
    """Against a plain sum over the interval; whatever comes later may change."""
    time = pd.Series(pd.Timestamp("2020-01-01 00:03") + pd.to_timedelta(np.cumsum(minutes), "min"))
    values = np.random.default_rng(0).normal(size=len(time))
    values[[row for row in absent if row < len(time)]] = np.nan
    known = pd.DataFrame({"x": values})
    ends, means = series.resampled(time, known, every)
    length = pd.Timedelta(every)
    assert (ends.diff().dropna() == length).all()
    of_each, spacing = time.dt.ceil(length), time.diff().median()
    first, last = of_each.iloc[0], of_each.iloc[-1]
    kept = (of_each > first) | (time.iloc[0] - (first - length) <= spacing)
    kept &= (of_each < last) | (last - time.iloc[-1] < spacing)
    kept |= not kept.any()
    assert (ends.iloc[0], ends.iloc[-1]) == (of_each[kept].iloc[0], of_each[kept].iloc[-1])
    for end, mean in means["x"].items():
        inside = values[(time > end - length) & (time <= end)]
        inside = inside[~np.isnan(inside)]
        expected = inside.mean() if len(inside) else np.nan
        assert mean == pytest.approx(expected, nan_ok=True)
    moment = pd.Timestamp("2020-01-01") + pd.Timedelta(minutes=cut)
    later = known.mask(time > moment, 1e6)
    _, again = series.resampled(time, later, every)
    # Where a later value is missing, pandas rounds all means otherwise; one of 1e6 would show.
    pd.testing.assert_frame_equal(again[ends <= moment], means[ends <= moment], rtol=1e-12)


def test_irregular_times_become_intervals(tmp_path):
    """Of what was measured; intervals without a measurement are missing, and never scored."""
    frame = table(1600, 5)
    frame.loc[[700, 701, 702], "level"] = -9999  # a whole interval, and a part of another
    frame.loc[720, "level"] = -9999
    generator = np.random.default_rng(0)
    time = pd.to_datetime(frame["when"]) + pd.to_timedelta(generator.integers(-2, 1, 1600), "min")
    frame["when"] = time.dt.strftime("%Y-%m-%d %H:%M")
    frame = frame.drop(index=range(1000, 1031))  # ten intervals, and a part of another
    shuffled = frame.sample(frac=1, random_state=0)
    arrays, facts = prepare(tmp_path, shuffled, (0.5, 0.75), every="15 minutes", clean=True)
    assert (facts["rows"], facts["resampled_rows"], facts["interval_minutes"]) == (533, 1569, 15)
    assert (facts["gaps"], facts["sentinels"]) == (1, 4)
    # What was measured until midnight is a part of the interval that ends then.
    assert arrays["time"][0] == pd.Timestamp("2020-01-01 00:15").timestamp()
    measured = time[frame.index][frame["level"] != -9999]
    ends = pd.Series(measured.dt.ceil("15min").unique())
    expected = pd.to_datetime(arrays["time"], unit="s").isin(ends)
    assert np.array_equal(arrays["measured"], expected)
    assert (~expected).sum() == 11
    assert facts["windows_not_measured"]["val"] > 0
    assert levels(arrays)[239] == pytest.approx(frame["level"][[718, 719]].mean())

    (tmp_path / "series.npz").unlink()
    assert "minutes apart; set forecast.series.every to an interval" in sentence(
        tmp_path, frame, clean=True
    )
    assert re.search(
        r"own.csv: column 'level' has 11 missing values, the first in the interval until 2020-01-03 "
        r"10:\d\d:00; set forecast.series.clean to true",
        sentence(tmp_path, frame, every="15 minutes"),
    )
    spans = SPANS | {"forecast.step": "20 minutes"}
    assert "forecast.step: 20 minutes is 1.333 rows" in sentence(
        tmp_path, frame, spans=spans, every="15 minutes", clean=True
    )
    far = frame.copy()
    far.loc[700, "level"] = 1e30
    assert "own.csv: column 'level' has 1e+30 in line 702, millions of times" in sentence(
        tmp_path, far, every="15 minutes", clean=True
    )
    frame.iloc[-1, 0] = "2220-01-01 00:00"
    assert sentence(tmp_path, frame, every="1 minute") == (
        "forecast.series.every: 2020-01-01 00:00:00 to 2220-01-01 00:00:00 are 105,189,121 intervals "
        "of 1 minute, too many for the memory; choose a longer one, or correct the times."
    )


def test_the_stations_files_of_the_page(tmp_path, monkeypatch):
    """Half-year zips in Latin-1, newest or oldest first, with the page's settings."""
    page = (REPOSITORY / "docs" / "own-series.md").read_text()
    overlay = tmp_path / "station.yaml"
    overlay.write_text(re.search(r"```yaml\n(.*?)```", page, re.S)[1])
    raw, _ = files.read([str(REPOSITORY / "config.yaml"), str(overlay)])
    forecast = load(raw).forecast
    monkeypatch.chdir(tmp_path)
    (tmp_path / "station").mkdir()
    names = ["p (mbar)", "T (degC)", "rh (%)", "SWDR (W/m²)", "PAR (µmol/m²/s)", "Tlog (degC)"]
    for number, (year, half) in enumerate([(2014, "b"), (2015, "a"), (2016, "b"), (2026, "a")]):
        start = pd.Timestamp(year, 1 if half == "a" else 7, 1)
        time = pd.date_range(start, periods=1500, freq="h") + pd.Timedelta(minutes=10)
        generator = np.random.default_rng(number)
        frame = pd.DataFrame(
            generator.normal(9, 1, (1500, 7)).round(2), columns=[*names, "CO2 (ppm)"]
        )
        frame.loc[7, "CO2 (ppm)"] = -9999
        frame.insert(0, "Date Time", time.strftime("%d.%m.%Y %H:%M:%S"))
        frame = frame[::-1] if number % 2 else frame
        name = f"mpi_roof_{year}{half}"
        content = frame.to_csv(None, index=False).encode("latin-1")
        zipped(tmp_path / "station" / f"{name}.zip", content, f"{name}.csv")
    paths = [Path(path) for pattern in forecast.series.path for path in records.matching(pattern)]
    assert [path.stem[-5:] for path in paths] == ["2014b", "2015a", "2016b", "2026a"]
    spans = {f"forecast.{key}": getattr(forecast, key) for key in ("lookback", "step", "delay")}
    series.prepare(
        paths[::-1], forecast.series.model_dump(), forecast.split.model_dump(), spans, 128, ORIGIN,
        tmp_path / "series.npz", tmp_path / "series.json",
    )  # fmt: skip
    with np.load(tmp_path / "series.npz") as arrays:
        assert arrays["columns"].tolist() == [*names, "CO2 (ppm)"]
        assert (arrays["train_end"], arrays["validation_end"]) == (1500, 4500)
        assert (np.diff(arrays["time"]) > 0).all()
        assert arrays["unmeasured"].sum() == 4


def test_hashes_and_names_of_several_files(tmp_path):
    """The hash does not depend on the order in which the files are named."""
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(name)
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    (one, origin), (_, other) = records.sources_of(paths), records.sources_of(paths[::-1])
    assert one == paths
    assert origin["source"] == f"{paths[0]}, {paths[1]}"
    assert origin["sha256"] == other["sha256"]
    (tmp_path / "b.csv").write_text("changed")
    assert records.sources_of(paths)[1]["sha256"] != origin["sha256"]
    assert records.sources_of(paths[:1])[1] == records.source_of(paths[0])[1]


def test_an_unreadable_time_in_a_file_of_several(tmp_path):
    frame = table()
    frame[:200].to_csv(tmp_path / "a.csv", index=False)
    frame.loc[300, "when"] = "yesterday"
    frame[200:].to_csv(tmp_path / "b.csv", index=False)
    with pytest.raises(ReverieError, match=r"b.csv: the time 'yesterday' in line 102 does not"):
        prepare(tmp_path, None, name=("a.csv", "b.csv"))
