"""A table of the lecture's size for benchmarks: the embedded hourly weather, interpolated."""

from pathlib import Path

import numpy as np
import pandas as pd
from reverie import assets
from reverie.forecast import moisture

FIRST, ROWS = "2009-01-01 00:10", 420_551
TIME = "Date Time"


def write(path: Path) -> None:
    """Write a row every ten minutes with 14 quantities; gusts and direction follow the wind speed."""
    hourly = pd.read_csv(assets.embedded("jena_hourly_2009_2016.csv.xz"))
    at = np.linspace(0, len(hourly) - 1, ROWS)
    table = pd.DataFrame(
        {
            name: np.interp(at, np.arange(len(hourly)), values)
            for name, values in hourly.drop(columns=TIME).items()
        }
    )
    measured = ("p (mbar)", "T (degC)", "VPmax (mbar)", "rh (%)")
    table = table.assign(**moisture.derived(*(table[name] for name in measured)))
    wind = table["wv (m/s)"]
    table["max. wv (m/s)"], table["wd (deg)"] = 1.7 * wind, (360 * wind) % 360
    times = pd.date_range(FIRST, periods=ROWS, freq="10min").strftime("%d.%m.%Y %H:%M:%S")
    table.insert(0, TIME, times)
    table.round(2).to_csv(path, index=False)
