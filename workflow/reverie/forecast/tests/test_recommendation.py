"""Which forecaster a run recommends."""

import numpy as np
import pytest
from reverie.forecast.recommendation import recommended


def line(variant, mae, beats, split="val", checkpoint="") -> dict:
    return {
        "variant": variant,
        "split": split,
        "checkpoint": checkpoint,
        "mae_mean": f"{mae:.6f}",
        "beats_naive": beats,
    }


NAIVE = [line("naive", 0.30, "unclear"), line("naive_delay", 0.20, "yes")]


@pytest.mark.parametrize(
    ("forecasts", "best"),
    [
        ([], "naive"),
        ([line("linear", 0.27, "yes"), line("trees", 0.26, "yes")], "trees"),
        # Lower, but not surely: of few windows, or by chance.
        ([line("linear", 0.27, "yes"), line("trees", 0.25, "unclear")], "linear"),
        ([line("linear", 0.29, "unclear"), line("trees", 0.35, "no")], "naive"),
        # What the test part says, and the last epoch, which nobody chose, count for nothing.
        ([line("gru", 0.27, "yes", checkpoint="best"), line("gru", 0.20, "yes", "test", "best")], "gru"),
        ([line("gru", 0.31, "no", checkpoint="best"), line("gru", 0.25, "yes", checkpoint="last")], "naive"),
        ([line("gru", 0.27, "yes", checkpoint="best"), line("gru_ensemble", 0.26, "yes", checkpoint="best")], "gru_ensemble"),
    ],
)  # fmt: skip
def test_the_best_on_validation_of_those_surely_better_than_naive(forecasts, best):
    assert recommended([*NAIVE, *forecasts]) == best


def test_the_test_part_changes_nothing():
    generator = np.random.default_rng(0)
    names = ["gru", "linear", "trees"]
    validation = [line(name, 0.2 + 0.01 * i, "yes") for i, name in enumerate(names)]
    for _ in range(20):
        tested = [
            line(name, generator.random(), generator.choice(["yes", "no", "unclear"]), "test")
            for name in names
        ]
        assert recommended(tested + validation) == "gru"
