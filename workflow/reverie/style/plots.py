"""The figures of a transfer of style."""

from pathlib import Path

import pandas as pd

from reverie import look
from reverie.figures import plt, save

TERMS = {"content_loss": "content", "style_loss": "style", "variation_loss": "variation"}


def descent(losses_file: Path, file: Path) -> None:
    """The loss and its weighted terms against the step."""
    table = pd.read_csv(losses_file)
    figure, axes = plt.subplots(figsize=(look.WIDTH, 2.6))
    shown = {"loss": "loss", **TERMS}
    for (column, name), colour in zip(shown.items(), [look.TRUTH, *look.PALETTE], strict=False):
        values = table[column].where(table[column] > 0)  # a term of weight 0 has no place here
        axes.plot(table["step"], values, color=colour, label=name)
    axes.set(xlabel="step", ylabel="weighted loss", yscale="log")
    axes.legend(ncols=len(shown))
    save(figure, file)
