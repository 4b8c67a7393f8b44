"""Synthetic weather like Jena's: a stand-in for the lecture's file.

It has the full file's layout (420,551 rows, a row every ten minutes, time and 14 quantities) and
its kinds of defects. Temperature, humidity, pressure and wind follow a model fitted to the real
hourly extract (`fit_weather.py`; coefficients in `weather.json`); the other moisture columns
follow from physics; gusts and wind direction, which the extract lacks, are only plausible.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from reverie.files import replacing
from reverie.forecast import moisture

FIRST, LAST = np.datetime64("2009-01-01T00:10:00"), np.datetime64("2017-01-01T00:00:00")
LAGS = (*range(1, 28), 48, 72, 96, 120, 168)  # hours
SPELL = 48  # hours of calm or changeable weather
# Added to dew-point spread and wind before the logarithm.
SPREAD_DEGC, WIND_M_S = 0.5, 0.3
DRIEST_DEGC = 27.0  # the largest dew-point spread; 26.04 was measured
SEED = 23  # of forty tried, the most like the real years (naive forecast, spread)
# The real file's gaps, as seen in the hourly extract: the time before each, and the rows missing.
GAPS = {
    "2009-10-08T09:10": 2,
    "2013-05-16T08:30": 1,
    "2014-07-30T07:40": 1,
    "2014-09-24T16:50": 95,
    "2016-10-25T09:40": 445,
}
REPEATED_FROM, REPEATED = "2010-07-01T00:00", 327  # rows that occur twice
SENTINEL, SENTINELS_FROM = -9999.0, "2015-07-26T12:00"
SENTINELS = {"wv (m/s)": 18, "max. wv (m/s)": 20}


def cycles(time: np.ndarray) -> np.ndarray:
    """Yearly and daily harmonics and their products at ``time`` (datetime64), (rows, features)."""
    days = (time - np.datetime64("2009-01-01")) / np.timedelta64(1, "D")
    year, day = 2 * np.pi * days / 365.2425, 2 * np.pi * days
    yearly = [np.ones_like(days)] + [f(k * year) for k in (1, 2) for f in (np.sin, np.cos)]
    daily = [np.ones_like(days)] + [f(k * day) for k in (1, 2, 3) for f in (np.sin, np.cos)]
    return np.column_stack([a * b for a in yearly for b in daily])


def write(path: Path, seed: int = SEED) -> None:
    """Write the sample as .csv; the same seed gives the same bytes."""
    table = with_defects(weather(seed))
    with replacing(path) as part:
        table.to_csv(part, index=False, lineterminator="\n")


def weather(seed: int) -> pd.DataFrame:
    """The table without defects, a row every ten minutes from FIRST to LAST."""
    generator = np.random.default_rng(seed)
    time = np.arange(FIRST, LAST + 1, np.timedelta64(10, "m"))
    hours = np.arange(FIRST, LAST + np.timedelta64(1, "h"), np.timedelta64(1, "h"))
    state = hourly_state(hours, generator)
    # Between the hours: linear interpolation, and the fluctuation of ten-minute means.
    position = (time - FIRST) / np.timedelta64(1, "h")
    columns = [np.interp(position, np.arange(len(hours)), column) for column in state.T]
    fluctuation = generator.normal(size=(4, len(time))) * np.array([[0.05], [0.03], [0.03], [0.2]])
    temperature, spread, pressure, wind = np.array(columns) + fluctuation
    wind = np.maximum(np.exp(wind) - WIND_M_S, 0)
    dew = temperature - np.clip(np.exp(spread) - SPREAD_DEGC, 0, DRIEST_DEGC)

    saturation = moisture.saturation_pressure(temperature)
    humidity = 100 * moisture.saturation_pressure(dew) / saturation
    air = moisture.derived(pressure, temperature, saturation, humidity)
    gust = wind * (1.3 + 0.4 * generator.gamma(2, 0.5, len(time))) + 0.2
    vector = smooth(generator.normal(size=(2, len(time))), 144) + np.array([[-0.6], [-0.4]])
    direction = np.degrees(np.arctan2(-vector[0], -vector[1])) % 360
    table = {
        "Date Time": formatted(time),
        "p (mbar)": pressure,
        "T (degC)": temperature,
        "Tpot (K)": air["Tpot (K)"],
        "Tdew (degC)": dew,
        "rh (%)": humidity,
        "VPmax (mbar)": saturation,
        "VPact (mbar)": air["VPact (mbar)"],
        "VPdef (mbar)": air["VPdef (mbar)"],
        "sh (g/kg)": air["sh (g/kg)"],
        "H2OC (mmol/mol)": air["H2OC (mmol/mol)"],
        "rho (g/m**3)": air["rho (g/m**3)"],
        "wv (m/s)": wind,
        "max. wv (m/s)": gust,
        "wd (deg)": direction,
    }
    coarse = {"rh (%)": 1, "wd (deg)": 1}
    return pd.DataFrame(table, index=time).round(dict.fromkeys(table, 2) | coarse)


def hourly_state(hours: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Temperature (°C), log dew-point spread, pressure (mbar), log wind, shape (hours, 4)."""
    text = Path(__file__).with_name("weather.json").read_text()
    fitted = {name: np.array(value) for name, value in json.loads(text).items()}
    basis = cycles(hours)
    root = np.linalg.cholesky(fitted["noise"])
    spells = np.exp(fitted["spells"] * smooth(generator.normal(size=(4, len(hours))), SPELL).T)
    spells /= np.sqrt(np.mean(spells**2, axis=0))
    noise = generator.normal(size=(len(hours), 4)) @ root.T
    noise = noise * np.exp(basis @ fitted["size"]) * spells
    rest = np.zeros((len(hours) + max(LAGS), 4))
    lags = max(LAGS) - np.array(LAGS)
    for hour in range(len(hours)):
        rest[hour + max(LAGS)] = rest[hour + lags].ravel() @ fitted["lagged"] + noise[hour]
    return basis @ fitted["cycle"] + rest[max(LAGS) :]


def smooth(noise: np.ndarray, rows: int) -> np.ndarray:
    """Running means over ``rows`` of each row of ``noise``, scaled back to unit variance."""
    sums = np.cumsum(np.pad(noise, ((0, 0), (rows, 0)), mode="wrap"), axis=1)
    return (sums[:, rows:] - sums[:, :-rows]) / np.sqrt(rows)


def with_defects(table: pd.DataFrame) -> pd.DataFrame:
    """The table with gaps, repeated rows and sentinels."""
    for last, missing in GAPS.items():
        after = table.index.get_loc(np.datetime64(last)) + 1
        table = table.drop(table.index[after : after + missing])
    for column, count in SENTINELS.items():
        first = table.index.get_loc(np.datetime64(SENTINELS_FROM))
        table.iloc[first : first + count, table.columns.get_loc(column)] = SENTINEL
    first = table.index.get_loc(np.datetime64(REPEATED_FROM))
    return pd.concat([table.iloc[: first + REPEATED], table.iloc[first:]])


def formatted(time: np.ndarray) -> np.ndarray:
    """Times (datetime64) as in the file, dd.mm.yyyy HH:MM:SS."""
    text = np.datetime_as_string(time, unit="s")
    parts = [
        text.astype("U19").view("U1").reshape(len(text), 19)[:, a:b]
        for a, b in ((8, 10), (5, 7), (0, 4), (11, 19))
    ]
    day, month, year, clock = (np.ascontiguousarray(p).view(f"U{p.shape[1]}")[:, 0] for p in parts)
    return day + "." + month + "." + year + " " + clock
