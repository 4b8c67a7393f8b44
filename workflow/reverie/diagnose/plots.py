"""Figures of one stay: what was measured, what was predicted from it, and which variables matter."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from reverie.diagnose.variables import STATICS, VARIABLES
from reverie.figures import plt, save
from reverie.look import FAINT, INK, PALETTE, TRUTH, WIDTH

SHOWN = 20  # variables, those that matter most
STATIC_TITLES = {"Age": "age", "Gender": "sex", "Height": "height", "ICUType": "type of the unit"}
MEASURES = {"micro_auc": "micro AUC", "macro_auc": "macro AUC"}


def draw(folder: Path, to: Path) -> None:
    """All figures of the tables in ``folder``, as .svg in the folder ``to``."""
    labels = json.loads((folder / "episodes.json").read_text())["labels"]
    titles = {name: label["title"] for name, label in labels.items()}
    hourly, measured = read(folder / "hourly.csv"), read(folder / "measured.csv")
    episode(hourly, measured, titles, to / "episode.svg")
    by_hour(read(folder / "by_hour.csv"), to / "by_hour.svg")
    importance(read(folder / "importance.csv"), to / "importance.svg")


def read(file: Path) -> pd.DataFrame:
    """A table whose names stay text, also those that pandas takes for missing values, such as NA and None."""
    names = dict.fromkeys(("episode", "label", "variable"), str)
    return pd.read_csv(file, dtype=names, keep_default_na=False, na_values="")


def title_of(variable: str) -> str:
    """A variable in words; one of the user's as it is."""
    if variable in VARIABLES:
        return VARIABLES[variable].title
    return STATIC_TITLES[variable] if variable in STATICS else variable


def episode(hourly: pd.DataFrame, measured: pd.DataFrame, titles: dict, file: Path) -> None:
    """One stay: its measurements, each variable from its least to its greatest value, and the predictions."""
    name = hourly["episode"].iloc[0]
    hourly, measured = (table[table["episode"] == name] for table in (hourly, measured))
    last = int(hourly["hour"].max())
    variables = list(dict.fromkeys(measured["variable"]))
    chances = hourly.pivot(index="label", columns="hour", values="probability")
    chances = chances.sort_values(last)
    heights = [len(variables) + 2, len(chances) + 2]
    figure, (above, below) = plt.subplots(
        2, 1, figsize=(WIDTH, 0.17 * sum(heights) + 0.8), height_ratios=heights, sharex=True
    )
    for row, variable in enumerate(variables):
        values = measured[measured["variable"] == variable]
        low, high = values["value"].min(), values["value"].max()
        level = (values["value"] - low) / ((high - low) or 1)
        above.scatter(values["time"], np.full(len(values), row), c=level, cmap="coolwarm", vmin=0, vmax=1, s=9)  # fmt: skip
        unit = VARIABLES[variable].unit if variable in VARIABLES else ""
        text = f"{low:g}" if low == high else f"{low:g} to {high:g}"
        above.annotate(f"{text} {unit}".strip(), (1.01, row), xycoords=("axes fraction", "data"), va="center", fontsize=7)  # fmt: skip
    above.set_yticks(range(len(variables)), map(title_of, variables))
    above.set_ylim(len(variables) - 0.5, -0.5)
    above.set_title(
        "Measured: blue where a variable is lowest in this stay, red where it is highest"
    )
    hours = np.append(chances.columns - 1, last)
    mesh = below.pcolormesh(hours, np.arange(len(chances) + 1), chances, cmap="Blues", vmin=0, vmax=1)  # fmt: skip
    below.set_yticks(np.arange(len(chances)) + 0.5, [titles[label] for label in chances.index])
    facts = hourly.drop_duplicates("label").set_index("label")
    begins = "begins" if facts["already"].any() else "came true"
    for row, label in enumerate(chances.index):
        words = {(1, 1): "held and holds", (1, 0): "held", (0, 1): begins}
        text = words.get((facts["already"][label], facts["later"][label]), "")
        text = "came true" if (label, text) == ("death", begins) else text
        below.annotate(text, (1.01, row + 0.5), xycoords=("axes fraction", "data"), va="center", fontsize=7, weight="bold" if text in (begins, "came true") else "normal")  # fmt: skip
    below.set_title("Predicted from the hours so far, and what came")
    below.set_xlabel("hours since the start of the stay")
    for axes in (above, below):
        axes.tick_params(axis="y", labelsize=7)
        axes.grid(visible=False)
    above.axvline(last, color=TRUTH, linewidth=0.8)
    below.axvline(last, color=TRUTH, linewidth=0.8)
    colours = figure.colorbar(mesh, ax=below, location="bottom", fraction=0.04, aspect=40)
    colours.set_label("predicted probability")
    save(figure, file)


def by_hour(table: pd.DataFrame, file: Path) -> None:
    """How good the predictions for all test episodes are after each hour."""
    figure, axes = plt.subplots(figsize=(WIDTH, 2.6))
    for (measure, title), colour in zip(MEASURES.items(), PALETTE, strict=False):
        axes.plot(table["hour"], table[measure], color=colour, label=title)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="hours read", ylabel="AUC on test episodes")
    axes.legend()
    save(figure, file)


def importance(table: pd.DataFrame, file: Path) -> None:
    """By how much the AUC drops when episodes exchange a variable, of those that matter most."""
    figure, grid = plt.subplots(1, 2, figsize=(WIDTH, 0.2 * SHOWN + 0.9), sharey=True)
    first = table[table["measure"] == next(iter(MEASURES))]
    shown = first.nlargest(SHOWN, "drop")["variable"].tolist()
    for axes, (measure, title) in zip(grid, MEASURES.items(), strict=True):
        drops = table[table["measure"] == measure].set_index("variable").loc[shown]
        rows = range(len(shown))
        axes.barh(rows, drops["drop"], color=FAINT)
        axes.hlines(rows, drops["low"], drops["high"], color=INK, linewidth=1.5)
        axes.set_yticks(rows, map(title_of, shown))
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.set_xlabel(f"drop of the {title}")
        axes.grid(axis="y", visible=False)
    save(figure, file)
