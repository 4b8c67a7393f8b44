"""The words of a verdict, and how it follows from an interval."""

import math
from dataclasses import dataclass

from reverie.report.words import number

CONFIRMED, REFUTED, UNDECIDED = "confirmed", "not confirmed", "undecided with this budget"
TASTE, NOT_RUN = "a matter of taste", "not in this run"
MUCH = 0.02  # a relative change of the error that a reader would call "much"


@dataclass(frozen=True)
class Change:
    """One figure's change against another's, relative unless one says otherwise; its interval."""

    size: float
    low: float
    high: float

    def __str__(self):
        size = f"{abs(100 * self.size):.1f} % {'lower' if self.size < 0 else 'higher'}"
        low, high = (f"{100 * end:+.1f} %".replace("-", "−") for end in (self.low, self.high))
        return f"{size} (95 % interval {low} to {high})"


def points(change: Change) -> str:
    """ "31 percentage points (95 % interval 20 to 38)", for the change of a share."""
    size, low, high = (number(100 * value, 0) for value in (change.size, change.low, change.high))
    if math.isnan(change.low):
        return f"{size} percentage points"
    return f"{size} percentage points (95 % interval {low} to {high})"


def lower(change: Change) -> str:
    """Verdict on "is lower"."""
    return CONFIRMED if change.high < 0 else REFUTED if change.low > 0 else UNDECIDED


def higher(change: Change) -> str:
    """Verdict on "is higher"."""
    return CONFIRMED if change.low > 0 else REFUTED if change.high < 0 else UNDECIDED


def alike(change: Change) -> str:
    """Verdict on "is about the same"."""
    if change.low > -MUCH and change.high < MUCH:
        return CONFIRMED
    return REFUTED if change.low > MUCH or change.high < -MUCH else UNDECIDED


def not_much_lower(change: Change) -> str:
    """Verdict on "is not much lower"."""
    return CONFIRMED if change.low > -MUCH else REFUTED if change.high < -MUCH else UNDECIDED


def both(*verdicts: str) -> str:
    """Verdict on a remark that makes several claims."""
    if REFUTED in verdicts:
        return REFUTED
    return UNDECIDED if UNDECIDED in verdicts else CONFIRMED
