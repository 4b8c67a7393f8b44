"""Figures of the forecast: the series, the training curves, the errors."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from reverie import look
from reverie.look import FAINT, NAIVE, TRUTH, WIDTH, plt

DAYS = 10


@dataclass
class Target:
    """The target of a prepared series in its own unit, by time."""

    name: str
    values: pd.Series


def read_target(series_file: Path) -> Target:
    with np.load(series_file, allow_pickle=False) as series:
        column = int(series["target"])
        values = series["values"][:, column].astype(float) * series["std"][column]
        values += series["mean"][column]
        time = pd.DatetimeIndex(series["time"].astype("datetime64[s]"))
        return Target(str(series["columns"][column]), pd.Series(values, time))


def axis_label(target: Target, unit: str) -> str:
    """ "temperature, °C" for the lecture's column, else the column's own name and its unit."""
    name = "temperature" if target.name == "T (degC)" else target.name
    return f"{name}, {unit}" if unit else name


def years(target: Target, unit: str, path: Path) -> None:
    """All of the series: its daily mean in the band of its daily range."""
    daily = target.values.resample("1D").agg(["min", "mean", "max"])
    figure, axes = plt.subplots(figsize=(WIDTH, 2.6))
    axes.fill_between(daily.index, daily["min"], daily["max"], color=FAINT, linewidth=0)
    axes.plot(daily.index, daily["mean"], color=TRUTH, linewidth=0.6)
    axes.set(ylabel=axis_label(target, unit), xlim=(daily.index[0], daily.index[-1]))
    axes.set_title("Daily mean, and the range of each day")
    look.save(figure, path)


def days(target: Target, unit: str, path: Path) -> None:
    """The first ten days, value by value."""
    start = target.values.index[0]
    first = target.values[target.values.index < start + pd.Timedelta(days=DAYS)]
    hours = (first.index - start) / pd.Timedelta(days=1)
    figure, axes = plt.subplots(figsize=(WIDTH, 2.6))
    axes.plot(hours, first.to_numpy(), color=TRUTH, linewidth=1)
    axes.set(
        xlabel=f"days since {start:%d %B %Y}",
        ylabel=axis_label(target, unit),
        xlim=(0, DAYS),
    )
    axes.set_xticks(range(DAYS + 1))
    axes.set_title(f"The first {DAYS} days")
    look.save(figure, path)


def curves(folder: Path, titles: dict[str, str], path: Path) -> None:
    """Training and validation loss by epoch, one small figure a network, all on one scale."""
    naive = naive_error(folder, "val")
    columns = min(len(titles), 3)
    rows = math.ceil(len(titles) / columns)
    figure, grid = plt.subplots(
        rows, columns, figsize=(WIDTH, 2.4 * rows), sharey=True, squeeze=False
    )
    colours = look.colours(list(titles))
    every = []
    for axes, (variant, title) in zip(grid.flat, titles.items(), strict=False):
        for history_file in sorted((folder / variant).glob("seed*/history.csv")):
            history = pd.read_csv(history_file)
            marks = {"marker": "o", "markersize": 3} if len(history) < 8 else {}
            (val,) = axes.plot(
                history["epoch"], history["val_loss"], color=colours[variant], **marks
            )
            (loss,) = axes.plot(
                history["epoch"],
                history["loss"],
                color=colours[variant],
                linestyle=":",
                **marks,
            )
            every += [history["val_loss"], history["loss"]]
            best = history.loc[history["val_loss"].idxmin()]
            axes.plot(
                best["epoch"],
                best["val_loss"],
                "o",
                mfc="none",
                mec=TRUTH,
                markersize=8,
            )
        axes.axhline(naive, color=NAIVE, linewidth=1)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.set_title(title)
        axes.set_xlabel("epoch")
    for axes in grid.flat[len(titles) :]:
        axes.set_visible(False)
    # A first epoch far above the rest must not flatten the curves that matter.
    seen = pd.concat(every)
    high = min(seen.max(), max(1.6 * naive, 1.2 * seen.median()))
    grid[0, 0].set_ylim(min(seen.min(), naive) * 0.97, high * 1.03)
    for axes in grid[:, 0]:
        axes.set_ylabel("mean absolute error, normalised")
    handles = [
        plt.Line2D([], [], color=TRUTH, label="validation"),
        plt.Line2D([], [], color=TRUTH, linestyle=":", label="training"),
        plt.Line2D([], [], color=NAIVE, linewidth=1, label="naive forecast (validation)"),
        plt.Line2D([], [], linestyle="", marker="o", mfc="none", mec=TRUTH, label="best epoch"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=4)
    look.save(figure, path)


def errors(folder: Path, titles: dict[str, str], unit: str, path: Path) -> None:
    """Error of every training at its best epoch with its interval, beside the naive forecasts'."""
    metrics = pd.read_csv(folder / "metrics.csv")
    colours = look.colours(list(titles))
    figure, grid = plt.subplots(
        1, 2, figsize=(WIDTH, 1.2 + 0.42 * len(titles)), sharex=True, sharey=True
    )
    for axes, split in zip(grid, ("val", "test"), strict=True):
        here = metrics[metrics["split"] == split].set_index("variant")
        scale = here["mae_unit"].iloc[0] / here["mae"].iloc[0]
        for baseline, style in (("naive", "-"), ("naive_delay", "--")):
            axes.axvline(
                here.loc[baseline, "mae_unit"],
                color=NAIVE,
                linewidth=1.2,
                linestyle=style,
            )
        for place, variant in enumerate(titles):
            best = here[here["checkpoint"] == "best"].loc[[variant]]
            shifts = np.linspace(-0.2, 0.2, len(best)) if len(best) > 1 else [0.0]
            for shift, (_, line) in zip(shifts, best.iterrows(), strict=True):
                ends = [line["ci_low"] * scale, line["ci_high"] * scale]
                axes.plot(
                    ends,
                    [place + shift] * 2,
                    color=colours[variant],
                    linewidth=2,
                    alpha=0.5,
                )
                axes.plot(
                    line["mae_unit"],
                    place + shift,
                    "o",
                    color=colours[variant],
                    markersize=5,
                )
        axes.set_title({"val": "Validation", "test": "Test"}[split])
        axes.set_xlabel(f"mean absolute error, {unit}" if unit else "mean absolute error")
        axes.grid(axis="y", visible=False)
    grid[0].set_yticks(range(len(titles)), titles.values())
    grid[0].set_ylim(len(titles) - 0.5, -0.5)
    handles = [
        plt.Line2D([], [], color=NAIVE, label="naive forecast"),
        plt.Line2D([], [], color=NAIVE, linestyle="--", label="naive, exactly one delay old"),
        plt.Line2D([], [], color=TRUTH, alpha=0.5, linewidth=2, label="95 % interval"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    look.save(figure, path)


def naive_error(folder: Path, split: str) -> float:
    """Mean absolute error of the lecture's naive forecast, normalised."""
    metrics = pd.read_csv(folder / "metrics.csv")
    return float(metrics.query("variant == 'naive' and split == @split")["mae"].iloc[0])
