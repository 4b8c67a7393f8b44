"""Figures of the text: learning and reweighting, and the stills of its charts."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from reverie.figures import plt, save
from reverie.look import PALETTE, TRUTH, WIDTH
from reverie.text import charts

SHOWN = 12  # characters in the picture of a distribution
SPECIAL = {" ": "space", "\n": "newline", "\t": "tab"}


def draw(folder: Path, seeds: list[int], temperatures: list[float], to: Path) -> None:
    """All figures of the text in ``folder``, as .svg in the folder ``to``."""
    curves([folder / f"seed{seed}" / "history.csv" for seed in seeds], to / "curves.svg")
    reweighting(folder / f"seed{seeds[0]}" / "next.json", temperatures, to / "reweighting.svg")
    for name, chart in charts.by_temperature(folder).items():
        chart.save(to / f"{name}.svg")


def curves(histories: list[Path], path: Path) -> None:
    """Loss on learned and held-out text by epoch, in bits per character, a line for each seed."""
    figure, axes = plt.subplots(figsize=(WIDTH, 2.8))
    held_out, learned = PALETTE[0], PALETTE[1]
    every = []
    for file in histories:
        history = pd.read_csv(file)
        marker = {"marker": "o", "markersize": 3} if len(history) < 8 else {}
        loss = history["loss"] / np.log(2)
        axes.plot(history["epoch"], loss, linestyle=":", color=learned, **marker)
        axes.plot(history["epoch"], history["bits_per_char"], color=held_out, **marker)
        best = history.loc[history["val_loss"].idxmin()]
        axes.plot(best["epoch"], best["bits_per_char"], "o", mfc="none", mec=TRUTH, markersize=7)
        every += [loss, history["bits_per_char"]]
    # An explosion must not flatten what came before it.
    seen = pd.concat(every)
    axes.set_ylim(0.97 * seen.min(), 1.03 * min(seen.max(), 2.5 * seen.min()))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.set(xlabel="epoch", ylabel="bits per character")
    handles = [
        plt.Line2D([], [], color=held_out, label="held-out text"),
        plt.Line2D([], [], color=learned, linestyle=":", label="training"),
        plt.Line2D([], [], color=TRUTH, linestyle="", marker="o", mfc="none", label="best epoch"),
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=3)
    save(figure, path)


def reweighted(logits: np.ndarray, temperature: float) -> np.ndarray:
    """softmax(logits / temperature)."""
    scaled = (logits - logits.max()) / temperature
    weights = np.exp(scaled)
    return weights / weights.sum()


def reweighting(next_file: Path, temperatures: list[float], path: Path) -> None:
    """The distribution of the character after the first prompt, at every temperature."""
    facts = json.loads(next_file.read_text())
    logits = np.array(facts["logits"])
    likely = np.argsort(-logits, kind="stable")[:SHOWN]
    names = [facts["alphabet"][number] for number in likely]
    colours = temperature_colours(temperatures)
    columns = min(len(temperatures), 4)
    rows = -(-len(temperatures) // columns)
    size = (WIDTH, 2.1 * rows + 0.3)
    figure, grid = plt.subplots(
        rows, columns, figsize=size, sharex=True, sharey=True, squeeze=False
    )
    for axes, temperature in zip(grid.flat, sorted(temperatures), strict=False):
        axes.bar(
            range(len(names)), reweighted(logits, temperature)[likely], color=colours[temperature]
        )
        axes.set_title(f"temperature {temperature:g}")
        axes.set_xticks(range(len(names)), [label(name) for name in names])
        axes.tick_params(axis="x", labelsize=7)
        for tick in axes.get_xticklabels():
            tick.set_rotation(90 if len(tick.get_text()) > 1 else 0)
        axes.grid(axis="x", visible=False)
        axes.set_ylim(0, 1)
    for axes in list(grid.flat)[len(temperatures) :]:
        axes.set_visible(False)
    figure.supylabel("probability", fontsize=9)
    figure.supxlabel("next character", fontsize=9)
    save(figure, path)


def label(character: str) -> str:
    """The character, or the name of one that leaves no ink (and may not stand in an .svg)."""
    if character.isprintable() and not character.isspace():
        return character
    return SPECIAL.get(character, f"U+{ord(character):04X}")


def temperature_colours(temperatures: list[float]) -> dict[float, str]:
    """From cold to hot."""
    shades = plt.get_cmap("coolwarm")(np.linspace(0.05, 0.95, max(len(temperatures), 2)))
    return dict(zip(sorted(temperatures), map(tuple, shades), strict=False))
