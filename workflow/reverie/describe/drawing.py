"""Pictures beside texts, each of which points at a region: words of a sentence, or sentences of regions."""

import textwrap
from pathlib import Path

import numpy as np
from matplotlib.patches import ConnectionPatch, Rectangle
from matplotlib.patheffects import Normal, withStroke

from reverie.describe.smoothing import segments
from reverie.figures import plt
from reverie.files import replacing
from reverie.look import PALETTE
from reverie.pictures.files import SOFTWARE

PAPER = "#fdfdfb"  # of the report's page
WIDTH, SIDE = 6.0, 3.0  # inches, of the drawing, and of the picture's longer side
FONT = 11.5  # points, which can be read on a phone
LINE = 0.23  # inches, the height of a line of text
GAP = 0.6  # lines between two texts
LETTERS = 28  # in a line of text
OUTLINED = [withStroke(linewidth=3.4, foreground="white"), Normal()]
INSET = 0.012  # of the picture's sides, by which each further box is smaller, so that all show
DPI = 200


def draw_sentence(
    picture: np.ndarray, words: list[str], regions: np.ndarray, boxes: np.ndarray, file: Path
) -> None:
    """Draw a sentence beside its picture: each run of words points at its region.

    ``picture`` (height, width, 3); ``regions`` (words,) places in ``boxes``, as
    :func:`reverie.describe.smoothing.smoothed` gives them. A sentence without words leaves the picture alone.
    """
    runs = segments(regions) if words else []
    texts = [" ".join(words[start:end]) for _, start, end in runs]
    draw(picture, texts, boxes[[region for region, _, _ in runs]], file)


def draw(picture: np.ndarray, texts: list[str], boxes: np.ndarray, file: Path) -> None:
    """Draw the picture with a box for each text, in its colour, and a line from the text into it.

    ``boxes`` (texts, 4) are left, top, right and bottom as shares of the ``picture``, (height, width, 3).
    Equal boxes have one colour. Writes a .png.
    """
    height, width = picture.shape[:2]
    across, down = SIDE * width / max(height, width), SIDE * height / max(height, width)
    wrapped = [textwrap.wrap(text, LETTERS) or [""] for text in texts]
    lines = sum(len(part) + GAP for part in wrapped)
    total = max(down, lines * LINE)
    figure = plt.figure(figsize=(WIDTH, total), layout="none", facecolor=PAPER)
    left = figure.add_axes([0, 1 - down / total, across / WIDTH, down / total])
    left.imshow(picture, extent=(0, 1, 1, 0), aspect="auto")
    left.set_axis_off()
    right = figure.add_axes([across / WIDTH, 0, 1 - across / WIDTH, 1])
    right.set(xlim=(0, 1), ylim=(total, 0))
    right.set_axis_off()
    places = {box: place for place, box in enumerate(dict.fromkeys(map(tuple, boxes)))}
    row = max((total - lines * LINE) / 2, 0) + LINE / 2
    for part, box in zip(wrapped, map(tuple, boxes), strict=True):
        colour, inset = PALETTE[places[box] % len(PALETTE)], INSET * (places[box] % len(PALETTE))
        start, upper, end, lower = box + inset * np.array([1, 1, -1, -1])
        stroke = {"linewidth": 1.8, "path_effects": OUTLINED}
        outline = Rectangle((start, upper), end - start, lower - upper, fill=False, edgecolor=colour, **stroke)  # fmt: skip
        left.add_patch(outline)
        edge = end, (upper + lower) / 2
        ends = {"xyA": edge, "axesA": left, "xyB": (0.1, row), "axesB": right}
        figure.add_artist(ConnectionPatch(coordsA="data", coordsB="data", color=colour, **ends, **stroke))  # fmt: skip
        left.plot(*edge, "o", color=colour, markersize=6, markeredgecolor="white", clip_on=False)
        right.plot(0.11, row, "s", color=colour, markersize=7)
        for place, text in enumerate(part):
            right.text(0.14, row + place * LINE, text, va="center_baseline", fontsize=FONT)
        row += (len(part) + GAP) * LINE
    with replacing(file) as part:
        figure.savefig(part, format="png", dpi=DPI, metadata={"Software": SOFTWARE})
    plt.close(figure)
