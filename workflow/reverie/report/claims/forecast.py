"""The lecture's remarks about its networks.

Comparisons are paired, window by window, with 95 % block-bootstrap intervals (`pairs.csv`).
"""

from pathlib import Path
from statistics import mean, stdev

from reverie.forecast import variants
from reverie.report.claims.verdicts import (
    CONFIRMED,
    REFUTED,
    UNDECIDED,
    Change,
    alike,
    both,
    higher,
    lower,
    not_much_lower,
)
from reverie.tables import read_table


class Figures:
    """A run's figures about the forecast, as the remarks need them."""

    def __init__(self, run: Path, settings: dict):
        self.folder, self.seeds = run / "forecast", settings["forecast"]["seeds"]
        self.steps = {name: one["step"] for name, one in variants.networks(settings).items()}
        self.pairs = {}
        for line in read_table(self.folder / "pairs.csv"):
            if line["low"]:
                key = tuple(list(line.values())[:5])
                self.pairs[key] = Change(*(float(line[name]) for name in ("change", "low", "high")))
        self.errors = {
            (line["variant"], line["split"], line["checkpoint"]): float(line["mae_mean"])
            for line in read_table(self.folder / "summary.csv")
        }

    def change(self, one: str, other: str, split: str = "test") -> Change:
        """Of the best checkpoint of ``one`` against that of ``other``; KeyError without them."""
        best = "" if other.startswith("naive") else "best"
        return self.pairs[one, "best", other, best, split]

    def overfitting(self, variant: str) -> Change:
        """Of the last epoch against the best, on the test part, which chose neither."""
        return self.pairs[variant, "last", variant, "best", "test"]

    def histories(self, variant: str) -> list[list[dict]]:
        """Epochs of every seed, in numbers."""
        files = [self.folder / variant / f"seed{seed}" / "history.csv" for seed in self.seeds]
        found = [read_table(file) for file in files if file.exists()]
        if not found:
            raise KeyError(variant)
        return [[{k: float(v) for k, v in line.items()} for line in epochs] for epochs in found]

    def seconds(self, variant: str) -> float:
        """Seconds an epoch, the middle one of all."""
        every = [line["seconds"] for history in self.histories(variant) for line in history]
        return sorted(every)[len(every) // 2]

    def unrest(self, variant: str) -> float:
        """Standard deviation of the validation loss over the second half of the epochs."""
        halves = [
            [line["val_loss"] for line in history[len(history) // 2 :]]
            for history in self.histories(variant)
        ]
        return mean(stdev(half) for half in halves)


NOTHING = Change(0.0, 0.0, 0.0)  # a last epoch that is the best


def mlp_is_worse_than_naive(run: Figures) -> tuple[str, str]:
    error, change = run.errors["mlp", "val", "best"], run.change("mlp", "naive", "val")
    above = CONFIRMED if error > 0.3 else REFUTED
    said = f"Its lowest validation error is {error:.4f}, {change} than the naive forecast’s."
    return said, both(above, higher(change))


def gru_is_better(run: Figures) -> tuple[str, str]:
    naive, mlp = run.change("gru", "naive"), run.change("gru", "mlp")
    said = f"Its error is {naive} than the naive forecast’s and {mlp} than the dense network’s."
    return said, both(lower(naive), lower(mlp))


def gru_overfits(run: Figures) -> tuple[str, str]:
    change = run.overfitting("gru")
    if change == NOTHING:
        return "Its last epoch is its best: it has not come to that.", UNDECIDED
    return f"After the last epoch its test error is {change} than after the best.", higher(change)


def dropout_is_stabler_and_not_much_better(run: Figures) -> tuple[str, str]:
    change = run.change("gru_dropout", "gru")
    not_much = not_much_lower(change)
    said = f"Its error is {change} than the plain GRU’s"
    if min(len(history) for history in run.histories("gru")) < 4:
        return f"{said}; too few epochs to tell how stable its scores are.", both(
            not_much, UNDECIDED
        )
    with_dropout, without = run.unrest("gru_dropout"), run.unrest("gru")
    stabler = CONFIRMED if with_dropout < without else REFUTED
    said += f"; its validation loss varies by {with_dropout:.4f} from epoch to epoch, the plain "
    return f"{said}GRU’s by {without:.4f}.", both(not_much, stabler)


def stacking_overfits_more(run: Figures) -> tuple[str, str]:
    stacked, single = run.overfitting("stacked_gru"), run.overfitting("gru_dropout")
    if stacked == single == NOTHING:
        return "The last epoch of both is their best: they have not come to that.", UNDECIDED
    said = f"After the last epoch its test error is {stacked} than after the best, a single GRU’s with dropout {single}."
    if stacked.low > single.high:
        return said, CONFIRMED
    return said, REFUTED if stacked.high < single.low else UNDECIDED


def bidirectional_is_about_as_good(run: Figures) -> tuple[str, str]:
    change = run.change("bidirectional_gru", "gru")
    said = f"Its error is {change} than the plain GRU’s."
    return said, alike(change)


def the_skill_is_chronological(run: Figures) -> tuple[str, str]:
    change = run.change("gru_reversed", "gru")
    return (
        f"A GRU that reads backwards has an error {change} than one that reads forwards.",
        higher(change),
    )


def convnet_does_not_beat_naive(run: Figures) -> tuple[str, str]:
    change = run.change("conv1d", "naive")
    return f"Its error is {change} than the naive forecast’s.", higher(change)


def convnet_ignores_order(run: Figures) -> tuple[str, str]:
    change = run.change("conv1d_shuffled", "conv1d")
    said = f"Trained on shuffled windows its error is {change} than on ordered ones."
    return said, alike(change)


def conv_gru_is_faster_and_not_as_good(run: Figures) -> tuple[str, str]:
    change = run.change("conv1d_gru", "gru_dropout")
    ratio = run.seconds("gru_dropout") / run.seconds("conv1d_gru")
    faster = CONFIRMED if ratio > 1.5 else REFUTED
    said = f"Its error is {change} than the GRU’s with dropout; an epoch takes {100 / ratio:.0f} % of its time."
    return said, both(higher(change), faster)


def twice_as_much_data_does_not_help(run: Figures) -> tuple[str, str]:
    fine, coarse = "conv1d_gru", "conv1d_gru_longer.lookback-10-days"
    if run.steps[fine] == run.steps[coarse]:  # a series without half hours
        raise KeyError(fine)
    change = run.change(fine, coarse)
    said = f"With a value every {run.steps[fine]} its error is {change} than with one every {run.steps[coarse]}."
    return said, not_much_lower(change)


# Slide, remark, the function that measures it, what a run needs for it.
CLAIMS = [
    ("Simple model", "The dense network errs by more than 0.3 and is worse than the naive forecast", mlp_is_worse_than_naive, "mlp"),
    ("RNN", "The GRU is better than the dense network and the naive forecast", gru_is_better, "gru and mlp"),
    ("RNN", "The GRU overfits", gru_overfits, "gru"),
    ("Recurrent dropout", "Dropout makes the scores more stable, the best one not much lower", dropout_is_stabler_and_not_much_better, "gru_dropout and gru"),
    ("Stacking recurrent layers", "With two layers the overfitting becomes worse", stacking_overfits_more, "stacked_gru and gru_dropout"),
    ("Bidirectional RNNs", "It performs about as well as the regular GRU", bidirectional_is_about_as_good, "bidirectional_gru and gru"),
    ("Bidirectional RNNs", "All its skill comes from the chronological half", the_skill_is_chronological, "gru_reversed and gru"),
    ("Stacking 1D CNN layers", "The convnet does not beat the naive forecast", convnet_does_not_beat_naive, "conv1d"),
    ("Stacking 1D CNN layers", "The convnet is not sensitive to the order of the timesteps", convnet_ignores_order, "conv1d and, from config/further.yaml, conv1d_shuffled"),
    ("Combining CNNs and RNNs", "Convolutions before a GRU are not as good as the regularized GRU but run a lot faster", conv_gru_is_faster_and_not_as_good, "conv1d_gru and gru_dropout"),
    ("Combining CNNs and RNNs", "Twice as much data does not help it", twice_as_much_data_does_not_help, "conv1d_gru at 30 minutes and, from config/further.yaml, conv1d_gru_longer"),
]  # fmt: skip
