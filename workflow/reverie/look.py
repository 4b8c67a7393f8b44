"""One look for every figure: colours, type, and how a figure is saved."""

import warnings
from pathlib import Path

import matplotlib
from cycler import cycler

matplotlib.use("svg")
from matplotlib import pyplot as plt

from reverie.files import replacing

# A script that the font of this machine lacks is drawn by the reader's browser: text stays text.
warnings.filterwarnings("ignore", "Glyph .* missing from font")

# Okabe and Ito's palette, readable for the colour-blind, without its black, which is the truth's;
# its yellow darker, and three of Paul Tol's dark colours behind it.
PALETTE = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8A7A00"]
PALETTE += ["#332288", "#882255", "#6B4423"]
TRUTH, NAIVE, INK, FAINT = "#1a1a1a", "#8c8c8c", "#333333", "#d9d9d9"
WIDTH = 7.2  # inches, the width of the report's column

plt.rcParams.update(
    {
        "figure.constrained_layout.use": True,
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "axes.prop_cycle": cycler(color=PALETTE),
        "axes.edgecolor": INK,
        "axes.labelcolor": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 10,
        "axes.titlelocation": "left",
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": FAINT,
        "grid.linewidth": 0.5,
        "font.size": 9,
        "lines.linewidth": 1.4,
        "text.color": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "legend.frameon": False,
        "svg.fonttype": "none",  # text stays text
        "svg.hashsalt": "reverie",  # the same figure gives the same file
        "font.family": "sans-serif",
    }
)


def colours(names: list[str]) -> dict[str, str]:
    """A colour for each name, by its place in the list."""
    return {name: PALETTE[index % len(PALETTE)] for index, name in enumerate(names)}


def save(figure, path: Path) -> None:
    """Write the figure in one go, without a date in it."""
    with replacing(path) as part:
        figure.savefig(part, format="svg", metadata={"Date": None})
    plt.close(figure)
