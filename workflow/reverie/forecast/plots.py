"""Figures of the series, which have no interactive twin."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.dates import ConciseDateFormatter

from reverie.figures import plt, save
from reverie.forecast.axes import axis_label
from reverie.look import FAINT, TRUTH, WIDTH

DAYS = 10


def draw(series_file: Path, unit: str, to: Path) -> None:
    """Both figures of the series, as .svg in the folder ``to``."""
    target = read_target(series_file)
    years(target, unit, to / "years.svg")
    days(target, unit, to / "days.svg")


def read_target(series_file: Path) -> pd.Series:
    """The target of a prepared series in its own unit, by time; NaN where it was not measured."""
    with np.load(series_file, allow_pickle=False) as series:
        column = int(series["target"])
        values = series["values"][:, column].astype(float) * series["std"][column]
        values += series["mean"][column]
        values[~series["measured"]] = np.nan
        time = pd.DatetimeIndex(series["time"].astype("datetime64[s]"))
        return pd.Series(values, time, name=str(series["columns"][column]))


def years(target: pd.Series, unit: str, path: Path) -> None:
    """All of the series: its daily mean in the band of its daily range."""
    daily = target.resample("1D").agg(["min", "mean", "max"]).dropna()
    figure, axes = plt.subplots(figsize=(WIDTH, 2.6))
    axes.fill_between(daily.index, daily["min"], daily["max"], color=FAINT, linewidth=0)
    axes.plot(daily.index, daily["mean"], color=TRUTH, linewidth=0.6)
    axes.set(ylabel=axis_label(target.name, unit), xlim=(daily.index[0], daily.index[-1]))
    axes.xaxis.set_major_formatter(ConciseDateFormatter(axes.xaxis.get_major_locator()))
    axes.set_title("Daily mean, and the range of each day")
    save(figure, path)


def days(target: pd.Series, unit: str, path: Path) -> None:
    """The first ten days, value by value."""
    start = target.index[0]
    first = target[target.index < start + pd.Timedelta(days=DAYS)]
    elapsed = (first.index - start) / pd.Timedelta(days=1)
    figure, axes = plt.subplots(figsize=(WIDTH, 2.6))
    axes.plot(elapsed, first.to_numpy(), color=TRUTH, linewidth=1)
    axes.set(
        xlabel=f"days since {start:%d %B %Y}",
        ylabel=axis_label(target.name, unit),
        xlim=(0, DAYS),
    )
    axes.set_xticks(range(DAYS + 1))
    axes.set_title(f"The first {DAYS} days")
    save(figure, path)
