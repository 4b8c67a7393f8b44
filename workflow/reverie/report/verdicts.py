"""The words of a verdict, and how it follows from an interval."""

import math
from dataclasses import dataclass

from reverie.report.words import number, percent

CONFIRMED, REFUTED, UNDECIDED = "confirmed", "not confirmed", "undecided with this budget"
TASTE, NOT_RUN = "a matter of taste", "not in this run"
MUCH = 0.02  # a relative change of the error that a reader would call "much"
NO_INTERVAL = "(no interval)"
LEARNING = 0.01  # share of the validation loss whose gain in the last epochs is "much"


@dataclass(frozen=True)
class Change:
    """One figure's change against another's, relative unless one says otherwise; its interval.

    The ends are not numbers where there is too little to tell, and then no verdict follows.
    """

    size: float
    low: float
    high: float

    def __str__(self):
        size = f"{abs(100 * self.size):.1f} % {'lower' if self.size < 0 else 'higher'}"
        if math.isnan(self.low):
            return f"{size} {NO_INTERVAL}"
        return f"{size} (95 % interval {percent(self.low)} to {percent(self.high)})"


def points(change: Change, digits: int = 0) -> str:
    """ "31 percentage points (95 % interval 20 to 38)", for the change of a share."""
    ends = (change.size, change.low, change.high)
    size, low, high = (number(100 * value, digits) for value in ends)
    if math.isnan(change.low):
        return f"{size} percentage points {NO_INTERVAL}"
    return f"{size} percentage points (95 % interval {low} to {high})"


def lower(change: Change, than: float = 0.0) -> str:
    """Verdict on "is lower"."""
    return CONFIRMED if change.high < than else REFUTED if change.low > than else UNDECIDED


def higher(change: Change, than: float = 0.0) -> str:
    """Verdict on "is higher"."""
    return CONFIRMED if change.low > than else REFUTED if change.high < than else UNDECIDED


def alike(change: Change) -> str:
    """Verdict on "is about the same"."""
    if change.low > -MUCH and change.high < MUCH:
        return CONFIRMED
    return REFUTED if change.low > MUCH or change.high < -MUCH else UNDECIDED


def not_much_lower(change: Change) -> str:
    """Verdict on "is not much lower"."""
    return higher(change, than=-MUCH)


def both(*verdicts: str) -> str:
    """Verdict on a remark that makes several claims."""
    if REFUTED in verdicts:
        return REFUTED
    return UNDECIDED if UNDECIDED in verdicts else CONFIRMED


def was_learning(history: list[dict], epochs: int) -> bool:
    """Whether a training that used all its ``epochs`` lowered the validation loss by more than LEARNING
    in the last fifth of them. Any other had ended by its patience."""
    if len(history) != epochs:
        return False
    losses = [line["val_loss"] for line in history]
    before = losses[: epochs - max(1, epochs // 5)]
    return min(losses) < (1 - LEARNING) * min(before, default=math.inf)
