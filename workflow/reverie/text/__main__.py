"""Continue a prompt of your own from a run's weights: `python -m reverie.text "a prompt"`."""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from reverie import devices
from reverie.errors import ReverieError

AT_A_TIME = 8  # characters between two looks at the screen


def trainings(results: Path) -> list[Path]:
    """Folders of finished trainings under ``results``, the newest first."""
    found = [file.parent for file in results.glob("*/text/seed*/model.json")]
    return sorted(found, key=lambda folder: -(folder / "model.json").stat().st_mtime)


def chosen(run: str | None, epoch: int | None) -> tuple[Path, Path]:
    """The folder of a training and the weights file in it; ReverieError where there are none."""
    if run is None:
        folders = trainings(Path("results"))
        if not folders:
            raise ReverieError("there is no trained network under results/; run make report first.")
    else:
        folders = sorted(file.parent for file in Path(run).glob("text/seed*/model.json"))
        if not folders:
            raise ReverieError(f"{run}: there is no trained network in text/; name another run.")
    weights = folders[0] / "weights"
    name = "best" if epoch is None else f"epoch{epoch}"
    if not (weights / f"{name}.weights.h5").is_file():
        kept = sorted(int(p.name[5:].partition(".")[0]) for p in weights.glob("epoch*.weights.h5"))
        raise ReverieError(f"epoch {epoch} was not kept; these were: {', '.join(map(str, kept))}.")
    return folders[0], weights / f"{name}.weights.h5"


def temperature(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be 0 (greedy) or more, not {text}")
    return value


def count(text: str) -> int:
    if int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {text}")
    return int(text)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m reverie.text", description=__doc__)
    parser.add_argument("prompt", help="what the text begins with")
    parser.add_argument(
        "--temperature", type=temperature, default=0.5, help="0 is greedy; default 0.5"
    )
    parser.add_argument(
        "--characters", type=count, default=400, help="how many follow; default 400"
    )
    parser.add_argument("--run", help="folder of a run, as results/quick; default: the newest")
    parser.add_argument("--epoch", type=int, help="default: the best")
    parser.add_argument("--seed", type=int, help="for the same text again")
    return parser.parse_args()


def main() -> None:
    asked = arguments()
    folder, weights = chosen(asked.run, asked.epoch)
    description = json.loads((folder / "model.json").read_text())
    devices.use(description["network"]["backend"], 1)
    from reverie.text.corpus import load
    from reverie.text.prompts import start_of
    from reverie.text.sampling import Writer, gumbel

    corpus = load(folder.parent / "corpus.npz")
    ids = start_of(corpus, description["network"]["window"], asked.prompt)[None]
    print(asked.prompt, end="", flush=True)
    writer = Writer(description, corpus)
    writer.read(weights)
    generator = np.random.default_rng(asked.seed)
    for start in range(0, asked.characters, AT_A_TIME):
        noise = gumbel(generator, AT_A_TIME, writer.vocabulary)[:, None]
        drawn = writer.write(ids, [asked.temperature], noise)
        ids = np.concatenate([ids, drawn], axis=1)[:, AT_A_TIME:]
        print(corpus.decoded(drawn[0])[: asked.characters - start], end="", flush=True)
    print()


if __name__ == "__main__":
    try:
        main()
    except ReverieError as error:
        sys.exit(f"reverie: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
