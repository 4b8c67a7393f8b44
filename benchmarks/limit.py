"""`python -m benchmarks.limit RUN VARIANT ...`: how the error falls with the length of the training part.

Each variant of a finished run, a folder in `results`, is trained or fitted again on the last eighth,
quarter and half of the training rows, and on all, once, in a folder that is removed afterwards. The
normalisation stays that of all training rows. The table is printed, and put into the section of
docs/best-forecast.md that has this command, if there is one.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
from reverie import devices
from reverie.forecast import fitting, variants
from reverie.report.run import facts_of

from benchmarks import pages
from benchmarks.forecasters import PAGE

SHARES = (1 / 8, 1 / 4, 1 / 2, 1)


def main(run: Path, names: list[str]) -> str:
    """The table in Markdown; each line is printed when it is known."""
    config = facts_of(run)["config"]
    networks, fits = variants.networks(config), variants.fitted(config)
    text = pages.table([["forecaster", "training rows", "validation", "test"], ["---"] * 4])
    print(text, end="")
    for name in names:
        for share in SHARES:
            with tempfile.TemporaryDirectory() as scratch:
                folder = Path(scratch)
                rows = shorten(run / "forecast" / "series.npz", share, folder / "series.npz")
                if name in networks:
                    train(name, networks[name], config["backend"], folder)
                else:
                    fitting.fit(name, fits[name], 0, folder / "series.npz", folder)
                errors = [f"{error(folder, split):.4f}" for split in ("val", "test")]
            line = pages.table([[name, f"{rows:,}", *errors]])
            print(line, end="", flush=True)
            text += line
    return text


def shorten(series_file: Path, share: float, file: Path) -> int:
    """Write the series without the first rows, so that this share of the training rows is left."""
    with np.load(series_file, allow_pickle=False) as saved:
        series = {key: saved[key] for key in saved.files}
    count, rows = int(series["train_end"]), len(series["values"])
    first = round(count * (1 - share))
    series = {k: v[first:] if v.ndim and len(v) == rows else v for k, v in series.items()}
    for end in ("train_end", "validation_end"):
        series[end] = series[end] - first
    np.savez(file, **series)
    return count - first


def train(name: str, network: dict, backend: str, folder: Path) -> None:
    devices.use(backend, 1)
    from reverie.checkpoints import Checkpoints
    from reverie.forecast import training

    at = Checkpoints(folder / "checkpoints", "")
    training.train(name, network, 0, folder / "series.npz", at, folder)


def error(folder: Path, split: str) -> float:
    with np.load(folder / f"predictions_{split}.npz") as saved:
        return float(np.abs(saved["prediction"] - saved["target"]).mean())


if __name__ == "__main__":
    text = main(Path(sys.argv[1]), sys.argv[2:])
    pages.fill(PAGE, " ".join(["python -m benchmarks.limit", *sys.argv[1:]]), text)
