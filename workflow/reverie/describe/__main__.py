"""Write sentences about a picture by a run's networks: `python -m reverie.describe photo.jpg`.

Prints a sentence about the whole picture and sentences about its regions. Draws where each word looks, as
photo-describe.png, and which region each sentence is about, as photo-describe-regions.png.
"""

import argparse
import os
import tempfile
from pathlib import Path

import numpy as np

from reverie import commands, devices
from reverie.config.fields import did_you_mean
from reverie.config.model import load
from reverie.describe import dataset, selection
from reverie.describe.files import picture as squeezed
from reverie.describe.kinds import RETRIEVAL
from reverie.describe.results import Results
from reverie.errors import ReverieError
from reverie.pictures import command
from reverie.records import source_of
from reverie.report.run import facts_of


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m reverie.describe", description=__doc__)
    parser.add_argument("picture", help="a JPEG, PNG or WebP file")
    parser.add_argument("--run", help="folder of a run, as results/quick; default: the newest")
    parser.add_argument(
        "--writer", metavar="NAME", help="a network of the run that writes; default: the best"
    )
    parser.add_argument(
        "--beam", type=count, help="1 is greedy; default: the best one of the writer"
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE.png", help="default: here, named after the picture"
    )
    return parser.parse_args()


def count(text: str) -> int:
    if int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {text}")
    return int(text)


def main() -> None:
    options = arguments()
    folder = commands.trained_run(options.run, "describe", "summary.csv")
    facts = facts_of(folder)
    config = facts["config"]
    results = Results(folder / "describe", selection.titles(config))
    writer, beam = selected(results, options)
    output = options.output or Path(f"{Path(options.picture).stem}-describe.png")
    outputs = output, output.with_name(f"{output.stem}-regions{output.suffix}")
    for file in outputs:
        command.refuse_others(file)
    file = command.own_file(options.picture)
    seed = config["describe"]["seeds"][0]
    for name in (*results.models, writer):
        if not (results.folder / name / f"seed{seed}" / "model.json").is_file():
            raise ReverieError(f"{folder}: {name} is not trained yet; run the workflow to the end.")
    with tempfile.TemporaryDirectory() as records:
        record = convnet(facts, Path(records))
        devices.use(config["backend"], len(os.sched_getaffinity(0)))
        with devices.quiet():  # TensorFlow prints while it is imported, whatever its log level
            from reverie.describe import explaining, features
            from reverie.describe.drawing import draw, draw_sentence

        extractor = features.Extractor(selection.features(config), record)
        data = file.read_bytes()
        projection = features.load_projection(results.folder / "projection.npz")
        (cells,) = projection(extractor(squeezed(data, extractor.size)[None]))
    described = dataset.load(results.folder / "described.npz")
    explains = explaining.explainer(results, described, cells.shape, seed, writer, beam)
    ((words, _),) = explains.author.write(cells.mean(axis=0, dtype=np.float32)[None], beam)
    about, boxes = explains.about_regions(cells)
    shown = explaining.upright(data)
    draw_sentence(shown, words, *explains.pointed(cells, words), outputs[0])
    draw(shown, about, boxes, outputs[1])
    print(" ".join(words))
    print("\n".join(f"  {place(box)}: {text}" for text, box in zip(about, boxes, strict=True)))
    print("\n".join(map(str, outputs)))


def selected(results: Results, options: argparse.Namespace) -> tuple[str, int]:
    """The writer and its beam, the best on validation pictures unless others are stated."""
    writers = [name for name in results.writers if name != RETRIEVAL]
    if not writers:
        raise ReverieError(f"{results.folder.parent} has no network that writes; train one.")
    name = options.writer or results.best_writer[0]
    if name not in writers:
        raise ReverieError(
            f"{results.folder.parent} has no network {name!r} that writes{did_you_mean(name, writers)}"
        )
    return name, options.beam or results.best_beam(name)


def convnet(facts: dict, folder: Path) -> Path:
    """The record of the convnet's weights, which must be those of the run; ``folder`` is for it."""
    config = load(facts["config"])
    asset = selection.network(facts["config"])["asset"]
    record = command.fetched(asset, config, folder)
    used = {each["asset"]: each["sha256"] for each in facts["assets"]}
    if asset in used and used[asset] != source_of(record)[1]["sha256"]:
        raise ReverieError(
            f"The weights of {facts['config']['describe']['features']['network']} found now are not those that "
            "the run used; make the same file available, or run the workflow again."
        )
    return record


def place(box: np.ndarray) -> str:
    """Where a region is, in words: "top left", "middle", "everywhere"."""
    left, top, right, bottom = box
    if (right - left) * (bottom - top) > 0.99:
        return "everywhere"
    across, down = (left + right) / 2, (top + bottom) / 2
    words = [
        "" if 0.4 < middle < 0.6 else sides[int(middle > 0.5)]
        for middle, sides in ((down, ("top", "bottom")), (across, ("left", "right")))
    ]
    return " ".join(filter(None, words)) or "middle"


if __name__ == "__main__":
    commands.run(main)
