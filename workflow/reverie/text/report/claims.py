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
NEAR = 0.2  # what counts as around a temperature


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

    @classmethod
    def read(cls, run: Path, settings: dict):
        folder, config = run / "text", settings["text"]
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
        )

    @property
    def cold(self) -> float:
        return self.temperatures[0]

    @property
    def hot(self) -> float:
        return self.near(1)

    def near(self, temperature: float) -> float:
        return min(self.temperatures, key=lambda one: abs(one - temperature))

    def at(self, temperature: float) -> list[dict]:
        """Measures of the samples at one temperature."""
        return [
            line
            for line in self.samples
            if line["temperature"] and float(line["temperature"]) == temperature
        ]


def low_is_repetitive(run: Figures) -> tuple[str, str]:
    colds = [0.0, run.cold] if run.greedy else [run.cold]
    repeats = [run.differences["repeated_3grams", one, run.hot] for one in colds]
    said = " and ".join(
        f"{points(change)} {'with greedy sampling' if one == 0 else f'at {one:g}'}"
        for one, change in zip(colds, repeats, strict=True)
    )
    said = f"The share of repeated 3-grams is higher than at temperature {run.hot:g}, by {said}."
    return said, both(*map(higher, repeats))


def high_invents_words(run: Figures) -> tuple[str, str]:
    change = run.differences["invented_words", run.hot, run.cold]
    said = f"The share of invented words is higher at {run.hot:g} than at {run.cold:g}, by {points(change)}."
    return said, higher(change)


def half_is_the_most_interesting(run: Figures) -> tuple[str, str]:
    middle = run.near(0.5)
    if abs(middle - 0.5) > NEAR:
        raise KeyError(middle)
    here = run.at(middle)
    invented = mean(float(line["invented_words"] or 0) for line in here)
    distinct = mean(float(line["distinct_3grams"]) for line in here)
    said = (
        f"At {middle:g}, {share(invented)} of the words are invented and {share(distinct)} of the "
        f"3-grams are distinct; in the corpus itself, {share(run.corpus)} are distinct."
    )
    return said, TASTE


CLAIMS = [
    (SLIDE, "Greedy sampling and low temperatures give repetitive text", low_is_repetitive, "two temperatures"),
    (SLIDE, "Higher temperatures create new words", high_invents_words, "two temperatures"),
    (SLIDE, "Temperatures around 0.5 give the most interesting text", half_is_the_most_interesting, "a temperature near 0.5"),
]  # fmt: skip
