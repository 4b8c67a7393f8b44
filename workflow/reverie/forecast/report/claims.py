"""The lecture's remarks about its networks.

Errors are compared in pairs, window by window (`pairs.csv`); overfitting, stability and speed are
compared over seeds.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reverie.bootstrap import half_width, widened
from reverie.forecast import trained, variants
from reverie.histories import read_history
from reverie.report.verdicts import (
    CONFIRMED,
    UNDECIDED,
    Change,
    alike,
    both,
    higher,
    lower,
    not_much_lower,
    points,
)
from reverie.report.words import percent, share
from reverie.tables import read_table

ASSETS, TARGET = {"jena", "jena_hourly"}, "T (degC)"  # the lecture's series, and its hourly extract
LONGER = "conv1d_gru_longer.lookback-{}-days"  # of config/further.yaml
FASTER = 1.5  # times, which a reader would call "a lot"


def own(settings: dict) -> bool:
    """Whether the run forecasts another series than the lecture's."""
    series = settings["forecast"]["series"]
    return bool(series["path"]) or series["asset"] not in ASSETS or series["target"] != TARGET


@dataclass
class Figures:
    """A run's figures about the forecast, as the remarks need them.

    ``changes`` by variant and checkpoint of both forecasts and the split; ``errors`` of the best
    checkpoint by variant and split, normalised, over seeds; ``histories`` by variant, of each seed
    its `loss, val_loss, seconds`, (epochs,); ``steps`` in words by variant.
    """

    changes: dict[tuple, Change]
    errors: dict[tuple[str, str], Change]
    histories: dict[str, list[dict[str, np.ndarray]]]
    steps: dict[str, str]

    @classmethod
    def read(cls, folder: Path, settings: dict):
        folder, networks = folder / "forecast", variants.networks(settings)
        seeds = {name: settings["forecast"]["seeds"] for name in networks}
        changes = {
            tuple(list(line.values())[:5]): Change(
                *(float(line[key] or "nan") for key in ("change", "low", "high"))
            )
            for line in read_table(folder / "pairs.csv")
        }
        errors: dict[tuple, list] = {}
        for line in read_table(folder / "metrics.csv"):
            if line["checkpoint"] == "best":
                values = [float(line[key] or "nan") for key in ("mae", "ci_low", "ci_high")]
                errors.setdefault((line["variant"], line["split"]), []).append(values)
        trainings = trained.trainings(folder, seeds)
        return cls(
            changes,
            {key: over_seeds_and_weeks(np.array(values)) for key, values in errors.items()},
            {
                name: [columns(read_history(training)) for training in folders.values()]
                for name, folders in trainings.items()
                if folders
            },
            {name: network["step"] for name, network in networks.items()},
        )

    def change(self, variant: str, other: str, split: str = "test") -> Change:
        """Of a variant's best checkpoint against that of another; KeyError without them."""
        best = "" if other.startswith("naive") else "best"
        return self.changes[variant, "best", other, best, split]

    def equal_epochs(self, *variants: str) -> list[list[dict[str, np.ndarray]]]:
        """The histories of every variant, cut to the epochs that all of them have."""
        whole = [self.histories[name] for name in variants]
        shortest = min(len(seed["loss"]) for seeds in whole for seed in seeds)
        return [
            [{key: values[:shortest] for key, values in seed.items()} for seed in seeds]
            for seeds in whole
        ]


def columns(history: list[dict]) -> dict[str, np.ndarray]:
    """The columns of a history, (epochs,)."""
    return {name: np.array([line[name] for line in history]) for name in history[0]}


def over_seeds_and_weeks(lines: np.ndarray) -> Change:
    """The mean over seeds of an error, from each seed's `mae, ci_low, ci_high`, (seeds, 3).

    All seeds forecast the same weeks, so that their intervals are averaged, not narrowed.
    """
    size, low, high = lines.mean(axis=0)
    if len(lines) > 1:
        low, high = widened(size, (low, high), half_width(lines[:, 0]))
    return Change(size, low, high)


def mean_of(values: np.ndarray) -> Change:
    """The mean over seeds, with Student's interval; none for one seed."""
    size, half = values.mean(), half_width(values)
    return Change(size, size - half, size + half)


def ratio_of(values: np.ndarray, others: np.ndarray) -> Change:
    """The relative change of the typical value against that of ``others``; all positive, one a seed."""
    values, others = np.log(values), np.log(others)
    size, half = values.mean() - others.mean(), half_width(values, others)
    return Change(*(math.expm1(value) for value in (size, size - half, size + half)))


def rises(seeds: list[dict[str, np.ndarray]], column: str) -> np.ndarray:
    """Relative change of a loss from the middle third of the epochs to the last, (seeds,).

    No loss chooses these stretches, so that noise rises as often as it falls.
    """
    third = len(seeds[0][column]) // 3
    middle, last = slice(third, -third), slice(-third, None)
    return np.array([seed[column][last].mean() / seed[column][middle].mean() - 1 for seed in seeds])


def overfits(seeds: list[dict[str, np.ndarray]]) -> tuple[Change, Change, str]:
    """Change of the validation and of the training loss, and the verdict on overfitting.

    A network overfits where its validation loss rises while its training loss falls.
    """
    held_out, learned = (mean_of(rises(seeds, column)) for column in ("val_loss", "loss"))
    verdict = higher(held_out)
    if verdict == CONFIRMED and lower(learned) != CONFIRMED:
        verdict = UNDECIDED
    return held_out, learned, verdict


def unrest(seeds: list[dict[str, np.ndarray]]) -> np.ndarray:
    """Mean step of the validation loss between epochs, in the second half of them, (seeds,)."""
    half = len(seeds[0]["val_loss"]) // 2
    steps = [np.abs(np.diff(seed["val_loss"][half:])).mean() for seed in seeds]
    return np.maximum(steps, 1e-9)  # what a history can tell apart


def seconds(seeds: list[dict[str, np.ndarray]]) -> np.ndarray:
    """Of the middle one of each seed's epochs, (seeds,); of seeds that trained together they are one, (1,)."""
    middle = np.maximum([np.median(seed["seconds"]) for seed in seeds], 0.01)
    return middle[:1] if (middle == middle[0]).all() else middle


def mlp_errs_by_more(figures: Figures) -> tuple[str, str]:
    error = figures.errors["mlp", "val"]
    ends = "" if math.isnan(error.low) else f" (95 % interval {error.low:.4f} to {error.high:.4f})"
    return f"Its lowest validation error is {error.size:.4f}{ends}.", higher(error, than=0.3)


def mlp_is_worse_than_naive(figures: Figures) -> tuple[str, str]:
    change = figures.change("mlp", "naive", "val")
    return f"Its lowest validation error is {change} than the naive forecast’s.", higher(change)


def gru_is_better(figures: Figures) -> tuple[str, str]:
    naive, mlp = figures.change("gru", "naive"), figures.change("gru", "mlp")
    sentence = f"Its error is {naive} than the naive forecast’s and {mlp} than the dense network’s."
    return sentence, both(lower(naive), lower(mlp))


def gru_overfits(figures: Figures) -> tuple[str, str]:
    (seeds,) = figures.equal_epochs("gru")
    if len(seeds[0]["loss"]) < 3:
        return "Too few epochs to tell.", UNDECIDED
    held_out, learned, verdict = overfits(seeds)
    sentence = f"In the last third of its epochs its validation loss is {held_out} than in the middle third, its training loss {learned}."
    return sentence, verdict


def dropout_is_stabler_and_not_much_better(figures: Figures) -> tuple[str, str]:
    change = figures.change("gru_dropout", "gru")
    sentence = f"Its error is {change} than the plain GRU’s"
    histories = figures.equal_epochs("gru_dropout", "gru")
    epochs = len(histories[0][0]["loss"])
    if epochs < 4:
        stabler, stability = UNDECIDED, "too few epochs to tell how stable its scores are"
    else:
        steps = ratio_of(*map(unrest, histories))
        stabler = lower(steps)
        stability = f"over the same {epochs} epochs, the changes of its validation loss from epoch to epoch are {steps}"
    return f"{sentence}; {stability}.", both(not_much_lower(change), stabler)


def stacking_overfits_more(figures: Figures) -> tuple[str, str]:
    stacked, single = figures.equal_epochs("stacked_gru", "gru_dropout")
    epochs = len(stacked[0]["loss"])
    if epochs < 3:
        return "Too few epochs to tell.", UNDECIDED
    rise, single_rise = rises(stacked, "val_loss"), rises(single, "val_loss")
    size, half = rise.mean() - single_rise.mean(), half_width(rise, single_rise)
    difference = Change(size, size - half, size + half)
    verdict = higher(difference)
    if verdict == CONFIRMED and overfits(stacked)[2] != CONFIRMED:
        verdict = UNDECIDED
    sentence = (
        f"From the middle third of {epochs} epochs to the last, the validation loss changes by "
        f"{percent(rise.mean())} with two layers and by {percent(single_rise.mean())} with one: a "
        f"difference of {points(difference, 1)}."
    )
    return sentence, verdict


def bidirectional_is_about_as_good(figures: Figures) -> tuple[str, str]:
    change = figures.change("bidirectional_gru", "gru")
    sentence = f"Its error is {change} than the plain GRU’s."
    return sentence, alike(change)


def the_skill_is_chronological(figures: Figures) -> tuple[str, str]:
    """A GRU that reads backwards alone has no skill: it is worse than the other and than the naive forecast."""
    forwards, naive = (figures.change("gru_reversed", other) for other in ("gru", "naive"))
    sentence = (
        f"The error of a GRU that reads backwards is {forwards} than that of one that reads forwards, and {naive} than "
        "the naive forecast’s."
    )
    return sentence, both(higher(forwards), higher(naive))


def convnet_does_not_beat_naive(figures: Figures) -> tuple[str, str]:
    change = figures.change("conv1d", "naive")
    return f"Its error is {change} than the naive forecast’s.", higher(change)


def convnet_ignores_order(figures: Figures) -> tuple[str, str]:
    change = figures.change("conv1d_shuffled", "conv1d")
    sentence = f"Trained on shuffled windows, its error is {change} than on ordered ones."
    return sentence, alike(change)


def conv_gru_is_faster_and_not_as_good(figures: Figures) -> tuple[str, str]:
    change = figures.change("conv1d_gru", "gru_dropout")
    time = ratio_of(*(seconds(figures.histories[name]) for name in ("conv1d_gru", "gru_dropout")))
    sentence = f"Its error is {change} than the GRU’s with dropout; an epoch takes {share(1 + time.size)} of the time"
    if not math.isnan(time.low):
        sentence += f" (95 % interval {share(1 + time.low)} to {share(1 + time.high)})"
    return f"{sentence}.", both(higher(change), lower(time, than=1 / FASTER - 1))


def twice_as_much_data_does_not_help(figures: Figures) -> tuple[str, str]:
    """Twice as many values of the same days; where a series has no half hours, of twice as many days."""
    fine, coarse, longer = "conv1d_gru", LONGER.format(10), LONGER.format(20)
    if figures.steps.get(fine, figures.steps[coarse]) != figures.steps[coarse]:
        change = figures.change(fine, coarse)
        sentence = f"With a value every {figures.steps[fine]} its error is {change} than with one every {figures.steps[coarse]}."
    else:
        change = figures.change(longer, coarse)
        sentence = f"With the values of 20 days its error is {change} than with those of 10."
    return sentence, not_much_lower(change)


def dropout_before_impedes_learning(figures: Figures) -> tuple[str, str]:
    change = figures.change("dropout_gru", "gru")
    return f"Its error is {change} than the plain GRU’s.", higher(change)


# Slide, remark, the function that measures it, what a run needs for it.
CLAIMS = [
    ("Simple model", "The error of the dense network is above 0.3", mlp_errs_by_more, "mlp"),
    ("Simple model", "The dense network is worse than the naive forecast", mlp_is_worse_than_naive, "mlp"),
    ("RNN", "The GRU is better than the dense network and the naive forecast", gru_is_better, "gru and mlp"),
    ("RNN", "The GRU overfits", gru_overfits, "gru"),
    ("Recurrent dropout", "Dropout makes the scores more stable, but the best score not much lower", dropout_is_stabler_and_not_much_better, "gru_dropout and gru"),
    ("Recurrent dropout", "Dropout before a recurrent layer impedes learning", dropout_before_impedes_learning, "gru and, from config/further.yaml, dropout_gru"),
    ("Stacking recurrent layers", "Two layers overfit more than one", stacking_overfits_more, "stacked_gru and gru_dropout"),
    ("Bidirectional RNNs", "The bidirectional GRU performs about as well as the plain GRU", bidirectional_is_about_as_good, "bidirectional_gru and gru"),
    ("Bidirectional RNNs", "All its skill comes from the half that reads forwards", the_skill_is_chronological, "gru_reversed and gru"),
    ("Stacking 1D CNN layers", "The convnet does not beat the naive forecast", convnet_does_not_beat_naive, "conv1d"),
    ("Stacking 1D CNN layers", "The convnet is not sensitive to the order of the time steps", convnet_ignores_order, "conv1d and, from config/further.yaml, conv1d_shuffled"),
    ("Combining CNNs and RNNs", "A convnet before a GRU is not as good as the regularised GRU, but a lot faster", conv_gru_is_faster_and_not_as_good, "conv1d_gru and gru_dropout"),
    ("Combining CNNs and RNNs", "Twice as much data does not help a convnet with a GRU", twice_as_much_data_does_not_help, "conv1d_gru_longer, from config/further.yaml"),
]  # fmt: skip
LECTURES_UNITS = {mlp_errs_by_more}  # say nothing about another series
