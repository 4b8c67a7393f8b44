"""What the paper says of its networks, measured on test pictures."""

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from reverie.bootstrap import half_width, widened
from reverie.describe import bleu, selection
from reverie.describe.kinds import RETRIEVAL
from reverie.describe.results import DIRECTIONS, Caption, Results
from reverie.describe.words import tokens
from reverie.histories import read_history
from reverie.report.verdicts import (
    CONFIRMED,
    NO_INTERVAL,
    REFUTED,
    UNDECIDED,
    Change,
    both,
    higher,
    lower,
    points,
    was_learning,
)
from reverie.report.words import listed, number, share

STAGE_1, STAGE_2 = "Model - Stage 1", "Model - Stage 2"
ALIGNMENTS, CAPTIONS = "Results - Image-Sentence Alignments", "Results - Full-image captions"
RMSPROP, RIVALS = "rnn_rmsprop", ("rnn_adam", "rnn_sgd")
RECALLS = [f"{direction}_mean_recall" for direction in DIRECTIONS]
HARDLY = 0.5  # times as often as people
BANDS = 3  # of words, at least, to tell frequent and rare ones apart


def own(settings: dict) -> bool:
    """Whether the run has pictures of the user's own."""
    return bool(settings["describe"]["table"])


@dataclass
class Figures:
    """Differences on test pictures, `[measure, name, other]`, and titles of models and writers.

    Of writers, with the beam that is best for each on validation pictures. The rates are the validation losses
    by learning rate of each seed of the writers that have tried several. Then, of the best writer on validation
    pictures: its name, its excess of each band of words over people, the most frequent band first, and
    whether its sentences, and people's, fit their pictures, (2, seeds, pictures). At last the models and writers
    that were still learning when their epochs were over, with any seed.
    """

    differences: dict[tuple[str, str, str], Change]
    titles: dict[str, str]
    best: str | None = None
    rates: dict[str, list[dict[float, float]]] = field(default_factory=dict)
    bands: dict[str, Change] | None = None
    fits: np.ndarray | None = None
    learning: frozenset[str] = frozenset()

    @classmethod
    def read(cls, folder: Path, settings: dict):
        results = Results(folder / "describe", selection.titles(settings))
        titles = results.titles | {RETRIEVAL: "retrieved sentences"}
        differences = {
            (measure, name, other): Change(*ends)
            for (measure, name, other, beam), ends in results.differences.items()
            if beam is None
        }
        figures = cls(differences, titles, learning=still_learning(folder / "describe", settings))
        if best := results.best_writer:
            figures.best = best[0]
            figures.rates = {
                name: [*by_seed.values()] for name, by_seed in results.losses_of_rates.items()
            }
            figures.bands = {
                line["band"]: Change(*(excess(line[key]) for key in ("ratio", "low", "high")))
                for line in results.frequency
                if (line["model"], line["beam"]) == best and line["ratio"] is not None
            }
            by_seed = [
                fits(results.ranked(best[0], seed, best[1]))
                for seed in settings["describe"]["seeds"]
            ]
            figures.fits = np.stack(by_seed, axis=1)
        return figures

    def of(self, name: str, other: str, *measures: str) -> list[Change]:
        """The differences of two models or writers; KeyError if the run lacks one of them."""
        return [self.differences[measure, name, other] for measure in measures]


def still_learning(folder: Path, settings: dict) -> frozenset[str]:
    """The networks that the last fifth of their epochs made better by much, with any seed."""
    return frozenset(
        name
        for group in ("models", "writers")
        for name, network in selection.networks(settings, group).items()
        for seed in settings["describe"]["seeds"]
        if was_learning(read_history(folder / name / f"seed{seed}"), network["epochs"])
    )


def excess(ratio: float | None) -> float:
    """Over 1; not a number where there is none."""
    return math.nan if ratio is None else ratio - 1


def fits(captions: list[Caption]) -> np.ndarray:
    """Whether each sentence of the writer, and one of people's about the same picture, fits, (2, pictures).

    A sentence fits if it has more in common, by smoothed BLEU-4, with what people wrote about its picture than
    with what they wrote about another one. Equal overlaps count half, so that sentences about no picture in
    particular fit in half of all cases. One of people's sentences is left out; it and the writer's are held
    against the same others. So pictures with one sentence do not count.
    """
    generator = np.random.default_rng(0)
    captions = [caption for caption in captions if len(caption.references) > 1]
    captions.sort(key=lambda caption: caption.picture)
    # The other picture is drawn, since neighbours by name or by BLEU are alike.
    captions = [captions[place] for place in generator.permutation(len(captions))]
    references = [list(map(tokens, caption.references)) for caption in captions]
    people = [texts.pop(generator.integers(len(texts))) for texts in references]
    written = [caption.sentence.split() for caption in captions]
    another = references[1:] + references[:1]
    more = [overlaps(each, references) - overlaps(each, another) for each in (written, people)]
    return (np.sign(more) + 1) / 2


def overlaps(sentences: list[list[str]], references: list[list[list[str]]]) -> np.ndarray:
    """Smoothed BLEU-4 of each sentence."""
    pairs = zip(sentences, references, strict=True)
    return np.array([bleu.of_sentence(bleu.counts(*pair)) for pair in pairs])


def judged(figures: Figures, name: str, other: str, change: Change) -> str:
    """Whether the first is better; undecided if what is worse was still learning, and might catch up."""
    verdict = higher(change)
    worse = {CONFIRMED: other, REFUTED: name}.get(verdict)
    return UNDECIDED if worse in figures.learning else verdict


def learned(figures: Figures, *names: str) -> str:
    """A sentence for each that was still learning."""
    return "".join(
        f" {figures.titles[name]}: still learning in its last epochs."
        for name in names
        if name in figures.learning
    )


def ranks_better(figures: Figures, name: str, other: str) -> tuple[str, str]:
    """Whether a model has the higher mean of recalls, in both directions."""
    changes = figures.of(name, other, *RECALLS)
    sentences = [
        f"{direction}, {points(change, 1)}"
        for direction, change in zip(DIRECTIONS.values(), changes, strict=True)
    ]
    names = f"{figures.titles[name]} less that of {figures.titles[other]}"
    sentence = f"Mean of recall at 1, 5 and 10 of {names}: {'; '.join(sentences)}."
    verdict = both(*(judged(figures, name, other, change) for change in changes))
    return sentence + learned(figures, name, other), verdict


def writes_better(figures: Figures, *pairs: tuple[str, str]) -> tuple[str, str]:
    """Whether the first writer of each pair has the higher BLEU-4."""
    changes = [figures.of(*pair, "bleu_4")[0] for pair in pairs]
    sentences = [
        f"BLEU-4 of {figures.titles[name]} is {by(change)} than that of {figures.titles[other]}."
        for (name, other), change in zip(pairs, changes, strict=True)
    ]
    verdicts = [judged(figures, *pair, change) for pair, change in zip(pairs, changes, strict=True)]
    names = dict.fromkeys(name for pair in pairs for name in pair)
    return " ".join(sentences) + learned(figures, *names), both(*verdicts)


def by(change: Change) -> str:
    """ "2.1 higher (95 % interval 0.3 to 3.9)", × 100."""
    size, low, high = (number(100 * end, 1) for end in (abs(change.size), change.low, change.high))
    words = f"{size} {'lower' if change.size < 0 else 'higher'}"
    return (
        f"{words} {NO_INTERVAL if math.isnan(change.low) else f'(95 % interval {low} to {high})'}"
    )


def brnn_beats_bag(figures: Figures) -> tuple[str, str]:
    return ranks_better(figures, "brnn", "bag")


def regions_beat_the_whole_picture(figures: Figures) -> tuple[str, str]:
    return ranks_better(figures, "brnn", "brnn_whole")


def writing_beats_retrieval(figures: Figures) -> tuple[str, str]:
    """The best writer is chosen on validation pictures."""
    return writes_better(figures, (chosen(figures), RETRIEVAL))


def chosen(figures: Figures) -> str:
    """The best writer; KeyError without writers."""
    if figures.best is None:
        raise KeyError("writers")
    return figures.best


def rmsprop_is_best(figures: Figures) -> tuple[str, str]:
    """Against each rival of the run; undecided if a rate beyond those tried might be better for one of them."""
    rivals = [name for name in RIVALS if ("bleu_4", RMSPROP, name) in figures.differences]
    if not rivals:
        raise KeyError(RIVALS)
    verdicts = {rival: writes_better(figures, (RMSPROP, rival)) for rival in rivals}
    sentence = " ".join(words for words, _ in verdicts.values())
    names = (RMSPROP, *rivals)
    if all(figures.rates.get(name) for name in names):
        lists = [
            f"{' or '.join(f'{rate:g}' for rate in sorted({*taken(figures.rates[name])}))} for {figures.titles[name]}"
            for name in names
        ]
        sentence += f" The learning rates are the best of those tried: {', '.join(lists)}."
    ends = [name for name in names if at_an_end(figures.rates.get(name, []))]
    if ends:
        sentence += (
            f" With every seed, {listed([figures.titles[name] for name in ends])} took the highest or the "
            "lowest rate tried, so that a better one may lie beyond."
        )
    return sentence, both(
        *(
            UNDECIDED if {RMSPROP, rival} & {*ends} else verdict
            for rival, (_, verdict) in verdicts.items()
        )
    )


def taken(rates: list[dict[float, float]]) -> list[float]:
    """The learning rate that each seed has taken, of those with their losses."""
    return [min(losses, key=losses.get) for losses in rates]


def at_an_end(rates: list[dict[float, float]]) -> bool:
    """Whether every seed has taken the highest or the lowest learning rate that it tried."""
    pairs = zip(taken(rates), rates, strict=True)
    return bool(rates) and all(rate in (min(losses), max(losses)) for rate, losses in pairs)


def frequent_words_are_written_too_often(figures: Figures) -> tuple[str, str]:
    """The most frequent band more often than people, the rarest less than HARDLY as often."""
    writer = figures.titles[chosen(figures)]
    if len(figures.bands) < BANDS:
        raise KeyError("rare words")
    (first, most), *_, (last, rarest) = figures.bands.items()
    sentence = (
        f"{writer} writes the words of rank {first} {times(most)} as often as people, "
        f"those of rank {last} {times(rarest)}."
    )
    return sentence, both(higher(most), lower(rarest, than=HARDLY - 1))


def times(excess: Change) -> str:
    """ "1.21 times (95 % interval 1.18 to 1.25)", of an excess over 1."""
    size, low, high = (number(1 + end, 2) for end in (excess.size, excess.low, excess.high))
    return f"{size} times {NO_INTERVAL if math.isnan(excess.low) else f'(95 % interval {low} to {high})'}"


def many_sentences_fit_not_all(figures: Figures) -> tuple[str, str]:
    """Not all: fewer than of people's own. Many: more than halfway to these from half, which is chance."""
    writer = figures.titles[chosen(figures)]
    written, people = figures.fits
    if people.shape[-1] < 2:
        raise KeyError("several sentences about a picture")
    halfway = (0.5 + people) / 2
    more, less = (
        over_pictures_and_seeds(written - halfway),
        over_pictures_and_seeds(written - people),
    )
    sentence = (
        f"{share(written.mean())} of the sentences of {writer} have more in common with people’s about the same "
        f"picture than with those about another, by smoothed BLEU-4; of people’s own, left out of these, "
        f"{share(people.mean())} have. {writer} less people: {points(less)}. {writer} less {share(halfway.mean())}, "
        f"which is halfway from chance to people: {points(more)}."
    )
    return sentence, both(higher(more), lower(less))


def over_pictures_and_seeds(values: np.ndarray) -> Change:
    """The mean of ``values``, (seeds, pictures), with Student's interval over pictures, widened by seeds."""
    mean, half = float(values.mean()), half_width(values.mean(axis=0))
    ends, of_seeds = (mean - half, mean + half), half_width(values.mean(axis=1))
    return Change(mean, *(ends if math.isnan(of_seeds) else widened(mean, ends, of_seeds)))


CLAIMS = [
    (STAGE_1, "A bidirectional network reads sentences better than a bag of words", brnn_beats_bag, "a BRNN and a bag of words over the same regions"),
    (ALIGNMENTS, "Regions rank better than the whole picture", regions_beat_the_whole_picture, "a BRNN over regions and one over the whole picture"),
    (STAGE_2, "Best results are achieved with RMSprop", rmsprop_is_best, "a writer trained by RMSprop and by another optimizer"),
    (STAGE_2, "Frequent words are written too often, rare ones hardly", frequent_words_are_written_too_often, "a network that writes, and more than a hundred words"),
    (CAPTIONS, "Many captions are reasonable, not all are correct", many_sentences_fit_not_all, "a network that writes, and several sentences about a picture"),
    (CAPTIONS, "Written sentences of whole pictures outperform the retrieval baseline", writing_beats_retrieval, "a network that writes"),
]  # fmt: skip
