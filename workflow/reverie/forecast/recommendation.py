"""The forecaster that a run recommends: the best honest one, chosen on the validation part alone."""

import math
from collections.abc import Iterable

from scipy.special import stdtrit

from reverie.bootstrap import FEWEST, NORMAL
from reverie.forecast.evaluation import BLOCK_DAYS, BLOCK_DELAYS, block_days
from reverie.report.words import percent

NAIVE = {"naive", "naive_delay"}
NONE_BEATS_NAIVE = "None beats naive here: no error on the validation part is surely lower."
CANNOT_TELL = "None is known to beat naive here: the validation part is too short to tell."
SUPPORTED = {"yes": "better", "no": "worse", "unclear": "cannot tell"}  # by the data, that it is


def compared(summary: Iterable[dict]) -> list[dict]:
    """The lines of `summary.csv` that may be recommended by their validation error, the lowest first.

    Networks count at their best checkpoint. `naive_delay` is not among them, since it knows a value that
    the others do not.
    """
    lines = [
        line
        for line in summary
        if line["split"] == "val" and line["checkpoint"] != "last" and line["variant"] not in NAIVE
    ]
    return sorted(lines, key=lambda line: float(line["mae_mean"]))


def recommended(summary: Iterable[dict]) -> str:
    """Name of the forecast with the lowest validation error among those that surely beat `naive` there.

    `naive` if there is none. ``summary`` has the lines of `summary.csv`. The more forecasts there are,
    the surer each must be (Bonferroni), so that where all only equal `naive` one of them is recommended
    in 2.5 % of runs at most, if none is a network. A network's epoch was chosen on the same part, which
    its interval leaves out: with networks that equal `naive`, it is more runs.
    """
    lines = compared(summary)
    better = (line["variant"] for line in lines if surely_better(line, len(lines)))
    return next(better, "naive")


def surely_better(line: dict, count: int) -> bool:
    """Whether a forecast, one of ``count``, is below `naive` with its interval stretched for their number."""
    if not line["vs_naive_high"]:
        return False  # too few windows for an interval
    change, high = float(line["vs_naive"]), float(line["vs_naive_high"])
    return change + stretch(count) * (high - change) < 0


def stretch(count: int) -> float:
    """How much wider a 95 % interval must be to hold for ``count`` forecasts at once (Bonferroni)."""
    return float(stdtrit(math.inf, 1 - 0.025 / count) / NORMAL)


def why_naive(line: dict) -> str:
    """Why naive is recommended; ``line`` is its own of `summary.csv` on validation."""
    return CANNOT_TELL if line["vs_naive_low"] in ("", None) else NONE_BEATS_NAIVE


def what_would_help(
    summary: Iterable[dict], titles: dict[str, str], facts: dict, windows: int, delay: str
) -> list[str]:
    """Where none beats naive: sentences on how far the run is from telling, and what would help.

    ``titles`` are those of the variants, ``facts`` those of `series.json`; ``windows`` counts those of
    the validation part, ``delay`` is how far ahead the forecasts reach.
    """
    lines = compared(summary)
    best, change = lines[0], float(lines[0]["vs_naive"])
    lowest = (
        f"The lowest error there, of {titles[best['variant']]}, is {percent(change)} against naive"
    )
    days, block = windows * facts["interval_minutes"] / 1440, block_days(delay)
    sentences = []
    if not best["vs_naive_low"]:
        sentences.append(
            f"It has {days / block:.1f} blocks of {block:g} days, and an interval needs {FEWEST}: a series "
            f"about {math.ceil(10 * FEWEST * block / days) / 10:g} times as long would do."
        )
        if block > BLOCK_DAYS and days >= FEWEST * BLOCK_DAYS:
            hours = math.floor(24 * days / FEWEST / BLOCK_DELAYS)
            sentences.append(
                f"So would a delay of {hours} hours, since a block is {BLOCK_DELAYS} of them."
            )
        sentences.append(f"{lowest}, which may be chance.")
    elif change < 0:
        times = (stretch(len(lines)) * (float(best["vs_naive_high"]) - change) / change) ** 2
        sentences.append(
            f"{lowest}, between {percent(float(best['vs_naive_low']))} and "
            f"{percent(float(best['vs_naive_high']))}; were it no chance, a validation part "
            f"{math.ceil(10 * times) / 10:g} times as long would show it."
        )
    else:
        sentences.append(f"{lowest}, so that more rows for validation would not help.")
    if same := [titles[line["variant"]] for line in lines if float(line["vs_naive"]) == 0]:
        sentences.append(
            f"These repeat naive, since nothing else that they learned was surely better: {', '.join(same)}."
        )
    if len(facts["columns"]) == 1:
        sentences.append(
            f"{facts['target']} is the only input; a column of something that changes before it would add "
            "what its own past does not tell."
        )
    return sentences
