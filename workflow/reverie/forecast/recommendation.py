"""The forecaster that a run recommends: the best honest one, chosen on the validation part alone."""

from collections.abc import Iterable

NAIVE = {"naive", "naive_delay"}
NONE_BEATS_NAIVE = "None beats naive here: no error on the validation part is surely lower."


def recommended(summary: Iterable[dict]) -> str:
    """Name of the forecast with the lowest validation error among those that surely beat `naive` there.

    `naive` if there is none. ``summary`` has the lines of `summary.csv`; networks count at their best
    checkpoint. `naive_delay` is not compared, since it knows a value that the others do not.
    """
    better = [
        line
        for line in summary
        if (line["split"], line["beats_naive"]) == ("val", "yes")
        and line["checkpoint"] != "last"
        and line["variant"] not in NAIVE
    ]
    best = min(better, key=lambda line: float(line["mae_mean"]), default={"variant": "naive"})
    return best["variant"]
