"""Figures by matplotlib, which have no interactive twin: their look, and how one is saved."""

import warnings
from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot as plt

from reverie.files import replacing
from reverie.look import FAINT, INK

# A script that the font of this machine lacks is drawn by the reader's browser: text stays text.
warnings.filterwarnings("ignore", "Glyph .* missing from font")

plt.rcParams.update(
    {
        "figure.constrained_layout.use": True,
        "figure.facecolor": "none",
        "axes.facecolor": "none",
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


def save(figure, path: Path) -> None:
    """Write the figure in one go, without a date in it."""
    with replacing(path) as part:
        figure.savefig(part, format="svg", metadata={"Date": None})
    plt.close(figure)
