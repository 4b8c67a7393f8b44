"""Continue a prompt of your own from a run's weights: `python -m reverie.text "a prompt"`.

With --save, write the network as a file for plain Keras.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from reverie import commands, devices
from reverie.errors import ReverieError
from reverie.histories import best_epoch, read_history
from reverie.text import trained

CHUNK = 8  # characters written between two prints


def select_weights(run: Path, epoch: int | None) -> tuple[Path, Path]:
    """The newest training folder, since older ones may be of seeds that the run no longer has, and its weights
    file of the ``epoch`` or the best.
    """
    models = run.glob("text/seed*/model.json")
    training = max(models, key=lambda file: file.stat().st_mtime).parent
    files = trained.weights(training)
    epoch = epoch or best_epoch(read_history(training))["epoch"]
    if epoch not in files:
        kept = ", ".join(map(str, files))
        raise ReverieError(f"epoch {epoch} was not kept; these were: {kept}.")
    return training, files[epoch]


def temperature(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be 0 (greedy) or more, not {text}")
    return value


def count(text: str) -> int:
    if int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {text}")
    return int(text)


def seed(text: str) -> int:
    if int(text) < 0:
        raise argparse.ArgumentTypeError(f"must be 0 or more, not {text}")
    return int(text)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m reverie.text", description=__doc__)
    parser.add_argument("prompt", nargs="?", help="what the text begins with")
    parser.add_argument(
        "--temperature", type=temperature, default=0.5, help="0 is greedy; default 0.5"
    )
    parser.add_argument(
        "--characters", type=count, default=400, help="how many follow; default 400"
    )
    parser.add_argument("--run", help="folder of a run, as results/quick; default: the newest")
    parser.add_argument("--epoch", type=count, help="default: the best")
    parser.add_argument("--seed", type=seed, help="for the same text again")
    parser.add_argument(
        "--save",
        type=Path,
        metavar="FOLDER",
        help="write text.keras and text.json into this folder",
    )
    options = parser.parse_args()
    if (options.prompt is None) == (options.save is None):
        parser.error("give either a prompt or --save FOLDER")
    return options


def main() -> None:
    options = arguments()
    run = commands.trained_run(options.run, "text", "seed*/model.json")
    folder, weights = select_weights(run, options.epoch)
    description = json.loads((folder / "model.json").read_text())
    devices.use(description["network"]["backend"], 1)
    with devices.quiet():  # TensorFlow prints while it is imported, whatever its log level
        from reverie.text.corpus import load
        from reverie.text.prompts import start_of
        from reverie.text.sampling import Writer, gumbel

    corpus = load(folder.parent / "corpus.npz")
    if len(corpus.alphabet) != description["vocabulary"]:
        raise ReverieError(f"{folder} was trained on another corpus; run the workflow to the end.")
    writer = Writer(description, corpus)
    if options.save:
        writer.read(weights)
        print(f"saved: {save(writer, options.save)}")
        return
    ids = start_of(corpus, description["network"]["window"], options.prompt)[None]
    print(options.prompt, end="", flush=True)
    writer.read(weights)
    generator = np.random.default_rng(options.seed)
    for start in range(0, options.characters, CHUNK):
        noise = gumbel(generator, CHUNK, writer.vocabulary)[:, None]
        drawn = writer.write(ids, [options.temperature], noise)
        ids = np.concatenate([ids, drawn], axis=1)[:, CHUNK:]
        print(corpus.decoded(drawn[0])[: options.characters - start], end="", flush=True)
    print()


def save(writer, folder: Path) -> Path:
    """Write the network as text.keras: numbers of characters, (batch, window), to logits.

    text.json has the alphabet, in the order of the numbers and logits.
    """
    import keras

    from reverie import keras_files
    from reverie.text import models

    characters = keras.Input((writer.window,), dtype="int32")
    network = keras_files.plain(writer.model, "network")
    logits = network(models.one_hot(characters, writer.vocabulary))
    facts = {"alphabet": writer.corpus.alphabet, "window": writer.window}
    return keras_files.save(keras.Model(characters, logits), facts, folder, "text")


if __name__ == "__main__":
    commands.run(main)
