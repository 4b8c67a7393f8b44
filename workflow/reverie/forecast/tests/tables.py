"""Small tables of a river's level, prepared or refused."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from reverie.errors import ReverieError
from reverie.forecast import series, window_checks

SPANS = {"forecast.lookback": "2 hours", "forecast.step": "30 minutes", "forecast.delay": "1 hour"}
SETTINGS = {
    "time": {"column": "when", "format": "%Y-%m-%d %H:%M"},
    "target": "level",
    "unit": "m",
    "columns": None,
    "derive_moisture": False,
    "sentinels": [-9999.0],
    "clean": False,
    "fill": "3 hours",
    "encoding": "utf-8",
    "decimal": ".",
    "every": None,
}
ORIGIN = {"source": "somewhere", "sha256": "0", "sample": False}


def table(rows=400, minutes=15) -> pd.DataFrame:
    """A series of two numeric columns and one of text."""
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
    """Arrays and facts of the table ``frame``, the bytes ``frame``, or the files called ``name``."""
    paths = [tmp_path / one for one in ([name] if isinstance(name, (str, Path)) else name)]
    if isinstance(frame, pd.DataFrame):
        frame.to_csv(paths[0], index=False)
    elif frame is not None:
        paths[0].write_bytes(frame)
    arrays, facts = tmp_path / "series.npz", tmp_path / "series.json"
    parts = dict(zip(("train", "validation"), split, strict=True))
    series.prepare(paths, SETTINGS | settings, parts, spans, batch, ORIGIN, arrays, facts)
    with np.load(arrays, allow_pickle=False) as saved:
        return {key: saved[key] for key in saved.files}, json.loads(facts.read_text())


def refused_windows(tmp_path, frame, spans: dict, **settings) -> str:
    """The sentence with which the windows of variants are refused after :func:`prepare`."""
    prepare(tmp_path, frame, **settings)
    with pytest.raises(ReverieError) as error:
        window_checks.refuse_windows(tmp_path / "series.npz", SPANS | spans, 8)
    return str(error.value)


def sentence(tmp_path, *arguments, **settings) -> str:
    """The sentence with which :func:`prepare` is refused; nothing is left behind."""
    with pytest.raises(ReverieError) as error:
        prepare(tmp_path, *arguments, **settings)
    assert not (tmp_path / "series.npz").exists()
    return str(error.value).replace(str(tmp_path), "FOLDER")


def text_of(lines, head="when,level,rain") -> bytes:
    """A table with a line for each of 400 times, of which ``lines(number, time)`` is the text."""
    times = pd.date_range("2020-01-01", periods=400, freq="15min").strftime("%Y-%m-%d %H:%M")
    return "\n".join([head, *(lines(i, time) for i, time in enumerate(times))]).encode()


def levels(arrays) -> np.ndarray:
    """The first column in its unit, (rows,)."""
    return arrays["values"][:, 0] * arrays["std"][0] + arrays["mean"][0]
