"""Which forecaster a run recommends."""

from pathlib import Path

import numpy as np
import pytest
from reverie.forecast import evaluation, fitting
from reverie.forecast.evaluation import block_days
from reverie.forecast.recommendation import (
    CANNOT_TELL,
    NONE_BEATS_NAIVE,
    recommended,
    what_would_help,
    why_naive,
)
from reverie.tables import read_table

HIGH = {"yes": "-0.08", "no": "0.30", "unclear": "0.01", "too few windows": ""}


def line(variant, mae, beats, split="val", checkpoint="") -> dict:
    return {
        "variant": variant,
        "split": split,
        "checkpoint": checkpoint,
        "mae_mean": f"{mae:.6f}",
        "vs_naive": "0.20" if beats == "no" else "-0.10",
        "vs_naive_high": HIGH[beats],
    }


NAIVE = [line("naive", 0.30, "unclear"), line("naive_delay", 0.20, "yes")]


@pytest.mark.parametrize(
    ("forecasts", "best"),
    [
        ([], "naive"),
        ([line("linear", 0.27, "yes"), line("trees", 0.26, "yes")], "trees"),
        # Lower, but not surely: of few windows, or by chance.
        ([line("linear", 0.27, "yes"), line("trees", 0.25, "unclear")], "linear"),
        ([line("linear", 0.27, "yes"), line("trees", 0.25, "too few windows")], "linear"),
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


def test_none_is_recommended_where_all_equal_naive():
    """Of twelve forecasts with errors like those of naive, the best seems better in 2.5 % of runs."""
    generator, runs, wrong = np.random.default_rng(1), 400, 0
    for _ in range(runs):
        naive, *errors = np.abs(generator.normal(size=(13, 300)))
        lines = []
        for number, error in enumerate(errors):
            change = (error - naive).mean() / naive.mean()
            half = 1.96 * (error - naive).std() / np.sqrt(len(naive)) / naive.mean()
            figures = {"vs_naive": change, "vs_naive_high": f"{change + half}"}
            lines.append(line(f"v{number}", error.mean(), "unclear") | figures)
        wrong += recommended(lines) != "naive"
    assert wrong <= 0.025 * runs + 2 * np.sqrt(0.025 * runs)


FACTS = {"interval_minutes": 60, "columns": ["x", "y"], "target": "x"}
TITLES = {"linear": "Linear regression", "trees": "Trees", "climatology": "Climatology"}


def compared(variant, change, low="", high="") -> dict:
    ends = {"vs_naive": f"{change:.6f}", "vs_naive_low": str(low), "vs_naive_high": str(high)}
    return line(variant, 0.3 * (1 + change), "unclear") | ends


def told(lines, days, delay="1 day", **facts) -> str:
    lines = [line("naive", 0.3, "unclear"), line("naive_delay", 0.2, "yes"), *lines]
    help = what_would_help(lines, TITLES, FACTS | facts, 24 * days, delay)
    return " ".join(help).replace("\u202f", " ").replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("low", "sentence"),
    [
        ("0.000000", NONE_BEATS_NAIVE),
        (0.0, NONE_BEATS_NAIVE),
        ("", CANNOT_TELL),
        (None, CANNOT_TELL),
    ],
)
def test_a_part_without_an_interval_is_not_said_to_show_anything(low, sentence):
    assert why_naive({"vs_naive_low": low}) == sentence


def test_without_an_interval_the_blocks_are_counted():
    text = told([compared("linear", -0.2), compared("climatology", 0.5)], days=14)
    assert text == (
        "It has 2.0 blocks of 7 days, and an interval needs 15: a series about 7.5 times as long would do. "
        "The lowest error there, of Linear regression, is −20.0 % against naive, which may be chance."
    )


def test_a_shorter_delay_is_named_only_where_it_would_do():
    """Of five days, a block is fifteen; of 56 hours, seven, of which 105 days have 15."""
    far = told([compared("linear", -0.2)], 106, "5 days")
    assert "7.1 blocks of 15 days" in far and "So would a delay of 56 hours, since" in far
    assert 15 * block_days("56 hours") <= 106
    assert "delay" not in told([compared("linear", -0.2)], 100, "5 days")


def test_where_an_interval_is_too_wide_the_length_that_would_do_is_named():
    """An interval of ±6 % narrows to 3 % with four times the windows."""
    text = told([compared("linear", -0.03, -0.09, 0.03)], days=150)
    assert (
        "−3.0 % against naive, between −9.0 % and +3.0 %; were it no chance, a validation" in text
    )
    assert "part 4 times as long would show it" in text
    assert "blocks" not in text


def test_where_none_is_lower_more_rows_are_no_advice():
    lines = [
        compared("linear", 0.0, 0, 0),
        compared("trees", 0.0, 0, 0),
        compared("climatology", 2, 1, 3),
    ]
    text = told(lines, days=150, columns=["x"])
    assert text == (
        "The lowest error there, of Linear regression, is +0.0 % against naive, so that more rows for "
        "validation would not help. These repeat naive, since nothing else that they learned was surely "
        "better: Linear regression, Trees. x is the only input; a column of something "
        "that changes before it would add what its own past does not tell."
    )


SPANS = {"lookback": "5 days", "step": "6 hours", "delay": "1 day"}


def recommended_for(values: np.ndarray, folder: Path) -> str:
    """What is recommended after fits to a series with a row every six hours, half of it for training."""
    rows, every = len(values), 360
    training = values[: rows // 2]
    series = {
        "values": ((values - training.mean()) / training.std()).astype(np.float32)[:, None],
        "time": 60 * every * np.arange(rows), "interval_minutes": every, "target": 0, "std": [training.std()],
        "train_end": len(training), "validation_end": round(0.8 * rows),
        "measured": np.ones(rows, bool), "unmeasured": np.zeros(rows, bool),
    }  # fmt: skip
    np.savez(folder / "series.npz", **series)
    variants = {}
    for kind in ("climatology", "linear", "ridge"):
        fit = folder / kind / "seed0"
        settings = {"kind": kind, "refit": False, "evaluation_batch": 8, **SPANS}
        fitting.fit(kind, settings, 0, folder / "series.npz", fit)
        variants[kind] = evaluation.Variant.read(folder / kind, {0: fit}, False, kind, None)
    target = evaluation.read_target(folder / "series.npz", *SPANS.values())
    evaluation.evaluate(target, variants, folder)
    return recommended(read_table(folder / "summary.csv"))


def test_naive_is_recommended_for_random_walks(tmp_path):
    """Among 60 of them, one had a regression that was better on validation by its interval."""
    walks = np.random.default_rng(1).normal(size=(6, 1600)).cumsum(axis=1)
    assert [recommended_for(walk, tmp_path) for walk in walks] == ["naive"] * 6


def test_another_is_recommended_where_there_is_something_to_learn(tmp_path):
    """So that the test above could fail."""
    noise = np.random.default_rng(2).normal(size=1600)
    assert recommended_for(noise, tmp_path) in ("climatology", "linear", "ridge")
