"""The forecaster that a run recommends: the best honest one, chosen on the validation part alone."""

from collections.abc import Iterable

from scipy.special import ndtri

from reverie.bootstrap import NORMAL

NAIVE = {"naive", "naive_delay"}
NONE_BEATS_NAIVE = "None beats naive here: no error on the validation part is surely lower."


def recommended(summary: Iterable[dict]) -> str:
    """Name of the forecast with the lowest validation error among those that surely beat `naive` there.

    `naive` if there is none. ``summary`` has the lines of `summary.csv`; networks count at their best
    checkpoint. `naive_delay` is not compared, since it knows a value that the others do not. The more
    forecasts there are, the surer each must be (Bonferroni), so that where all only equal `naive` one
    of them is recommended in 2.5 % of runs at most.
    """
    compared = [
        line
        for line in summary
        if line["split"] == "val" and line["checkpoint"] != "last" and line["variant"] not in NAIVE
    ]
    better = [line for line in compared if surely_better(line, len(compared))]
    best = min(better, key=lambda line: float(line["mae_mean"]), default={"variant": "naive"})
    return best["variant"]


def surely_better(line: dict, compared: int) -> bool:
    """Whether a forecast, one of so many, is below `naive` with its interval stretched for their number."""
    if not line["vs_naive_high"]:
        return False  # too few windows for an interval
    change, high = float(line["vs_naive"]), float(line["vs_naive_high"])
    return change + (high - change) * ndtri(1 - 0.025 / compared) / NORMAL < 0
