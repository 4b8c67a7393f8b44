"""The lecture's remarks about temperature, measured at every seed's best epoch."""

import json
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from reverie.histories import best_epoch, read_history
from reverie.report.verdicts import TASTE, Change, both, higher, points
from reverie.report.words import share
from reverie.tables import read_table

SLIDE = "Character-level LSTM Generation"
ASSET = "nietzsche"
MIDDLE = 0.5  # the temperature that the lecture finds the most interesting
NEAR = 0.2  # what counts as around it


def own(settings: dict) -> bool:
    """Whether the run learns another text than the lecture's."""
    return bool(settings["text"]["corpus"]) or settings["text"]["asset"] != ASSET


@dataclass
class Figures:
    """A run's figures about its samples, as the remarks need them.

    ``samples`` are lines of `metrics.csv`; ``differences`` by measure and two temperatures (0 is
    greedy); ``corpus`` is the share of distinct 3-grams in held-out text.
    """

    temperatures: list[float]
    greedy: bool
    samples: list[dict]
    differences: dict[tuple[str, float, float], Change]
    corpus: float
    seeds: int = 1

    @classmethod
    def read(cls, folder: Path, settings: dict):
        folder, config = folder / "text", settings["text"]
        best = {
            (best_epoch(read_history(training))["epoch"], seed)
            for seed in config["seeds"]
            if (training := folder / f"seed{seed}").is_dir()
        }
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
        f"At {figures.when}, the share of repeated 3-grams is higher than at temperature "
        f"{figures.hot:g}, by {by}."
    )
    return sentence, both(*map(higher, changes))


def high_invents_words(figures: Figures) -> tuple[str, str]:
    change = figures.differences["invented_words", figures.hot, figures.cold]
    sentence = (
        f"At {figures.when}, the share of invented words is higher at {figures.hot:g} than at "
        f"{figures.cold:g}, by {points(change)}."
    )
    return sentence, higher(change)


def half_is_the_most_interesting(figures: Figures) -> tuple[str, str]:
    middle = figures.near(MIDDLE)
    if abs(middle - MIDDLE) > NEAR:
        raise KeyError(middle)
    samples = figures.at(middle)
    with_words = [line["invented_words"] for line in samples if line["invented_words"]]
    invented = mean(map(float, with_words)) if with_words else 0.0
    distinct = mean(float(line["distinct_3grams"]) for line in samples)
    sentence = (
        f"At temperature {middle:g} and {figures.when}, {share(invented)} of the words are invented and "
        f"{share(distinct)} of the 3-grams are distinct; in the corpus itself, {share(figures.corpus)} are distinct."
    )
    return sentence, TASTE


CLAIMS = [
    (SLIDE, "Greedy sampling and low temperatures give repetitive text", low_is_repetitive, "two temperatures"),
    (SLIDE, "Higher temperatures create new words", high_invents_words, "two temperatures"),
    (SLIDE, "Temperatures around 0.5 give the most interesting text", half_is_the_most_interesting, "a temperature near 0.5"),
]  # fmt: skip
