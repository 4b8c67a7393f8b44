"""Figures of the forecast: the series, the training curves, the errors."""

import math
import textwrap
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.dates import ConciseDateFormatter
from matplotlib.ticker import MaxNLocator

from reverie import durations, look
from reverie.figures import plt, save
from reverie.forecast.axes import CONDITIONS, axis_label
from reverie.look import FAINT, NAIVE, TRUTH, WIDTH

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


def draw(
    folder: Path,
    titles: dict[str, str],
    seeds: list[int],
    unit: str,
    step: str,
    delay: str,
    to: Path,
) -> None:
    """All figures of the forecasts in ``folder``, as .svg in the folder ``to``."""
    curves(folder, titles, seeds, to / "curves.svg")
    errors(folder, titles, unit, to / "errors.svg")
    week(folder, titles, seeds[0], unit, step, delay, to / "week.svg")
    for condition in CONDITIONS:
        conditions(folder, titles, unit, condition, to / f"{condition}.svg")


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


def small_multiples(titles: dict[str, str], height: float, columns: int = 3, **options):
    """A figure with a small one for each title, and {name: axes}."""
    columns = min(len(titles), columns)
    rows = math.ceil(len(titles) / columns)
    size = (WIDTH, height * rows + 0.4)
    figure, grid = plt.subplots(rows, columns, figsize=size, squeeze=False, **options)
    named = dict(zip(titles, grid.flat, strict=False))
    for axes in grid.flat[len(titles) :]:
        axes.set_visible(False)
    for axes in list(named.values())[-columns:]:
        axes.tick_params(labelbottom=True)  # the lowest of its column, also in an unfinished row
    for name, axes in named.items():
        axes.set_title(textwrap.fill(titles[name], 84 // columns), fontsize=9)
    return figure, named


def line(label: str, color: str = TRUTH, **style):
    """An entry of a legend."""
    return plt.Line2D([], [], color=color, label=label, **style)


def curves(folder: Path, titles: dict[str, str], seeds: list[int], path: Path) -> None:
    """Training and validation loss by epoch, one small figure a network, all on one scale."""
    naive = naive_error(folder, "val")
    colours = look.colours(list(titles))
    trained = {name: title for name, title in titles.items() if histories(folder, name, seeds)}
    figure, named = small_multiples(trained, 1.9, sharey=True)
    every = []
    for name, axes in named.items():
        for history in histories(folder, name, seeds):
            style = {"color": colours[name], "linewidth": 1.2}
            if len(history) < 8:
                style |= {"marker": "o", "markersize": 3}
            axes.plot(history["epoch"], history["val_loss"], **style)
            axes.plot(history["epoch"], history["loss"], linestyle=":", **style)
            best = history.loc[history["val_loss"].idxmin()]
            axes.plot(best["epoch"], best["val_loss"], "o", mfc="none", mec=TRUTH, markersize=7)
            every += [history["val_loss"], history["loss"]]
        axes.axhline(naive, color=NAIVE, linewidth=1)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6, min_n_ticks=1))
    # A first epoch far above the rest must not flatten the curves that matter.
    seen = pd.concat(every)
    high = max(naive, min(seen.max(), max(2 * naive, 1.2 * seen.median())))
    next(iter(named.values())).set_ylim(min(seen.min(), naive) * 0.97, high * 1.03)
    figure.supylabel("mean absolute error, normalised", fontsize=9)
    figure.supxlabel("epoch", fontsize=9)
    handles = [
        line("validation"),
        line("training", linestyle=":"),
        line("naive forecast (validation)", NAIVE, linewidth=1),
        line("best epoch", linestyle="", marker="o", mfc="none"),
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=4)
    save(figure, path)


def histories(folder: Path, variant: str, seeds: list[int]) -> list[pd.DataFrame]:
    """Epochs of every seed of a variant; none of an ensemble."""
    files = [folder / variant / f"seed{seed}" / "history.csv" for seed in seeds]
    return [pd.read_csv(file) for file in files if file.exists()]


def errors(folder: Path, titles: dict[str, str], unit: str, path: Path) -> None:
    """Error of every training at its best epoch with its interval, beside the naive forecasts'."""
    metrics = pd.read_csv(folder / "metrics.csv")
    colours = look.colours(list(titles))
    size = (WIDTH, 1.2 + 0.36 * len(titles))
    figure, grid = plt.subplots(1, 2, figsize=size, sharex=True, sharey=True)
    for axes, split in zip(grid, ("val", "test"), strict=True):
        here = metrics[metrics["split"] == split].set_index("variant")
        scale = here["mae_unit"].iloc[0] / here["mae"].iloc[0]
        for baseline, style in (("naive", "-"), ("naive_delay", "--")):
            axes.axvline(
                here.loc[baseline, "mae_unit"], color=NAIVE, linewidth=1.2, linestyle=style
            )
        for place, variant in enumerate(titles):
            best = here[here["checkpoint"] == "best"].loc[[variant]]
            shifts = np.linspace(-0.22, 0.22, len(best)) if len(best) > 1 else [0.0]
            for shift, (_, row) in zip(shifts, best.iterrows(), strict=True):
                ends = [row["ci_low"] * scale, row["ci_high"] * scale]
                axes.plot(ends, [place + shift] * 2, color=colours[variant], linewidth=2, alpha=0.4)
                axes.plot(row["mae_unit"], place + shift, "o", color=colours[variant], markersize=4)
        axes.set_title({"val": "Validation", "test": "Test"}[split])
        axes.set_xlabel(f"mean absolute error, {unit}" if unit else "mean absolute error")
        axes.grid(axis="y", visible=False)
    # What lies far out must not press the rest together; an arrow says that it is there.
    middle = metrics[metrics["checkpoint"] == "best"]["mae_unit"].median()
    far = 2 * max(middle, metrics[metrics["variant"] == "naive"]["mae_unit"].max())
    if metrics["mae_unit"].max() > far:
        grid[0].set_xlim(0.9 * metrics["mae_unit"].min(), far)
        for axes, split in zip(grid, ("val", "test"), strict=True):
            best = metrics[(metrics["split"] == split) & (metrics["checkpoint"] == "best")]
            for _, row in best[best["mae_unit"] > far].iterrows():
                place = list(titles).index(row["variant"])
                text = f"{row['mae_unit']:.3g} →"
                axes.annotate(text, (far, place), ha="right", va="bottom", fontsize=8)
    grid[0].set_yticks(range(len(titles)), [textwrap.fill(title, 24) for title in titles.values()])
    grid[0].set_ylim(len(titles) - 0.5, -0.5)
    handles = [
        line("naive forecast", NAIVE),
        line("naive, exactly one delay old", NAIVE, linestyle="--"),
        line("one seed, best epoch", linestyle="", marker="o", markersize=4),
        line("95 % interval", alpha=0.4, linewidth=2),
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=4)
    save(figure, path)


def week(
    folder: Path,
    titles: dict[str, str],
    seed: int,
    unit: str,
    step: str,
    delay: str,
    path: Path,
) -> None:
    """The week in the middle of the test part: the truth, the naive and each network's forecast.

    The best checkpoint of one seed. The week is not chosen by what it shows.
    """
    target = read_target(folder / "series.npz")
    values, time = target.values.to_numpy(), target.values.index
    hour = pd.Timedelta(hours=1)
    colours = look.colours(list(titles))
    trained = {name: title for name, title in titles.items() if histories(folder, name, [seed])}
    figure, named = small_multiples(trained, 1.6, columns=2, sharex=True, sharey=True)
    with np.load(folder / "series.npz", allow_pickle=False) as series:
        interval, column = float(series["interval_minutes"]), int(series["target"])
        mean, std = series["mean"][column], series["std"][column]
    for name, axes in named.items():
        file = folder / name / f"seed{seed}" / "predictions_test.npz"
        with np.load(file, allow_pickle=False) as saved:
            rows, forecast = saved["row"], saved["prediction"] * std + mean
            delay_rows = durations.rows(delay, interval, "forecast.delay")
        start = time[rows[len(rows) // 2] + delay_rows].normalize()
        at = time[rows + delay_rows]
        shown = (at >= start) & (at < start + pd.Timedelta(days=7))
        days = (at[shown] - start) / (24 * hour)
        naive = values[rows[shown] - durations.rows(step, interval, "forecast.step")]
        axes.plot(days, naive, color=NAIVE, linewidth=0.8)
        axes.plot(days, values[rows[shown] + delay_rows], color=TRUTH, linewidth=1.2)
        axes.plot(days, forecast[shown], color=colours[name], linewidth=1.4)
        axes.set_xticks(range(8))
    figure.supylabel(axis_label(target.name, unit), fontsize=9)
    figure.supxlabel(f"days since {start:%d %B %Y}", fontsize=9)
    handles = [line("measured"), line("network", colours[name]), line("naive forecast", NAIVE)]
    figure.legend(handles=handles, loc="outside upper center", ncols=3)
    save(figure, path)


def conditions(folder: Path, titles: dict[str, str], unit: str, condition: str, path: Path) -> None:
    """Test error of each network by hour, month or change, beside the naive forecast's."""
    table = pd.read_csv(folder / "conditions.csv")
    table = table[(table["split"] == "test") & (table["condition"] == condition)]
    naive = table[table["variant"] == "naive"]
    colours = look.colours(list(titles))
    figure, named = small_multiples(titles, 1.45, columns=4, sharex=True, sharey=True)
    for name, axes in named.items():
        here = table[table["variant"] == name]
        axes.plot(naive["value"], naive["mae_unit"], color=NAIVE, linewidth=1)
        axes.plot(here["value"], here["mae_unit"], color=colours[name])
    shown = table[table["variant"].isin([*titles, "naive"])]
    axes.set_ylim(0, 1.05 * min(shown["mae_unit"].max(), 2 * naive["mae_unit"].max()))
    figure.supxlabel(CONDITIONS[condition].format(unit=unit), fontsize=9)
    figure.supylabel(f"mean absolute error, {unit}" if unit else "mean absolute error", fontsize=9)
    handles = [line("network", colours[name]), line("naive forecast", NAIVE)]
    figure.legend(handles=handles, loc="outside upper center", ncols=2)
    save(figure, path)


def naive_error(folder: Path, split: str) -> float:
    """Mean absolute error of the lecture's naive forecast, normalised."""
    metrics = pd.read_csv(folder / "metrics.csv")
    return float(metrics.query("variant == 'naive' and split == @split")["mae"].iloc[0])
