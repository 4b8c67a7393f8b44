"""Fit the embedded weather sample to the real hourly extract; writes `weather.json`.

Run it as `python -m reverie.samples.fit_weather mirror/jena_hourly_2009_2016.csv.gz`. Only the
fitted coefficients go into the repository, none of the data.

The model: temperature, dew-point spread, pressure and wind, each transformed to be nearly normal,
are the sum of a yearly and daily cycle and a vector autoregression with the lags LAGS (in hours),
driven by noise whose standard deviation follows season and hour.
"""

import json
import sys
from pathlib import Path

import numpy as np

from reverie.forecast.series import read
from reverie.samples.weather import LAGS, SPELL, SPREAD_DEGC, WIND_M_S, cycles

TIME = {"column": "Date Time", "format": "%d.%m.%Y %H:%M:%S"}
COLUMNS = ["T (degC)", "Tdew (degC)", "p (mbar)", "wv (m/s)"]


def main(path: Path, coefficients: Path) -> None:
    """Fit the model to the hourly table in ``path`` and write the ``coefficients`` (.json)."""
    settings = {
        "time": TIME,
        "target": COLUMNS[0],
        "columns": COLUMNS,
        "derive_moisture": False,
    }
    time, table, _ = read(path, settings)
    temperature, dew, pressure, wind = table.to_numpy(float).T
    spread = np.log(np.maximum(temperature - dew, 0) + SPREAD_DEGC)
    state = np.column_stack([temperature, spread, pressure, np.log(wind + WIND_M_S)])
    basis = cycles(time.to_numpy("datetime64[s]"))
    cycle, *_ = np.linalg.lstsq(basis, state, rcond=None)
    rest = state - basis @ cycle

    past = np.column_stack([np.roll(rest, lag, axis=0) for lag in LAGS])[max(LAGS) :]
    lagged, *_ = np.linalg.lstsq(past, rest[max(LAGS) :], rcond=None)
    noise = rest[max(LAGS) :] - past @ lagged
    # The scale of the noise over year and day, from the mean of its logarithm.
    size, *_ = np.linalg.lstsq(basis[max(LAGS) :], np.log(np.abs(noise) + 1e-3), rcond=None)
    scale = np.exp(basis[max(LAGS) :] @ size)
    even = noise / scale
    # Scale and noise are not quite independent: restore the measured variance.
    even *= np.sqrt(noise.var(axis=0) / ((scale**2).mean(axis=0) * even.var(axis=0)))
    # Calm and changeable spells: how much the logarithm of the noise's scale varies over days.
    sums = np.cumsum(np.abs(even), axis=0)
    spells = np.log(sums[SPELL::SPELL] - sums[:-SPELL:SPELL][: len(sums[SPELL::SPELL])]).std(axis=0)

    fitted = {
        "cycle": cycle,
        "lagged": lagged,
        "size": size,
        "noise": np.cov(even.T),
        "spells": spells,
    }
    text = {name: np.round(value, 6).tolist() for name, value in fitted.items()}
    coefficients.write_text(json.dumps(text) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(__file__).with_name("weather.json"))
