"""The lecture's remarks about temperature, measured at every seed's best epoch, and about convergence."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

import numpy as np

from reverie.bootstrap import half_width
from reverie.histories import best_epoch, read_history
from reverie.report.verdicts import REFUTED, TASTE, UNDECIDED, Change, alike, both, higher, points
from reverie.report.words import share
from reverie.tables import read_table

SLIDE = "Character-level LSTM Generation"
ASSET = "nietzsche"
MIDDLE = 0.5  # the temperature that the lecture finds the most interesting
NEAR = 0.2  # what counts as around it
CONVERGED = 60  # epoch at which the slides call the network converged
EXPLODED = 0.25  # nats above the lowest training loss so far


def own(settings: dict) -> bool:
    """Whether the run learns another text than the lecture's."""
    return bool(settings["text"]["corpus"]) or settings["text"]["asset"] != ASSET


@dataclass
class Figures:
    """A run's figures about its samples, as the remarks need them.

    ``samples`` are lines of `metrics.csv`; ``differences`` by measure and two temperatures (0 is
    greedy); ``corpus`` is the share of distinct 3-grams in held-out text; ``losses`` are each seed's
    training losses, (epochs,), none if the run has fewer than 60 epochs.
    """

    temperatures: list[float]
    greedy: bool
    samples: list[dict]
    differences: dict[tuple[str, float, float], Change]
    corpus: float
    seeds: int = 1
    losses: list[np.ndarray] = field(default_factory=list)

    @classmethod
    def read(cls, folder: Path, settings: dict):
        folder, config = folder / "text", settings["text"]
        histories = {
            seed: read_history(training)
            for seed in config["seeds"]
            if (training := folder / f"seed{seed}").is_dir()
        }
        best = {(best_epoch(lines)["epoch"], seed) for seed, lines in histories.items()}
        return cls(
            sorted(config["sampling"]["temperatures"]),
            config["sampling"]["greedy"],
            [
                line
                for line in read_table(folder / "metrics.csv")
                if (int(line["epoch"]), int(line["seed"])) in best
            ],
            {
                (line["measure"], float(line["temperature"]), float(line["against"])): Change(
                    *(float(line[key] or "nan") for key in ("change", "low", "high"))
                )
                for line in read_table(folder / "comparisons.csv")
                if line["change"]
            },
            json.loads((folder / "reference.json").read_text())["distinct_3grams"],
            len(best),
            [np.array([line["loss"] for line in lines]) for lines in histories.values()]
            if config["epochs"] >= CONVERGED
            else [],
        )

    @property
    def when(self) -> str:
        """The epoch of all figures, in words."""
        return "each seed’s best epoch" if self.seeds > 1 else "the best epoch"

    @property
    def cold(self) -> float:
        return self.temperatures[0]

    @property
    def hot(self) -> float:
        """The one nearest to 1, but not the coldest."""
        return min(self.temperatures[1:], key=lambda one: abs(one - 1), default=self.cold)

    def near(self, temperature: float) -> float:
        return min(self.temperatures, key=lambda candidate: abs(candidate - temperature))

    def at(self, temperature: float) -> list[dict]:
        """Measures of the samples at one temperature."""
        return [
            line
            for line in self.samples
            if line["temperature"] and float(line["temperature"]) == temperature
        ]


def low_is_repetitive(figures: Figures) -> tuple[str, str]:
    colds = [0.0, figures.cold] if figures.greedy else [figures.cold]
    changes = [figures.differences["repeated_3grams", cold, figures.hot] for cold in colds]
    by = " and ".join(
        f"{points(change)} {'with greedy sampling' if cold == 0 else f'at {cold:g}'}"
        for cold, change in zip(colds, changes, strict=True)
    )
    sentence = (
        f"At {figures.when}, the share of repeated 3-grams differs from that at temperature "
        f"{figures.hot:g} by {by}."
    )
    return sentence, both(*map(higher, changes))


def high_invents_words(figures: Figures) -> tuple[str, str]:
    change = figures.differences["invented_words", figures.hot, figures.cold]
    sentence = (
        f"At {figures.when}, the share of invented words at {figures.hot:g} differs from that at "
        f"{figures.cold:g} by {points(change)}."
    )
    return sentence, higher(change)


def half_is_the_most_interesting(figures: Figures) -> tuple[str, str]:
    middle = figures.near(MIDDLE)
    if abs(middle - MIDDLE) > NEAR:
        raise KeyError(middle)
    samples = figures.at(middle)
    shares = [float(line["invented_words"]) for line in samples if line["invented_words"]]
    invented = f"{share(mean(shares))} of the words are invented" if shares else "no word is whole"
    distinct = mean(float(line["distinct_3grams"]) for line in samples)
    sentence = (
        f"At temperature {middle:g} and {figures.when}, {invented} and "
        f"{share(distinct)} of the 3-grams are distinct; in the corpus itself, {share(figures.corpus)} are distinct."
    )
    return sentence, TASTE


def has_converged(figures: Figures) -> tuple[str, str]:
    """The training loss moves by less than much from the middle third of the 60 epochs to the last.

    It has not where it explodes, or ends in NaN, with every seed.
    """
    if not figures.losses:
        raise KeyError(CONVERGED)
    explosions = [exploded(losses[:CONVERGED]) for losses in figures.losses]
    if any(explosions):
        seeds = f" with {sum(explosions)} of {len(explosions)} seeds" if len(explosions) > 1 else ""
        sentence = f"By epoch {CONVERGED} the training loss explodes{seeds}."
        return sentence, REFUTED if all(explosions) else UNDECIDED
    third = CONVERGED // 3
    changes = np.array(
        [
            losses[2 * third : CONVERGED].mean() / losses[third : 2 * third].mean() - 1
            for losses in figures.losses
        ]
    )
    size, half = changes.mean(), half_width(changes)
    change = Change(size, size - half, size + half)
    sentence = (
        f"In epochs {2 * third + 1} to {CONVERGED} its training loss is {change} than in the "
        f"{third} before them."
    )
    return sentence, alike(change)


def exploded(losses: np.ndarray) -> bool:
    """Whether a loss ends in NaN, or rises far above what it had been."""
    lowest = np.minimum.accumulate(losses)
    return len(losses) < CONVERGED or bool((losses > lowest + EXPLODED).any())


CLAIMS = [
    (SLIDE, "Greedy sampling and low temperatures give repetitive text", low_is_repetitive, "two temperatures"),
    (SLIDE, "Higher temperatures create new words", high_invents_words, "two temperatures"),
    (SLIDE, "Temperatures around 0.5 give the most interesting text", half_is_the_most_interesting, "a temperature near 0.5"),
    (SLIDE, "By epoch 60 the model has fully converged", has_converged, "60 epochs"),
]  # fmt: skip
