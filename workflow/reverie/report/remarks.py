"""What the lecture remarks about its networks, held against a run's files.

Each remark is a small function of the run's figures; it gives what was measured and a verdict:
confirmed, not confirmed, or undecided with this budget. Comparisons are paired, window by window,
with 95 % block-bootstrap intervals (`pairs.csv`).
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev

CONFIRMED, REFUTED, UNDECIDED = "confirmed", "not confirmed", "undecided with this budget"
TASTE = "a matter of taste"
MUCH = 0.02  # a relative change of the error that a reader would call "much"


@dataclass(frozen=True)
class Change:
    """Relative change of one forecast's error against another's, with its interval."""

    size: float
    low: float
    high: float

    def __str__(self):
        size = f"{abs(100 * self.size):.1f} % {'lower' if self.size < 0 else 'higher'}"
        low, high = (f"{100 * end:+.1f} %".replace("-", "−") for end in (self.low, self.high))
        return f"{size} (95 % interval {low} to {high})"


class Figures:
    """A run's figures about the forecast, as the remarks need them."""

    def __init__(self, folder: Path, seeds: list[int]):
        self.folder, self.seeds = folder, seeds
        self.pairs = {}
        for line in read(folder / "pairs.csv"):
            if line["low"]:
                key = tuple(list(line.values())[:5])
                self.pairs[key] = Change(*(float(line[name]) for name in ("change", "low", "high")))
        self.errors = {
            (line["variant"], line["split"], line["checkpoint"]): float(line["mae_mean"])
            for line in read(folder / "summary.csv")
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
        return [[{k: float(v) for k, v in line.items()} for line in read(f)] for f in files]

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


def read(file: Path) -> list[dict]:
    with open(file, newline="") as table:
        return list(csv.DictReader(table))


def lower(change: Change) -> str:
    """Verdict on "is better"."""
    return CONFIRMED if change.high < 0 else REFUTED if change.low > 0 else UNDECIDED


def higher(change: Change) -> str:
    """Verdict on "is worse"."""
    return CONFIRMED if change.low > 0 else REFUTED if change.high < 0 else UNDECIDED


def alike(change: Change) -> str:
    """Verdict on "is about as good"."""
    if change.low > -MUCH and change.high < MUCH:
        return CONFIRMED
    return REFUTED if change.low > MUCH or change.high < -MUCH else UNDECIDED


def both(*verdicts: str) -> str:
    """Verdict on a remark that makes several claims."""
    if REFUTED in verdicts:
        return REFUTED
    return UNDECIDED if UNDECIDED in verdicts else CONFIRMED


def mlp_is_worse_than_naive(run: Figures) -> tuple[str, str]:
    error, change = run.errors["mlp", "val", "best"], run.change("mlp", "naive", "val")
    above = CONFIRMED if error > 0.3 else REFUTED
    said = f"Its lowest validation error is {error:.4f}, {change} than the naive forecast's."
    return said, both(above, higher(change))


def gru_is_better(run: Figures) -> tuple[str, str]:
    naive, mlp = run.change("gru", "naive"), run.change("gru", "mlp")
    said = f"Its error is {naive} than the naive forecast's and {mlp} than the dense network's."
    return said, both(lower(naive), lower(mlp))


def gru_overfits(run: Figures) -> tuple[str, str]:
    change = run.overfitting("gru")
    return f"After the last epoch its test error is {change} than after the best.", higher(change)


def dropout_is_stabler_and_not_much_better(run: Figures) -> tuple[str, str]:
    change = run.change("gru_dropout", "gru")
    not_much = CONFIRMED if change.low > -MUCH else REFUTED if change.high < -MUCH else UNDECIDED
    said = f"Its error is {change} than the plain GRU's"
    if min(len(history) for history in run.histories("gru")) < 4:
        return f"{said}; too few epochs to tell how stable its scores are.", both(
            not_much, UNDECIDED
        )
    with_dropout, without = run.unrest("gru_dropout"), run.unrest("gru")
    stabler = CONFIRMED if with_dropout < without else REFUTED
    said += f"; its validation loss varies by {with_dropout:.4f} from epoch to epoch, the plain "
    return f"{said}GRU's by {without:.4f}.", both(not_much, stabler)


def stacking_overfits_more(run: Figures) -> tuple[str, str]:
    stacked, single = run.overfitting("stacked_gru"), run.overfitting("gru_dropout")
    said = f"After the last epoch its test error is {stacked} than after the best, a single GRU's with dropout {single}."
    if stacked.low > single.high:
        return said, CONFIRMED
    return said, REFUTED if stacked.high < single.low else UNDECIDED


def bidirectional_is_about_as_good(run: Figures) -> tuple[str, str]:
    change = run.change("bidirectional_gru", "gru")
    said = f"Its error is {change} than the plain GRU's."
    return said, alike(change)


def the_skill_is_chronological(run: Figures) -> tuple[str, str]:
    change = run.change("gru_reversed", "gru")
    return (
        f"A GRU that reads backwards has an error {change} than one that reads forwards.",
        higher(change),
    )


def convnet_does_not_beat_naive(run: Figures) -> tuple[str, str]:
    change = run.change("conv1d", "naive")
    return f"Its error is {change} than the naive forecast's.", higher(change)


def convnet_ignores_order(run: Figures) -> tuple[str, str]:
    change = run.change("conv1d_shuffled", "conv1d")
    said = f"Trained on shuffled windows its error is {change} than on ordered ones."
    return said, alike(change)


def conv_gru_is_faster_and_not_as_good(run: Figures) -> tuple[str, str]:
    change = run.change("conv1d_gru", "gru_dropout")
    ratio = run.seconds("gru_dropout") / run.seconds("conv1d_gru")
    faster = CONFIRMED if ratio > 1.5 else REFUTED
    said = f"Its error is {change} than the GRU's with dropout; an epoch takes {100 / ratio:.0f} % of its time."
    return said, both(higher(change), faster)


REMARKS: list[tuple[str, str, Callable[[Figures], tuple[str, str]]]] = [
    ("Simple model", "The dense network errs by more than 0.3 and is worse than the naive forecast", mlp_is_worse_than_naive),
    ("RNN", "The GRU is better than the dense network and the naive forecast", gru_is_better),
    ("RNN", "The GRU overfits", gru_overfits),
    ("Recurrent dropout", "Dropout makes the scores more stable, the best one not much lower", dropout_is_stabler_and_not_much_better),
    ("Stacking recurrent layers", "With two layers the overfitting becomes worse", stacking_overfits_more),
    ("Bidirectional RNNs", "It performs about as well as the regular GRU", bidirectional_is_about_as_good),
    ("Bidirectional RNNs", "All its skill comes from the chronological half", the_skill_is_chronological),
    ("Stacking 1D CNN layers", "The convnet does not beat the naive forecast", convnet_does_not_beat_naive),
    ("Stacking 1D CNN layers", "It is not sensitive to the order of the timesteps", convnet_ignores_order),
    ("Combining CNNs and RNNs", "It does not perform as well as the regularized GRU but runs a lot faster", conv_gru_is_faster_and_not_as_good),
]  # fmt: skip


def checked(folder: Path, seeds: list[int]) -> list[dict]:
    """Every remark whose networks ran: `slide, remark, measured, verdict`."""
    run = Figures(folder, seeds)
    found = []
    for slide, remark, measure in REMARKS:
        try:
            measured, verdict = measure(run)
        except (KeyError, FileNotFoundError):  # a network did not run, or too short a test part
            continue
        found.append({"slide": slide, "remark": remark, "measured": measured, "verdict": verdict})
    return found
