"""The lecture's remarks about dreams."""

import math
from itertools import permutations
from pathlib import Path

import numpy as np

from reverie.bootstrap import block_means, interval
from reverie.dream import measures, selection
from reverie.pictures import images
from reverie.report.verdicts import TASTE, Change, higher, points
from reverie.report.words import share
from reverie.tables import read_table

SLIDE = "DeepDream"
PICTURES = {"sky", "flowers", "starry_night", "noise"}  # that config.yaml dreams of


def own(settings: dict) -> bool:
    """Whether the dreams that the remarks are about are of other pictures than the lecture's."""
    dreams = selection.dreams(settings)
    names = filter(None, (*(without_details(dreams) or ()), with_sheet(dreams)))
    pictures = {dreams[name][key] for name in names for key in ("picture", "guide")}
    return not pictures <= {*PICTURES, None}


def without_details(dreams: dict[str, dict]) -> tuple[str, str] | None:
    """Two dreams that differ in the re-injection of details alone."""
    plain = {
        name: {key: value for key, value in dream.items() if key not in selection.OTHERS}
        for name, dream in dreams.items()
    }
    for name, other in permutations(plain, 2):
        if (
            plain[other]["blend"] is None
            and not plain[other]["details"]
            and plain[name] == plain[other] | {"details": True}
        ):
            return name, other
    return None


def with_sheet(dreams: dict[str, dict]) -> str | None:
    """The first dream that has a contact sheet."""
    return next((name for name, dream in dreams.items() if dream["sheet"]), None)


class Figures:
    """A run's dreams, as the remarks need them."""

    def __init__(self, folder: Path, dreams: dict[str, dict]):
        self.folder, self.dreams = folder, dreams

    @classmethod
    def read(cls, folder: Path, settings: dict):
        return cls(folder / "dream", selection.dreams(settings))

    def kept(self) -> list[np.ndarray]:
        """Fine detail in the dream with and without re-injection; KeyError without such dreams."""
        names = without_details(self.dreams)
        if not names:
            raise KeyError("details")
        original = images.read(self.folder / "originals" / f"{names[0]}.png")
        dreamt = [images.read(self.folder / f"{name}.png") for name in names]
        return [measures.kept_detail(original, picture) for picture in dreamt]

    def sheet(self) -> tuple[str, list[dict]]:
        """Name and lines of the first contact sheet; KeyError without one."""
        if not (name := with_sheet(self.dreams)):
            raise KeyError("sheet")
        return name, read_table(self.folder / "sheets" / f"{name}.csv")

    def title(self, name: str) -> str:
        return self.dreams[name]["title"] or name


def more_detail(kept: np.ndarray, other: np.ndarray) -> Change:
    """How much more detail a dream kept than another, with its 95 % bootstrap interval.

    Both are from :func:`reverie.dream.measures.kept_detail` with the same original. A small picture has no interval.
    """
    tiles = np.stack([kept[0] - other[0], kept[1]])
    change, means = float(tiles[0].sum() / tiles[1].sum()), block_means(tiles, 1)
    samples = None if means is None else means[0] / means[1]
    return Change(change, *interval(change, samples, tiles.shape[1]))


def deeper_layers_dream_objects(figures: Figures) -> tuple[str, str]:
    name, lines = figures.sheet()
    wavelengths = [
        f"{float(line['wavelength']):.1f} ({line['layer']})"
        for line in lines
        if not math.isnan(float(line["wavelength"]))
    ]
    sentence = (
        f"What each layer adds to “{figures.title(name)}” has a mean wavelength of "
        f"{', '.join(wavelengths)} pixels, the scale of its shapes. Whether the shapes are objects is for "
        "the viewer of the contact sheet to judge."
    )
    return sentence, TASTE


def details_must_be_put_back(figures: Figures) -> tuple[str, str]:
    kept = figures.kept()
    change = more_detail(*kept)
    shares = [share(sums[0].sum() / sums[1].sum()) for sums in kept]
    sentence = (
        f"With re-injection {shares[0]} of the picture’s fine detail survives in the dream, without "
        f"it {shares[1]}: a difference of {points(change)}."
    )
    return sentence, higher(change)


CLAIMS = [
    (SLIDE, "Lower layers dream geometric patterns, higher layers objects", deeper_layers_dream_objects, "a dream with a `sheet`"),
    (SLIDE, "Detail lost by rescaling must be re-injected", details_must_be_put_back, "a dream with and without `details`"),
]  # fmt: skip
