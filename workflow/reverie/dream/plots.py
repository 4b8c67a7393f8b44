"""The figures of a dream."""

from pathlib import Path

import pandas as pd

from reverie import look
from reverie.figures import plt, save


def ascent(losses_file: Path, file: Path) -> None:
    """The objective against the step, octave after octave."""
    table = pd.read_csv(losses_file)
    figure, axes = plt.subplots(figsize=(look.WIDTH, 2.2))
    begin = 0
    for _, octave in table.groupby("octave"):
        first = octave.iloc[0]
        axes.plot(begin + octave["step"], octave["loss"], color=look.PALETTE[0])
        axes.annotate(
            f"{first['width']:.0f} × {first['height']:.0f}",
            (begin + 1, 1),
            xycoords=("data", "axes fraction"),
            va="bottom",
            fontsize=8,
        )
        begin += len(octave)
    axes.set(xlabel="step", ylabel="objective", ylim=(0, None))
    save(figure, file)
