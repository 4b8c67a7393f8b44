"""What is guessed of a series: the reader gets the same times and values back, or a question is asked."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from checkouts import REPOSITORY
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from reverie import durations
from reverie.bootstrap import FEWEST
from reverie.config.files import merged
from reverie.config.model import load
from reverie.errors import ReverieError
from reverie.forecast import series as reader
from reverie.forecast import windows
from reverie.own import overlay, series, times

BASE = yaml.safe_load((REPOSITORY / "config.yaml").read_text())
SAME_FOLDER = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
ORIGIN = {"source": "somewhere", "sha256": "0", "sample": False}
FORMATS = [
    "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M", "%d.%m.%Y %H:%M", "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M %p", "%d-%m-%y %H:%M", "%Y%m%d%H%M", "%Y-%m-%d %H:%M:%S+00:00", "%d %b %Y %H:%M",
]  # fmt: skip


def guessed(path, **arguments) -> dict:
    """The whole configuration, checked, with the overlay for the file."""
    tree = series.guesses({"SERIES": str(path)} | arguments, BASE)
    return load(merged(BASE, yaml.safe_load(overlay.written(tree)))).model_dump(mode="json")


def sentence(path, **arguments) -> str:
    with pytest.raises(ReverieError) as error:
        guessed(path, **arguments)
    return str(error.value).replace(str(path), "FILE")


def gauge(rows=800, freq="15min", start="2021-03-05", style="%Y-%m-%d %H:%M") -> pd.DataFrame:
    generator = np.random.default_rng(0)
    time = pd.date_range(start, periods=rows, freq=freq)
    level = 2 + np.sin(np.arange(rows) / 48) + generator.normal(0, 0.1, rows)
    rain = generator.gamma(0.1, 1, rows)
    columns = {"time": time.strftime(style), "level_m": level.round(3), "rain_mm": rain.round(3)}
    return pd.DataFrame(columns)


def prepared(tmp_path, path, whole: dict) -> tuple[dict, dict]:
    """What the workflow's first job makes of the file with these settings."""
    forecast = whole["forecast"]
    spans = {f"forecast.{key}": forecast[key] for key in ("lookback", "step", "delay")}
    spans |= {
        f"forecast.variants.{name}.{key}": variant[key]
        for name, variant in forecast["variants"].items()
        for key in ("lookback", "step")
        if variant[key]
    }
    arrays, facts = tmp_path / "series.npz", tmp_path / "series.json"
    reader.prepare(
        [Path(path)], forecast["series"], forecast["split"], spans, forecast["batch"], ORIGIN, arrays, facts
    )  # fmt: skip
    with np.load(arrays, allow_pickle=False) as saved:
        return {key: saved[key] for key in saved.files}, json.loads(facts.read_text())


@SAME_FOLDER
@given(
    start=st.datetimes(pd.Timestamp("1971-01-01"), pd.Timestamp("2060-01-01")),
    minutes=st.sampled_from([1, 7, 10, 15, 60, 180, 1440]),
    style=st.sampled_from(FORMATS),
    separator=st.sampled_from(",;\t"),
    decimal=st.sampled_from(".,"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"]),
    turned=st.booleans(),
)
def test_the_reader_gets_the_same_back(
    tmp_path, start, minutes, style, separator, decimal, encoding, turned
):
    start = pd.Timestamp(start).floor("D")
    frame = gauge(800, f"{minutes}min", start, style).rename(columns={"level_m": "Höhe (m)"})
    frame["place"] = "Zürich"
    path = tmp_path / "own.csv"
    order = frame[::-1] if turned else frame
    order.to_csv(path, sep=separator, decimal=decimal, encoding=encoding, index=False)
    time = pd.date_range(start, periods=800, freq=f"{minutes}min")
    answer = {}
    unclear = (time.day <= 12).all() and (time.day != time.month).any()
    if unclear and style[:5] in ("%d.%m", "%d/%m", "%m/%d", "%d-%m"):
        assert "say FORMAT=" in sentence(path, TARGET="Höhe (m)")
        answer = {"FORMAT": style}
    if style == "%d-%m-%y %H:%M" and len(times.formats(frame["time"])) > 1:
        answer = {"FORMAT": style}
    whole = guessed(path, TARGET="Höhe (m)", **answer)
    arrays, facts = prepared(tmp_path, path, whole)
    assert (arrays["time"] == time.astype("datetime64[s]").astype(np.int64)).all()
    values = arrays["values"] * arrays["std"] + arrays["mean"]
    assert facts["columns"] == ["Höhe (m)", "rain_mm"]
    assert np.allclose(values, frame[facts["columns"]], atol=1e-4)
    assert (facts["interval_minutes"], facts["unit"]) == (minutes, "m")
    assert not whole["forecast"]["series"]["clean"]
    assert min(facts["windows"].values()) > 0


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_several_files_in_utf_16(tmp_path, encoding):
    for half in (0, 1):
        frame = gauge(800).iloc[400 * half :][:400]
        frame.to_csv(tmp_path / f"{half}.csv", encoding=encoding, index=False)
    whole = guessed(tmp_path / "*.csv", TARGET="level_m", ENCODING=encoding)
    assert whole["forecast"]["series"]["encoding"] == encoding
    with pytest.raises(ReverieError, match="cannot be read with ENCODING=utf-32: "):
        guessed(tmp_path / "*.csv", TARGET="level_m", ENCODING="utf-32")


@SAME_FOLDER
@given(
    days=st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), min_size=3, max_size=40),
    style=st.sampled_from(["%d.%m.%Y", "%m/%d/%Y %H:%M", "%d-%m-%Y %H:%M:%S", "%m/%d/%y", "%d.%m.%y"]),
)  # fmt: skip
def test_a_day_that_may_be_a_month_is_always_asked_for(days, style):
    dates = pd.Series([pd.Timestamp(2021, month, day).strftime(style) for day, month in days])
    assume(dates.nunique() > 2 and any(day != month for day, month in days))
    swapped = style.replace("%d", "%x").replace("%m", "%d").replace("%x", "%m")
    assert set(times.formats(dates)) >= {style, swapped}
    table = pd.DataFrame({"when": dates})
    with pytest.raises(ReverieError, match=r"can be read in \d ways; say FORMAT='?%") as error:
        times.guess("own.csv", table, None, None)
    assert style in str(error.value) and swapped in str(error.value)
    assert times.guess("own.csv", table, None, style)["format"].value == style
    later = pd.Timestamp(2021, 5, 13).strftime(style)
    decided = times.formats(pd.concat([dates, pd.Series([later])]))
    assert style in decided and swapped not in decided


@SAME_FOLDER
@given(
    rows=st.integers(series.FEWEST_ROWS, 500_000),
    interval=st.sampled_from([1 / 60, 0.5, 1, 7, 10, 15, 60, 360, 1440, 10080, 44640]),
)
def test_windows_fit_any_series(rows, interval):
    lengths, spans = series.windows("own.csv", rows, interval, {})
    split = series.parts(np.ones(rows, bool), interval, lengths)
    own = series.forecasters(BASE, rows * split["split"]["train"].value, lengths, interval)
    tree = {"forecast": split | spans | own}
    forecast = load(merged(BASE, yaml.safe_load(overlay.written(tree)))).forecast
    for text in (
        forecast.lookback,
        forecast.step,
        forecast.delay,
        forecast.variants["conv1d_gru"].step,
    ):
        durations.rows(text, interval, "x")
    assert 70 <= lengths["lookback"] / lengths["step"] <= 260
    boundaries = [
        0,
        round(forecast.split.train * rows),
        round(forecast.split.validation * rows),
        rows,
    ]
    for low, high in zip(boundaries[1:], boundaries[2:], strict=False):
        assert high - low - lengths["lookback"] - lengths["delay"] > 2 * forecast.batch - 5
    test = (rows - boundaries[2] - lengths["lookback"]) * interval / 1440
    if "too short" not in split["split"]["validation"].reason:
        assert test >= 15 * max(7, 3 * lengths["delay"] * interval / 1440)


@pytest.mark.parametrize(
    ("windows", "units", "steps"),
    [(49, 0, None), (50, 8, 40), (299, 8, 40), (300, 16, 80), (1000, 32, 160)],
)
def test_networks_are_of_a_size_that_suits_the_windows(windows, units, steps):
    lengths, spans = series.windows("own.csv", 200 * windows, 60, {"DELAY": "1 day"})
    tree = {"forecast": spans | series.forecasters(BASE, 24 * windows + 23, lengths, 60)}
    forecast = load(merged(BASE, yaml.safe_load(overlay.written(tree)))).forecast
    cheap = ["climatology", "linear", "trees", "blend"]
    if not units:
        assert forecast.select == cheap
        reason = tree["forecast"]["select"].reason
        assert reason == (
            "no network, which would learn 49 training windows a delay apart by heart; a small "
            "one needs 50"
        )
        return
    assert forecast.select == ["gru_change", "conv1d_change", *cheap]
    assert (forecast.steps, forecast.max_epochs, forecast.patience) == (steps, 20, 4)
    for name in forecast.select[:2]:
        variant = forecast.variants[name]
        (arguments,) = variant.layers[0].values()
        assert units in arguments.values()
        assert (variant.residual, variant.calendar) == ("climatology", windows > 730)


def test_a_selection_of_the_users_own_stays():
    lengths, _ = series.windows("own.csv", 9000, 60, {})
    base = merged(BASE, {"forecast": {"select": ["gru", "linear"]}})
    assert series.forecasters(base, 5000, lengths, 60).keys() == {"variants"}
    lengths["lookback"] = 60
    kept = series.forecasters(base, 5000, lengths, 60)["select"]
    assert kept.value == ["gru", "linear"] and kept.reason == "convnets need windows of 70 values"


@pytest.mark.parametrize(
    ("days", "shares"),
    [(90, (0.6, 0.8)), (366, (0.32, 0.66)), (250, (0.6, 0.8)), (2000, (0.6, 0.8))],
)
def test_validation_and_test_get_what_an_interval_needs(days, shares):
    """Of hourly rows; where only one could have it, it is the test part, and else neither."""
    lengths, _ = series.windows("own.csv", 24 * days, 60, {})
    split = series.parts(np.ones(24 * days, bool), 60, lengths)["split"]
    assert tuple(guess.value for guess in split.values()) == shares


@pytest.mark.parametrize("days", [800, 1100, 1460])
def test_working_days_get_parts_that_have_an_interval(days):
    """Rows without a value are inserted for weekends, and three windows in seven are left."""
    lengths, _ = series.windows("own.csv", days, 1440, {})
    measured = np.arange(days) % 7 < 5
    split = series.parts(measured, 1440, lengths)["split"]
    validation, test = (round(guess.value * days) for guess in split.values())
    usable = windows.usable(measured, lengths["step"], lengths["delay"])
    blocks = usable[test + lengths["lookback"] :].sum() / 7
    assert blocks >= FEWEST or "too short for an interval" in split["validation"].reason


def test_an_outage_in_the_test_part_makes_it_longer():
    lengths, _ = series.windows("own.csv", 24 * 700, 60, {})
    measured = np.ones(24 * 700, bool)
    whole = series.parts(measured, 60, lengths)["split"]["validation"].value
    measured[-24 * 60 :] = False
    assert series.parts(measured, 60, lengths)["split"]["validation"].value < whole


def test_rows_are_inserted_where_intervals_lack_one():
    when = pd.Series(pd.to_datetime(["2024-01-05", "2024-01-08", "2024-01-09"]))
    rows = series.with_inserted(when, np.array([True, False, True]), 1440)
    assert rows.tolist() == [True, False, False, False, True]


def test_the_lectures_windows_at_the_lectures_interval():
    lengths, spans = series.windows("own.csv", 420551, 10, {})
    assert [spans[key].value for key in ("lookback", "step", "delay")] == [
        "10 days",
        "1 hour",
        "1 day",
    ]
    assert (
        series.forecasters(BASE, 252_330, lengths, 10)["variants"]["conv1d_gru"]["step"].value
        == "30 minutes"
    )


def write(tmp_path, frame, name="own.csv", **how):
    frame.to_csv(tmp_path / name, index=False, **how)
    return tmp_path / name


def added(**columns) -> pd.DataFrame:
    return gauge().assign(**columns)


QUESTIONS = {
    "no target": (gauge(), {}, "FILE has numbers in 'level_m', 'rain_mm'; say which to forecast, such as TARGET=level_m."),
    "misspelt target": (gauge(), {"TARGET": "levl_m"}, "TARGET=levl_m: FILE has no such column of numbers; did you mean 'level_m'?"),
    "no numbers": (gauge()[["time"]], {}, "FILE has no column of numbers beside its time."),
    "two times": (added(sent=gauge()["time"]), {}, "FILE has dates in 'time', 'sent'; say TIME=time or another."),
    "misspelt time": (gauge(), {"TIME": "Time"}, "TIME=Time: FILE has no such column; did you mean 'time'?"),
    "no time": (gauge()[["level_m"]], {}, "FILE has no column in which all rows are dates of one known format (its first row has level_m: "),
    "wrong format": (gauge(), {"FORMAT": "%d.%m.%Y"}, "FILE has no column in which all rows are dates of the format %d.%m.%Y (its first row has time: 2021-03-05 00:00, "),
    "no format": (gauge(), {"FORMAT": "%Q"}, "FILE has no column in which all rows are dates of the format %Q (its"),
    "date and clock": (added(time=gauge()["time"].str[:10], at=gauge()["time"].str[11:]), {}, "FILE has the date in 'time' and the time of day in 'at'; put both into one column, such as 2020-01-31 00:15."),
    "no names": (gauge().set_axis(gauge().loc[0].astype(str), axis=1), {}, "FILE begins with a row of values, '2021-03-05 00:00' among them; put a line with the names of the columns above it."),
    "text among numbers": (added(level_m=gauge()["level_m"].astype(object).mask(gauge().index == 5, "?")), {"TARGET": "level_m"}, "FILE: column 'level_m' has '?' in line 7, which is not a number"),
    "few rows": (gauge(300), {"TARGET": "level_m"}, "FILE has 300 rows, 15 minutes apart, and a forecast needs at least 700; use a longer series."),
    "no rows": (gauge(0), {}, "FILE has no rows."),
    "delay in words": (gauge(), {"TARGET": "level_m", "DELAY": "soon"}, "DELAY: must be a duration such as '30 minutes', '1 hour' or '10 days', not 'soon'."),
    "delay between rows": (gauge(), {"TARGET": "level_m", "DELAY": "20 minutes"}, "DELAY: 20 minutes is 1.333 rows of this series, which has a row every 15 minutes; choose a multiple of 15 minutes."),
    "wrong encoding": (gauge(), {"ENCODING": "utf-9"}, "FILE cannot be read with ENCODING=utf-9: unknown encoding: utf-9."),
}  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_one_sentence(tmp_path, question):
    frame, arguments, expected = QUESTIONS[question]
    asked = sentence(write(tmp_path, frame), **arguments)
    assert asked.startswith(expected) and asked.endswith((".", "?")) and "\n" not in asked


def test_files_that_are_not_there(tmp_path):
    path = tmp_path / "own.csv"
    assert sentence(path) == "SERIES: there is no file FILE; correct the path."
    path.touch()
    assert sentence(path) == "FILE is empty; copy it again."


def test_answers_are_taken(tmp_path):
    path = write(tmp_path, added(sent=gauge()["time"]))
    arguments = {"DELAY": "6 hours", "LOOKBACK": "2 days", "UNIT": "feet", "TIME": "sent"}
    forecast = guessed(path, TARGET="level_m", **arguments)["forecast"]
    assert (forecast["delay"], forecast["lookback"], forecast["step"]) == (
        "6 hours",
        "2 days",
        "15 minutes",
    )
    assert (forecast["series"]["unit"], forecast["series"]["time"]["column"]) == ("feet", "sent")
    forecast = guessed(path, TARGET="level_m", TIME="time", STEP="1 hour")["forecast"]
    assert (forecast["step"], forecast["lookback"]) == ("1 hour", "70 hours")
    assert forecast["variants"]["conv1d_gru"]["step"] == "30 minutes"
    short = guessed(path, TARGET="level_m", TIME="time", LOOKBACK="10 hours")["forecast"]
    assert "conv1d_change" not in short["select"] and "gru_change" in short["select"]


def test_a_damaged_series_is_cleaned(tmp_path):
    frame = added(rain_mm=gauge()["rain_mm"].mask(gauge().index == 7), station=4, note="x")
    frame.loc[[3, 90], "level_m"] = -9999, -999
    frame.loc[5, "rain_mm"] = 99999
    frame = pd.concat([frame[:100], frame[98:]])
    frame["gate"] = ["broken", *range(len(frame) - 1)]
    path = write(tmp_path, frame)
    whole = guessed(path, TARGET="level_m")
    own = whole["forecast"]["series"]
    assert own["sentinels"] == [-9999, -999, 99999] and own["clean"]
    assert own["columns"] == ["level_m", "rain_mm"]
    arrays, facts = prepared(tmp_path, path, whole)
    assert (facts["rows"], facts["sentinels"], facts["duplicates"]) == (800, 3, 2)


def test_a_value_that_is_usual_somewhere_is_no_sentinel(tmp_path):
    pressure = gauge()["level_m"] * 10 + 980
    frame = added(pressure=pressure.mask(gauge().index == 9, 999.0))
    frame.loc[3, "level_m"] = 999
    own = guessed(write(tmp_path, frame), TARGET="pressure")["forecast"]["series"]
    assert own["sentinels"] == []


def test_irregular_rows_become_means(tmp_path):
    frame = gauge(8000, "1min", style="%Y-%m-%d %H:%M:%S")
    frame = frame.sample(1500, random_state=0).sort_index()
    path = write(tmp_path, frame)
    whole = guessed(path, TARGET="level_m")
    assert (
        whole["forecast"]["series"]["every"] == "5 minutes" and whole["forecast"]["series"]["clean"]
    )
    assert prepared(tmp_path, path, whole)[1]["interval_minutes"] == 5


def test_rows_are_inserted_between_working_days(tmp_path):
    """So that a day after Friday's last row is Saturday, which nobody scores, and not Monday."""
    frame = gauge(5000, "h")
    time = pd.to_datetime(frame["time"])
    frame = frame[(time.dt.day_of_week < 5) & time.dt.hour.between(9, 17)]
    path = write(tmp_path, frame)
    whole = guessed(path, TARGET="level_m")
    own = whole["forecast"]["series"]
    assert own["every"] == "1 hour" and own["clean"]
    arrays, facts = prepared(tmp_path, path, whole)
    assert (np.diff(arrays["time"]) == 3600).all()
    assert arrays["measured"].sum() == len(frame)
    few = gauge(5000, "h").drop([700, 701, 3000])
    assert not guessed(write(tmp_path, few), TARGET="level_m")["forecast"]["series"]["every"]


def test_a_sparse_series_repeats_values_for_some_rows(tmp_path):
    frame = gauge(freq="1D")
    frame.loc[6, "level_m"] = np.nan
    own = guessed(write(tmp_path, frame), TARGET="level_m")["forecast"]["series"]
    assert own["clean"] and own["fill"] == "3 days"


def test_several_files_are_one_series(tmp_path):
    whole = gauge(1600)
    for number in range(2):
        write(tmp_path, whole[number * 800 :][:800], f"part {number}.csv")
    pattern = f"{tmp_path}/part*.csv".replace(" ", "\\ ")
    by_pattern = guessed(pattern, TARGET="level_m")["forecast"]["series"]["path"]
    by_name = guessed(f"'{tmp_path}/part 0.csv' '{tmp_path}/part 1.csv'", TARGET="level_m")
    assert by_pattern == f"{tmp_path}/part*.csv"
    assert by_name["forecast"]["series"]["path"] == [f"{tmp_path}/part {n}.csv" for n in range(2)]


@pytest.mark.parametrize(
    ("target", "unit"),
    [
        ("level_m", "m"), ("T (degC)", "°C"), ("p (mbar)", "mbar"), ("wv (m/s)", "m/s"), ("rho (g/m**3)", "g/m³"),
        ("flow_m3s", "m³/s"), ("load [kW]", "kW"), ("rain_MM", "mm"), ("close", ""), ("m", ""), ("wd (deg)", "°"),
        ("id_x", ""),
    ],
)  # fmt: skip
def test_the_unit_in_a_name(target, unit):
    assert series.unit(target, None).value == unit
