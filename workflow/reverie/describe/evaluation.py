"""How well models rank and writers write, how sure that is, and how they differ.

Intervals on the test pictures are those of a bootstrap over pictures, which come with all their sentences.
All models and seeds are measured in the same resamples, and differences are paired. With several seeds,
Student's interval over the seeds is added in quadrature (`reverie.bootstrap`). What is chosen, such as the
number of beams, is chosen on validation pictures.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import permutations
from pathlib import Path

import numpy as np
from tqdm import tqdm

from reverie.bootstrap import half_width, interval, widened
from reverie.describe import bleu, dataset, frequency, ranking, retrieval
from reverie.describe.dataset import Described
from reverie.describe.kinds import RETRIEVAL
from reverie.describe.regions import whole_pictures
from reverie.describe.words import tokens
from reverie.tables import write_table

WITHIN = {"median_rank": (1, None), "share": (0, 1)}  # what a measure can be
BLEUS = [f"bleu_{order}" for order in bleu.ORDERS]
SPLITS = ["val", "test"]
RESAMPLES = 1000
FEWEST_USES = 5  # of a band's words, as people would use them; intervals of fewer are wrong
BEST_REGION = "best_region"  # the mean weight of a word's best region in its own picture's score
TABLES = {
    "alignment": ["model", "seed", "split", "direction", *ranking.MEASURES],
    "bleu": ["model", "seed", "split", "method", "beam", *BLEUS],
    "summary": ["model", "beam", "split", "measure", "seeds", "parameters", "mean", "sd", "low", "high"],
    "pairs": ["model", "against", "beam", "measure", "difference", "low", "high"],
    "frequency": ["model", "beam", "band", "words", "people", "written", "ratio", "low", "high", "used"],
    "words": ["model", "beam", "word", "training", "people", "written"],
    "rates": ["model", "seed", "learning_rate", "val_loss"],
}  # fmt: skip


@dataclass
class Judged:
    """A measure of every seed, (seeds,), and of resamples of the test ``pictures``, (seeds, resamples)."""

    seeds: np.ndarray
    samples: np.ndarray
    pictures: int

    def __sub__(self, other: "Judged") -> "Judged":
        """The paired difference, in the same resamples; what has no seeds is the same for all."""
        return Judged(self.seeds - other.seeds, self.samples - other.samples, self.pictures)

    def interval(self) -> tuple[float, float, float]:
        """The mean over seeds with its 95 % interval."""
        mean, half = float(self.seeds.mean()), half_width(self.seeds)
        ends = interval(mean, self.samples.mean(axis=0), self.pictures)
        return mean, *(ends if np.isnan(half) else widened(mean, ends, half))


def evaluate(
    folder: Path, models: list[str], writers: list[str], seeds: list[int], beams: list[int]
) -> None:
    """Write the TABLES and `captions.jsonl` into ``folder``.

    There lie the data, their features, and the trainings of the alignment ``models`` and the ``writers``,
    in `<name>/seed<k>`: `ranks_val.npz` and `ranks_test.npz` of a model, `captions.jsonl` of a writer.
    """
    described = dataset.load(folder / "described.npz")
    lines: dict[str, list] = {name: [] for name in TABLES}
    ranked = {}
    for name in models:
        trainings = {seed: folder / name / f"seed{seed}" for seed in seeds}
        ranked[name] = evaluate_model(name, trainings, lines)
    add_pairs(ranked, "", lines)
    captions = Captions(described, whole_pictures(folder / "features.npy"))
    trainings = {name: {seed: folder / name / f"seed{seed}" for seed in seeds} for name in writers}
    written = [captions.retrieved()]
    for name in writers:
        lines["rates"] += rates_of(name, trainings[name])
        read = {seed: captions.read(training) for seed, training in trainings[name].items()}
        written += [
            Written(name, beam, {seed: by_beam[beam] for seed, by_beam in read.items()})
            for beam in beams
        ]
    judged = {}
    for sentences in tqdm(written, "BLEU", unit="writer", disable=None):
        parameters = parameters_of(trainings.get(sentences.writer, {}))
        judged[sentences.writer, sentences.beam] = evaluate_writer(
            captions, sentences, parameters, lines
        )
    for beam in beams:
        there = {
            name: measures for (name, chosen), measures in judged.items() if chosen in (beam, None)
        }
        add_pairs(there, beam, lines)
    best = list(best_of_writers(written, lines["bleu"]))
    of_best = {sentences.writer: judged[sentences.writer, sentences.beam] for sentences in best}
    add_pairs(of_best, "", lines)
    for sentences in best:
        lines["words"] += words_of(captions, sentences)
    for name, columns in TABLES.items():
        write_table(folder / f"{name}.csv", columns, lines[name])
    with open(folder / "captions.jsonl", "w", encoding="utf-8") as file:
        for sentences in written:
            for line in captions.lines(sentences):
                file.write(json.dumps(line, ensure_ascii=False) + "\n")


def parameters_of(trainings: dict[int, Path]) -> int | str:
    """The number of parameters of the network; empty for what is no network."""
    for training in trainings.values():
        return json.loads((training / "model.json").read_text())["parameters"]
    return ""


def rates_of(name: str, trainings: dict[int, Path]) -> Iterator[list]:
    """The validation loss of each learning rate that a training has tried, if it was a number."""
    for seed, training in trainings.items():
        facts = json.loads((training / "model.json").read_text())
        losses = {float(rate): loss for rate, loss in facts["losses_of_rates"].items()}
        for rate in facts["network"]["rates"] or []:
            yield [name, seed, rate, losses.get(rate, np.nan)]


def add_pairs(judged: dict[str, dict[str, Judged]], beam, lines: dict[str, list]) -> None:
    """The differences of every two, in all measures, on the test pictures."""
    for name, other in permutations(judged, 2):
        lines["pairs"] += [
            [name, other, beam, measure, *(judged[name][measure] - judged[other][measure]).interval()]
            for measure in judged[name]
        ]  # fmt: skip


def add_summary(name, beam, parameters, values, judged, lines: dict[str, list]) -> None:
    """Means over seeds; ``values`` are by split and measure, (seeds,).

    With intervals on test pictures, for the measures in ``judged``.
    """
    count = len(next(iter(values["test"].values()))) if name != RETRIEVAL else 0
    for split in SPLITS:
        for measure, of_seeds in values[split].items():
            mean, low, high = (
                judged[measure].interval()
                if split == "test" and measure in judged
                else (float(of_seeds.mean()), np.nan, np.nan)
            )
            spread = float(of_seeds.std(ddof=1)) if len(of_seeds) > 1 else np.nan
            kind = "median_rank" if measure.endswith("median_rank") else "share"
            low, high = np.clip([low, high], *WITHIN[kind]).tolist()
            lines["summary"].append(
                [name, beam, split, measure, count, parameters, mean, spread, low, high]
            )


def evaluate_model(
    name: str, trainings: dict[int, Path], lines: dict[str, list]
) -> dict[str, Judged]:
    """The measures of an alignment model on the test pictures, `<direction>_<measure>`.

    And of each direction the mean of the recalls, which differs where recall at 10 is at its ceiling, or
    recall at 1 at its floor.
    """
    values = {split: {} for split in SPLITS}
    samples: dict[str, list] = {}
    for seed, training in trainings.items():
        for split in SPLITS:
            with np.load(training / f"ranks_{split}.npz", allow_pickle=False) as saved:
                ranks = {key: saved[key] for key in ("annotation", "search", "picture")}
                values[split].setdefault(BEST_REGION, []).append(float(saved[BEST_REGION]))
            if split == "test":
                pictures = len(ranks["annotation"])
                for direction, result in ranking.evaluate(**ranks).items():
                    for column, measure in enumerate(ranking.MEASURES):
                        samples.setdefault(f"{direction}_{measure}", []).append(
                            result["resamples"][:, column]
                        )
            for direction in ranking.DIRECTIONS:
                measured = ranking.measures(ranks[direction])[0].tolist()
                lines["alignment"].append([name, seed, split, direction, *measured])
                for measure, value in zip(ranking.MEASURES, measured, strict=True):
                    values[split].setdefault(f"{direction}_{measure}", []).append(value)
    values = {
        split: {measure: np.array(of_seeds) for measure, of_seeds in by_measure.items()}
        for split, by_measure in values.items()
    }
    judged = {
        measure: Judged(values["test"][measure], np.stack(of_seeds), pictures)
        for measure, of_seeds in samples.items()
    }
    add_summary(name, "", parameters_of(trainings), values, judged, lines)
    for direction in ranking.DIRECTIONS:
        recalls = [judged[f"{direction}_recall_{top}"] for top in ranking.TOPS]
        judged[f"{direction}_mean_recall"] = Judged(
            np.mean([recall.seeds for recall in recalls], axis=0),
            np.mean([recall.samples for recall in recalls], axis=0),
            pictures,
        )
    return judged


@dataclass
class Written:
    """A writer's sentences by seed and split, in the order of the pictures of the split.

    Each is a pair of the sentence and its log probability. Retrieval has neither beam nor seed nor log
    probabilities. `counts`, (pictures, 10) by seed, are what BLEU counts on the test pictures.
    """

    writer: str
    beam: int | None
    seeds: dict[int | None, dict[str, list[tuple[list[str], float | None]]]]
    counts: dict[int | None, np.ndarray] = field(default_factory=dict)

    @property
    def method(self) -> str:
        """How the sentences were found: `greedy`, `beam 7`, `retrieval`."""
        if self.beam is None:
            return RETRIEVAL
        return "greedy" if self.beam == 1 else f"beam {self.beam}"

    def sentences(self, split: str) -> list[list[list[str]]]:
        """The words, by seed and picture."""
        return [[words for words, _ in by_split[split]] for by_split in self.seeds.values()]


class Captions:
    """What people and networks say of the validation and test pictures.

    `people` are the words of the references, by split and picture; ``whole`` (pictures, dimensions) are
    the features by which training pictures are near.
    """

    def __init__(self, described: Described, whole: np.ndarray):
        self.described, self.whole = described, whole
        self.places = {split: described.pictures_of(split) for split in SPLITS}
        self.people = {
            split: [list(map(tokens, self.references(place))) for place in places]
            for split, places in self.places.items()
        }
        training = described.sentences_of("train")
        words = (word for place in training for word in tokens(described.texts[place]))
        self.training = Counter(words)
        vocabulary = described.vocabulary.tolist()  # the most frequent word first
        ends = [0, *(end for end in frequency.BANDS if end < len(vocabulary)), len(vocabulary)]
        self.bands = {
            f"{start + 1}-{end}": vocabulary[start:end]
            for start, end in zip(ends, ends[1:], strict=False)
        }
        self.weights = ranking.resampled(len(self.places["test"]), RESAMPLES)
        self.people_by_band = np.stack(
            [self.shares(references).sum(axis=0) for references in self.people["test"]]
        )

    def references(self, place: int) -> list[str]:
        """The sentences of a picture, as people wrote them."""
        first, end = np.searchsorted(self.described.picture, [place, place + 1])
        return self.described.texts[first:end].tolist()

    def shares(self, sentences: list[list[str]]) -> np.ndarray:
        """How many words of each sentence are in each band, and in none, (sentences, bands + 1)."""
        return frequency.shares(sentences, list(self.bands.values()))

    def retrieved(self) -> Written:
        """For each picture a sentence about the most similar training picture."""
        sentences = {}
        for split, places in self.places.items():
            chosen = retrieval.sentences(self.described, self.whole, places)
            texts = self.described.texts[chosen].tolist()
            sentences[split] = [(tokens(text), None) for text in texts]
        return Written(RETRIEVAL, None, {None: sentences})

    def read(self, training: Path) -> dict[int, dict[str, list]]:
        """The sentences of a training's `captions.jsonl`, by beam and split."""
        by_picture: dict[tuple, tuple] = {}
        for line in (training / "captions.jsonl").read_text(encoding="utf-8").strip().split("\n"):
            line = json.loads(line)
            key = line["beam"], line["split"], line["picture"]
            by_picture[key] = line["sentence"].split(), line["log_probability"]
        return {
            beam: {
                split: [by_picture[beam, split, name] for name in self.names(split)]
                for split in SPLITS
            }
            for beam in {beam for beam, *_ in by_picture}
        }

    def names(self, split: str) -> list[str]:
        return self.described.names[self.places[split]].tolist()

    def counts(self, sentences: list[list[str]], split: str) -> np.ndarray:
        """What BLEU counts, (pictures, 10)."""
        pairs = zip(sentences, self.people[split], strict=True)
        return np.stack([bleu.counts(*pair) for pair in pairs])

    def lines(self, written: Written) -> Iterator[dict]:
        """The lines of `captions.jsonl`."""
        for seed, by_split in written.seeds.items():
            rows = zip(self.places["test"], by_split["test"], written.counts[seed], strict=True)
            for place, (words, log_probability), counts in rows:
                yield {
                    "model": written.writer,
                    "seed": seed,
                    "method": written.method,
                    "beam": written.beam,
                    "picture": str(self.described.names[place]),
                    "sentence": " ".join(words),
                    "references": self.references(place),
                    "log_probability": log_probability,
                    "bleu": round(bleu.of_sentence(counts), 6),
                }


def evaluate_writer(
    captions: Captions, written: Written, parameters: int | str, lines: dict[str, list]
) -> dict[str, Judged]:
    """BLEU of a writer's sentences on the test pictures, whose counts it keeps."""
    name, beam = written.writer, "" if written.beam is None else written.beam
    values = {split: [] for split in SPLITS}
    samples = []
    for seed, sentences in written.seeds.items():
        for split in SPLITS:
            counts = captions.counts([words for words, _ in sentences[split]], split)
            values[split].append(bleu.bleu(counts.sum(axis=0)))
            if split == "test":
                written.counts[seed] = counts
                samples.append(bleu.bootstrap(counts, RESAMPLES))
            row = [name, "" if seed is None else seed, split, written.method, beam]
            lines["bleu"].append([*row, *values[split][-1].tolist()])
    values = {
        split: dict(zip(BLEUS, np.stack(by_seed, axis=1), strict=True))
        for split, by_seed in values.items()
    }
    judged = {
        measure: Judged(
            values["test"][measure], np.stack(samples)[..., column], len(captions.places["test"])
        )
        for column, measure in enumerate(BLEUS)
    }
    add_summary(name, beam, parameters, values, judged, lines)
    lines["frequency"] += [[name, beam, *line] for line in frequencies(captions, written)]
    return judged


def frequencies(captions: Captions, written: Written) -> Iterator[list]:
    """`band, words, people, written, ratio, low, high, used` of the test pictures' sentences.

    Bands are shares of the words in the vocabulary, since networks write no others; the last line is what
    the others are of all words. A band has no interval if the sentences would have fewer than FEWEST_USES of
    its words by people's share: none of them would be there by chance alone, in every resample.
    """
    by_seed = written.sentences("test")
    people, tables = captions.people_by_band, [captions.shares(each) for each in by_seed]
    known, ours = people[:, :-1], [table[:, :-1] for table in tables]
    ratio = np.stack([frequency.excess(table, known)[0] for table in ours])
    samples = np.stack([frequency.excess(table, known, captions.weights) for table in ours])
    for column, (band, words) in enumerate(captions.bands.items()):
        of_band = Judged(ratio[:, column], samples[..., column], len(people))
        mean, low, high = of_band.interval()
        expected = share([known], column) * np.mean([table.sum() for table in ours])
        if expected < FEWEST_USES:
            low = high = np.nan
        used = float(np.mean([1 - frequency.unused(words, sentences) for sentences in by_seed]))
        row = [share([known], column), share(ours, column), mean, np.maximum(low, 0.0), high, used]
        yield [band, len(words), *row]
    yield ["others", "", share([people], -1), share(tables, -1), *[np.nan] * 4]


def share(tables: list[np.ndarray], column: int) -> float:
    """What a column is of all words, as a mean over the ``tables`` of counts, (pictures, columns) each."""
    return float(np.mean([table[:, column].sum() / table.sum() for table in tables]))


def best_of_writers(written: list[Written], bleus: list[list]) -> list[Written]:
    """Of each writer the sentences of the beam with the highest BLEU-4 on validation pictures."""
    best: dict[str, tuple[tuple, Written]] = {}
    for sentences in written:
        beam = "" if sentences.beam is None else sentences.beam
        of_seeds = [
            line[-len(BLEUS) :]
            for line in bleus
            if line[0] == sentences.writer and line[2] == "val" and line[4] == beam
        ]
        value = tuple(np.mean(of_seeds, axis=0)[::-1])  # BLEU-4 first, BLEU-3 where it is equal
        if sentences.writer not in best or value > best[sentences.writer][0]:
            best[sentences.writer] = value, sentences
    return [sentences for _, sentences in best.values()]


def words_of(captions: Captions, written: Written) -> Iterator[list]:
    """Lines of `words.csv`: how often each word of the vocabulary is used, `written` as a mean over seeds."""
    people = Counter(
        word for sentences in captions.people["test"] for words in sentences for word in words
    )
    ours = Counter(
        word for sentences in written.sentences("test") for words in sentences for word in words
    )
    beam = "" if written.beam is None else written.beam
    for words in captions.bands.values():
        for word in words:
            count = ours[word] / len(written.seeds)
            yield [written.writer, beam, word, captions.training[word], people[word], count]
