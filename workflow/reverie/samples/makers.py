"""The embedded samples by name."""

from pathlib import Path

from reverie.assets import embedded
from reverie.samples import docstrings, drawings


def make(sample: str, folder: Path) -> Path:
    """The path of the sample; whatever is not in the repository is written into the folder."""
    if sample == "squeezenet":
        return embedded("squeezenet_1_1_notop.weights.h5")
    path = folder / f"sample_{sample}.{'txt' if sample == 'docstrings' else 'png'}"
    match sample:
        case "docstrings":
            docstrings.write(path)
        case "sky":
            drawings.write(path, drawings.sky())
        case "painting":
            drawings.write(path, drawings.painting())
        case "meadow":
            drawings.write(path, drawings.meadow())
    return path
