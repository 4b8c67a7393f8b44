"""The embedded samples by name: where each lies, and what writes it."""

from pathlib import Path

from reverie.assets import embedded


def path_of(sample: str, folder: Path) -> Path:
    """Where the sample lies: in the folder, or in the repository if nothing needs to be written."""
    if sample == "squeezenet":
        return embedded("squeezenet_1_1_notop.weights.h5")
    return folder / f"sample_{sample}.{'txt' if sample == 'docstrings' else 'png'}"


def make(sample: str, folder: Path) -> Path:
    """Write the sample into the folder, if it is not in the repository; return its path."""
    from reverie.samples import docstrings, drawings

    path = path_of(sample, folder)
    match sample:
        case "docstrings":
            docstrings.write(path)
        case "sky":
            drawings.write(path, drawings.sky())
        case "painting":
            drawings.write(path, drawings.painting())
        case "sheet":
            drawings.write(path, drawings.sheet())
    return path
