"""Figures of the series, which have no interactive twin."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.dates import ConciseDateFormatter

from reverie.figures import plt, save
from reverie.forecast.axes import axis_label
from reverie.look import FAINT, TRUTH, WIDTH

DAYS = 10


@dataclass
class Target:
    """The target of a prepared series in its own unit, by time; NaN where it was not measured."""

    name: str
    values: pd.Series


def read_target(series_file: Path) -> Target:
    with np.load(series_file, allow_pickle=False) as series:
        column = int(series["target"])
        values = series["values"][:, column].astype(float) * series["std"][column]
        values += series["mean"][column]
        values[~series["measured"]] = np.nan
        time = pd.DatetimeIndex(series["time"].astype("datetime64[s]"))
        return Target(str(series["columns"][column]), pd.Series(values, time))


def draw_series(series_file: Path, unit: str, to: Path) -> None:
    """Both figures of the series, as .svg in the folder ``to``."""
    target = read_target(series_file)
    years(target, unit, to / "years.svg")
    days(target, unit, to / "days.svg")


def years(target: Target, unit: str, path: Path) -> None:
    """All of the series: its daily mean in the band of its daily range."""
    daily = target.values.resample("1D").agg(["min", "mean", "max"]).dropna()
    figure, axes = plt.subplots(figsize=(WIDTH, 2.6))
    axes.fill_between(daily.index, daily["min"], daily["max"], color=FAINT, linewidth=0)
    axes.plot(daily.index, daily["mean"], color=TRUTH, linewidth=0.6)
    axes.set(ylabel=axis_label(target.name, unit), xlim=(daily.index[0], daily.index[-1]))
    axes.xaxis.set_major_formatter(ConciseDateFormatter(axes.xaxis.get_major_locator()))
    axes.set_title("Daily mean, and the range of each day")
    save(figure, path)


def days(target: Target, unit: str, path: Path) -> None:
    """The first ten days, value by value."""
    start = target.values.index[0]
    first = target.values[target.values.index < start + pd.Timedelta(days=DAYS)]
    hours = (first.index - start) / pd.Timedelta(days=1)
    figure, axes = plt.subplots(figsize=(WIDTH, 2.6))
    axes.plot(hours, first.to_numpy(), color=TRUTH, linewidth=1)
    axes.set(
        xlabel=f"days since {start:%d %B %Y}",
        ylabel=axis_label(target.name, unit),
        xlim=(0, DAYS),
    )
    axes.set_xticks(range(DAYS + 1))
    axes.set_title(f"The first {DAYS} days")
    save(figure, path)
