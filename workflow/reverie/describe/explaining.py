"""Where the words of a written sentence look, and what is written about regions.

For the test pictures with the best, the middle and the worst sentence, which :meth:`reverie.describe.results.Results.ranked`
chooses and nobody else.
"""

import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from reverie.describe import dataset
from reverie.describe.aligning import Aligner
from reverie.describe.dataset import Described
from reverie.describe.drawing import draw, draw_sentence
from reverie.describe.files import Files
from reverie.describe.regions import boxes, regions
from reverie.describe.results import Results, in_words
from reverie.describe.smoothing import smoothed
from reverie.describe.writing import Author
from reverie.pictures import images

GROUPS = ("best", "middle", "worst")
LEVELS = [3, 1]  # of regions, where no alignment model has any
# What two neighbouring words gain with one region, in differences between a word's best and worst one.
STEADINESS = 0.25
MOST = 5  # sentences about regions
SIDE = 720  # pixels, the longer side of a drawn picture


@dataclass
class Explainer:
    """A writer with its beam, and the alignment model that says where its words look, if there is one."""

    author: Author
    beam: int
    aligner: Aligner | None

    def pointed(self, cells: np.ndarray, words: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """The region of each word, (words,), smoothed along the sentence, and the boxes of the regions.

        ``cells`` (cells, dimensions). Without an alignment model all words point at the whole picture.
        """
        if self.aligner is None or not words:
            return np.zeros(len(words), int), boxes(1, [1])
        agreements = self.aligner.agreements(cells, words)
        beta = STEADINESS * float(np.ptp(agreements, axis=0).mean())
        return smoothed(agreements, beta), self.aligner.boxes

    def about_regions(self, cells: np.ndarray) -> tuple[list[str], np.ndarray]:
        """Sentences about regions, and their boxes: of each sentence the region for which it is most probable.

        The most probable ones by word, MOST at most, in the order of the regions.
        """
        grid = round(len(cells) ** 0.5)
        levels = self.aligner.levels if self.aligner else [min(grid, level) for level in LEVELS]
        written = self.author.write(regions(cells[None], levels)[0].astype(np.float32), self.beam)
        best: dict[str, tuple[float, int]] = {}
        for place, (words, log_probability) in enumerate(written):
            sentence, value = " ".join(words), log_probability / (len(words) + 1)
            if sentence and (sentence not in best or value > best[sentence][0]):
                best[sentence] = value, place
        chosen = sorted(best, key=lambda sentence: best[sentence], reverse=True)[:MOST]
        chosen.sort(key=lambda sentence: best[sentence][1])
        places = [best[sentence][1] for sentence in chosen]
        return chosen, boxes(grid, levels)[places]


def looking(results: Results, seed: int) -> str | None:
    """The alignment model that says where words look: the best of those with regions, on validation pictures."""
    with_regions = [
        name for name in results.models if levels_of(results.folder / name, seed) != [1]
    ]
    return max(with_regions, key=results.on_validation, default=None)


def levels_of(model: Path, seed: int) -> list[int]:
    """The levels of a model's pyramid of regions."""
    file = model / f"seed{seed}" / "model.json"
    return json.loads(file.read_text())["network"]["levels"]


def explainer(
    results: Results,
    described: Described,
    shape: tuple[int, int],
    seed: int,
    writer: str,
    beam: int,
) -> Explainer:
    """The ``writer``, and the model of :func:`looking`, for pictures of features in this ``shape``, (cells, dimensions)."""
    model, vocabulary = looking(results, seed), described.vocabulary.tolist()
    cells, dimensions = shape
    longest = described.words.shape[1]
    author = Author(results.folder / writer / f"seed{seed}", vocabulary, dimensions, longest)
    aligner = None
    if model:
        training = results.folder / model / f"seed{seed}"
        aligner = Aligner(training, vocabulary, cells, dimensions, longest)
    return Explainer(author, beam, aligner)


def explain(folder: Path, titles: dict[str, str], seed: int, pictures: Path, to: Path) -> None:
    """Draw the test pictures of GROUPS as .png into ``to``, and write what they show as `shown.json`.

    ``folder`` is the run's, ``pictures`` the folder or archive of the pictures.
    """
    results = Results(folder, titles)
    described = dataset.load(folder / "described.npz")
    features = np.load(folder / "features.npy", mmap_mode="r", allow_pickle=False)
    writer, beam = results.best_writer
    explains = explainer(results, described, features.shape[1:], seed, writer, beam)
    ranked = results.ranked(writer, seed, beam)
    files, shown = Files(pictures), []
    to.mkdir(parents=True, exist_ok=True)
    for group, place in zip(GROUPS, (0, len(ranked) // 2, -1), strict=True):
        caption = ranked[place]
        cells = features[int(np.flatnonzero(described.names == caption.picture)[0])]
        picture = upright(files.read(caption.picture))
        words = caption.sentence.split()
        about = explains.about_regions(cells)
        draw_sentence(picture, words, *explains.pointed(cells, words), to / f"{group}-words.png")
        draw(picture, *about, to / f"{group}-regions.png")
        shown.append(
            {"group": group, "picture": caption.picture, "sentence": caption.sentence}
            | {"bleu": caption.bleu, "references": caption.references, "regions": about[0]}
        )
    model = looking(results, seed)
    facts = {"writer": titles[writer], "search": in_words(beam), "seed": seed, "of": len(ranked)}
    facts |= {"model": titles[model] if model else None, "pictures": shown}
    (to / "shown.json").write_text(json.dumps(facts, indent=2) + "\n")


def upright(data: bytes) -> np.ndarray:
    """A picture of a file that can be read, (height, width, 3) uint8, at most SIDE pixels a side."""
    with Image.open(io.BytesIO(data)) as opened:
        picture = images.upright(opened)
    picture.thumbnail((SIDE, SIDE))
    return np.asarray(picture)
