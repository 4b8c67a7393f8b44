"""The tables that the evaluation wrote, as charts and the report read them.

A run's folder `describe/` has:

* `pictures.json`: `pictures, sentences, vocabulary` (counts), `split` (pictures by part), `words` (counts
  of all sentences: `mean`, `longest`, and `kept`, the words that a network reads at most), `dropped` (what
  was left out, by reason), `features` (`network, layer, size, dimensions`), `source, sha256, sample`;
  `sample` is true of drawn scenes
In all tables `model` is the name of an alignment model or of a writer.

* `alignment.csv`: `model, seed, split` (val, test), `direction` (annotation, search), `recall_1, recall_5,
  recall_10` (shares), `median_rank`
* `bleu.csv`: `model, seed, split` (val, test), `method` (greedy, beam 7, retrieval), `beam, bleu_1, …, bleu_4`
  (0 to 1). The writer `retrieval` has neither seed nor beam
* `captions.jsonl`: a line for each writer, seed, beam and test picture: `model, seed, method, beam, picture,
  sentence, references` (people's sentences), `log_probability, bleu` (smoothed BLEU-4 of this sentence alone)
* `summary.csv`: `model, beam, split, measure, seeds, parameters, mean, sd, low, high`: means over seeds;
  intervals on test alone. Measures are `annotation_recall_1, …, search_median_rank` of models and
  `best_region`, the mean weight of a word's best region in the soft score of its own picture; `bleu_1, …` of writers
* `pairs.csv`: `model, against, beam, measure, difference, low, high` on test pictures, of every two models and
  every two writers with the same beam, both ways round; of writers without `beam`, each has its best one on
  validation. Of models also `annotation_mean_recall` and `search_mean_recall`, of recall at 1, 5 and 10
* `frequency.csv`: `model, beam, band` (of words by their rank in the training sentences, such as 11-100),
  `words` (how many), `people` and `written` (shares of the words in the vocabulary on test pictures), `ratio`
  of the two with its interval `low, high`, `used` (share of the band's words that are ever written); the band
  `others` are words that the vocabulary lacks, as shares of all
* `words.csv`: `model, beam` (the best on validation), `word, training, people, written`: how often each word
  of the vocabulary stands in training sentences, in people's and in written ones of test pictures
* `rates.csv`: `model, seed, learning_rate, val_loss`: of each learning rate that a writer has tried, the
  validation loss after an epoch, if it was a number; the writer trained with the one of the lowest
* `<model>/seed<k>/`: `history.csv, best.weights.h5, model.json` (`network, parameters`, and `losses_of_rates` of a
  writer), `ranks_val.npz` and `ranks_test.npz` of a model, `captions.jsonl` of a writer
"""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from reverie.describe.kinds import RETRIEVAL
from reverie.tables import read_table

TITLES = {RETRIEVAL: "Retrieval"}
DIRECTIONS = {"annotation": "sentences for a picture", "search": "pictures for a sentence"}
MEASURES = {
    "recall_1": "recall at 1",
    "recall_5": "recall at 5",
    "recall_10": "recall at 10",
    "median_rank": "median rank",
}
BLEUS = {f"bleu_{order}": f"BLEU-{order}" for order in (1, 2, 3, 4)}
OTHERS = "others"  # the band of words that are not in the vocabulary
# On validation pictures, of models the mean. Few pictures leave recall at 10 at its ceiling for all.
MODELS_CHOSEN_BY = [f"{direction}_recall_{top}" for direction in DIRECTIONS for top in (1, 5, 10)]
WRITERS_CHOSEN_BY = ("bleu_4", "bleu_3", "bleu_2", "bleu_1")  # the next one where several are equal


def number(text: str) -> float | None:
    return float(text) if text else None


def integer(text: str) -> int | None:
    return int(text) if text else None


def in_words(beam: int | None) -> str:
    """How a sentence was found."""
    if beam is None:
        return "retrieval"
    return "greedy search" if beam == 1 else f"beam search, {beam}"


@dataclass(frozen=True)
class Caption:
    """A line of `captions.jsonl`."""

    model: str
    seed: int | None
    method: str
    beam: int | None
    picture: str
    sentence: str
    references: list[str]
    log_probability: float | None
    bleu: float


class Results:
    """The tables in ``folder``; ``titles`` are those of models and writers by name, in the report's order."""

    def __init__(self, folder: Path, titles: dict[str, str]):
        self.folder, self.titles = folder, titles | TITLES
        self.facts = json.loads((folder / "pictures.json").read_text(encoding="utf-8"))
        self.summary = {
            (line["model"], integer(line["beam"]), line["split"], line["measure"]): {
                name: number(line[name])
                for name in ("seeds", "parameters", "mean", "sd", "low", "high")
            }
            for line in read_table(folder / "summary.csv")
        }
        self.differences = {
            (line["measure"], line["model"], line["against"], integer(line["beam"])): tuple(
                float(line[name] or "nan") for name in ("difference", "low", "high")
            )
            for line in read_table(folder / "pairs.csv")
        }
        self.frequency = [
            line
            | {"beam": integer(line["beam"]), "words": integer(line["words"])}
            | {
                name: number(line[name])
                for name in ("people", "written", "ratio", "low", "high", "used")
            }
            for line in read_table(folder / "frequency.csv")
        ]
        self.losses_of_rates: dict[str, dict[str, dict[float, float]]] = {}
        for line in read_table(folder / "rates.csv"):
            by_seed = self.losses_of_rates.setdefault(line["model"], {})
            losses = by_seed.setdefault(line["seed"], {})
            losses[float(line["learning_rate"])] = float(line["val_loss"] or "inf")

    def named(self, measure: str) -> list[str]:
        """What has the measure, in the order of the report."""
        there = {name for name, _, _, of in self.summary if of == measure}
        return [name for name in self.titles if name in there]

    @property
    def models(self) -> list[str]:
        """The alignment models."""
        return self.named(MODELS_CHOSEN_BY[0])

    @property
    def writers(self) -> list[str]:
        """The writers; `retrieval` is the last."""
        return self.named(WRITERS_CHOSEN_BY[0])

    def beams(self, writer: str) -> list[int | None]:
        """The beams of a writer, [None] of `retrieval`."""
        return list(dict.fromkeys(beam for name, beam, *_ in self.summary if name == writer))

    def mean(self, name: str, measure: str, beam: int | None = None, split="test") -> float | None:
        """A measure's mean over seeds."""
        return self.summary.get((name, beam, split, measure), {}).get("mean")

    @property
    def best_model(self) -> str | None:
        """The alignment model with the highest recall at 1, 5 and 10 on validation pictures, in the mean of both
        directions."""
        return max(self.models, key=self.on_validation, default=None)

    def on_validation(self, model: str) -> float:
        """What alignment models are chosen by."""
        return sum(self.mean(model, measure, None, "val") for measure in MODELS_CHOSEN_BY)

    def best_beam(self, writer: str) -> int | None:
        """The beam with the highest BLEU-4 on validation pictures."""
        return max(self.beams(writer), key=lambda beam: self.bleus_on_validation(writer, beam))

    def bleus_on_validation(self, writer: str, beam: int | None) -> tuple[float, ...]:
        """What writers and beams are chosen by."""
        return tuple(self.mean(writer, measure, beam, "val") for measure in WRITERS_CHOSEN_BY)

    def chosen_rates(self, writer: str) -> list[float]:
        """The learning rate of each seed that has tried several."""
        return [
            min(losses, key=losses.get) for losses in self.losses_of_rates.get(writer, {}).values()
        ]

    @property
    def best_writer(self) -> tuple[str, int] | None:
        """The network, and its beam, with the highest BLEU-4 on validation pictures."""
        networks = [(name, self.best_beam(name)) for name in self.writers if name != RETRIEVAL]
        return max(networks, key=lambda pair: self.bleus_on_validation(*pair), default=None)

    @cached_property
    def captions(self) -> list[Caption]:
        """All lines of `captions.jsonl`."""
        text = (self.folder / "captions.jsonl").read_text(encoding="utf-8")
        return [Caption(**json.loads(line)) for line in text.strip().split("\n")]

    def ranked(self, writer: str, seed: int | None, beam: int | None) -> list[Caption]:
        """A writer's sentences about all test pictures, that with the highest BLEU first.

        Equal ones are in the order of their pictures' names. So the best, the one in the middle and the
        worst are chosen by no hand.
        """
        there = [
            caption
            for caption in self.captions
            if (caption.model, caption.seed, caption.beam) == (writer, seed, beam)
        ]
        return sorted(there, key=lambda caption: (-caption.bleu, caption.picture))
