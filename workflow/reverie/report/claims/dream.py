"""The lecture's remarks about dreams."""

import math
from pathlib import Path

from reverie.dream import measures, pictures, selection
from reverie.report.claims.verdicts import TASTE, Change, higher, points
from reverie.report.words import share
from reverie.tables import read_table

SLIDE = "DeepDream"
APART = {"title", "sheet", "film"}  # settings that do not make two dreams different pictures


class Figures:
    """A run's dreams, as the remarks need them."""

    def __init__(self, run: Path, settings: dict):
        self.folder, self.dreams = run / "dream", selection.dreams(settings)

    def without_details(self) -> tuple[str, str]:
        """Two dreams that differ in the re-injection of details alone; KeyError without them."""
        for name, one in self.dreams.items():
            for other, two in self.dreams.items():
                plain = [
                    {key: value for key, value in dream.items() if key not in APART}
                    for dream in (one, two)
                ]
                if plain[0] == plain[1] | {"details": True} and not two["details"]:
                    return name, other
        raise KeyError("details")

    def sheet(self) -> tuple[str, list[dict]]:
        """Name and lines of the first contact sheet; KeyError without one."""
        for name, one in self.dreams.items():
            if one["sheet"]:
                return name, read_table(self.folder / "sheets" / f"{name}.csv")
        raise KeyError("sheet")

    def title(self, name: str) -> str:
        return self.dreams[name]["title"] or name


def deeper_layers_dream_objects(run: Figures) -> tuple[str, str]:
    name, lines = run.sheet()
    told = [
        f"{float(line['wavelength']):.1f} ({line['layer']})"
        for line in lines
        if not math.isnan(float(line["wavelength"]))
    ]
    said = (
        f"What each layer alone adds to “{run.title(name)}” has, from shallow to deep, a mean "
        f"wavelength of {', '.join(told)} pixels: the size of its forms. Whether they are objects, "
        "an eye must tell from the contact sheet."
    )
    return said, TASTE


def details_must_be_put_back(run: Figures) -> tuple[str, str]:
    names = run.without_details()
    original = pictures.read(run.folder / "originals" / f"{names[0]}.png")
    kept = [
        measures.kept_detail(original, pictures.read(run.folder / f"{name}.png")) for name in names
    ]
    change = Change(*measures.difference(*kept))
    shares = [share(sums[0].sum() / sums[1].sum()) for sums in kept]
    said = (
        f"With re-injection {shares[0]} of the picture’s fine detail is in the dream, without it "
        f"{shares[1]}: a difference of {points(change)}."
    )
    return said, higher(change)


CLAIMS = [
    (SLIDE, "Lower layers dream geometry, higher ones objects", deeper_layers_dream_objects, "a dream with a `sheet`"),
    (SLIDE, "Details lost in upscaling must be re-injected", details_must_be_put_back, "a dream with and without `details`"),
]  # fmt: skip
