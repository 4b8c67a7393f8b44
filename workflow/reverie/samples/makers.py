"""The embedded samples by name."""

from pathlib import Path

from reverie.assets import embedded
from reverie.describe import scenes
from reverie.diagnose import simulated
from reverie.samples import docstrings, drawings

SUFFIXES = {  # of the others, png
    "docstrings": "txt",
    "stays": "tar.gz",
    "outcomes": "txt",
    "scenes": "zip",
    "sentences": "csv",
}


def make(sample: str, folder: Path) -> Path:
    """The path of the sample; whatever is not in the repository is written into the folder."""
    if sample == "squeezenet":
        return embedded("squeezenet_1_1_notop.weights.h5")
    path = folder / f"sample_{sample}.{SUFFIXES.get(sample.partition('_')[0], 'png')}"
    match sample:
        case "docstrings":
            docstrings.write(path)
        case "sky":
            drawings.write(path, drawings.sky())
        case "painting":
            drawings.write(path, drawings.painting())
        case "meadow":
            drawings.write(path, drawings.meadow())
        case "stays_a" | "stays_b" | "stays_c":
            simulated.write_records(path, sample[-1])
        case "outcomes_a" | "outcomes_b" | "outcomes_c":
            simulated.write_outcomes(path, sample[-1])
        case "scenes":
            scenes.write_pictures(path)
        case "sentences":
            scenes.write_sentences(path)
    return path
