"""Corrected quantiles: closed forms, coverage of data that are exchangeable, and verdicts on it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from reverie.forecast import probabilities
from reverie.forecast.probabilities import Quantiles
from reverie.tables import write_table
from scipy import stats

FIVE = [0.05, 0.25, 0.5, 0.75, 0.95]
finite = st.floats(-1e3, 1e3, width=32)


def test_of_normal_errors_the_corrections_are_the_normal_quantiles():
    generator = np.random.default_rng(0)
    forecast = generator.normal(0, 5, 200_000)
    truth = forecast + generator.normal(0.3, 2, len(forecast))
    shifts = probabilities.shifts(truth, Quantiles.of(forecast[:, None]))
    assert shifts == pytest.approx(stats.norm.ppf([0.1, 0.9], 0.3, 2), abs=0.03)


@pytest.mark.parametrize(
    ("level", "windows", "rank"),
    [
        (0.1, 9, 1),
        (0.1, 28, 2),
        (0.9, 9, 9),
        (0.9, 20, 19),
        (0.1, 3, 1),
        (0.9, 3, 3),
        (0.55, 99, 55),
        (0.29, 99, 29),
    ],
)
def test_the_rank_is_that_of_one_more(level, windows, rank):
    errors = np.random.default_rng(0).permutation(np.arange(1, windows + 1))
    assert probabilities.empirical(errors, level) == rank


def test_the_pinball_loss_is_that_of_its_definition():
    """And of all constant forecasts, the quantile has the lowest."""
    truth = np.random.default_rng(0).normal(size=999)
    for level in (0.1, 0.9):
        candidates = np.quantile(truth, np.linspace(0.02, 0.98, 49))
        losses = [probabilities.pinball(truth, c, level).mean() for c in candidates]
        plain = [
            sum(level * (t - c) if t > c else (1 - level) * (c - t) for t in truth) / len(truth)
            for c in candidates
        ]
        assert losses == pytest.approx(plain)
        assert np.linspace(0.02, 0.98, 49)[np.argmin(losses)] == pytest.approx(level, abs=1e-9)


@given(
    arrays(np.float32, (12, 5), elements=finite),
    arrays(np.float32, 12, elements=finite),
    arrays(np.float32, (7, 5), elements=finite),
)
def test_corrected_quantiles_never_cross(on_validation, truth, on_test):
    shifts = probabilities.shifts(truth, Quantiles.of(on_validation, FIVE))
    corrected = Quantiles.of(on_test, FIVE).shifted(shifts)
    assert corrected.shape == (7, 4)
    assert (np.diff(corrected, axis=1) >= 0).all()


@pytest.mark.parametrize("levels", [None, [0.2, 0.5, 0.7]])
@pytest.mark.parametrize("windows", [19, 30])
def test_exchangeable_truths_are_held_as_often_as_wanted(levels, windows):
    """Each of many calibrations meets one more window: in at least the share wanted, in few more."""
    generator, trials = np.random.default_rng(windows), 4000
    low, high = (levels or [0.1, 0.9])[0], (levels or [0.1, 0.9])[-1]
    held = 0
    for _ in range(trials):
        forecasts = generator.normal(size=(windows + 1, 3 if levels else 1))
        truth = forecasts[:, 0] + generator.exponential(size=windows + 1)
        quantiles = Quantiles.of(forecasts, levels)
        known = Quantiles(quantiles.levels, quantiles.values[:-1], quantiles.own)
        (ends,) = quantiles.shifted(probabilities.shifts(truth[:-1], known))[-1:]
        held += ends[0] <= truth[-1] <= ends[1]
    sure = 4 * math.sqrt(0.25 / trials)
    assert high - low - sure < held / trials < high - low + 2 / (windows + 1) + sure


def lines_of(truths, quantiles, block=5, std=3.0) -> list[dict]:
    lines = probabilities.coverage(truths, quantiles, block, std)
    return [dict(zip(probabilities.COLUMNS, line, strict=True)) for line in lines]


def test_wrong_quantiles_of_a_network_are_repaired():
    """One forecasts too high, and intervals that are far too narrow."""
    generator = np.random.default_rng(0)
    truths, quantiles = {}, {}
    for split, windows in (("val", 4000), ("test", 6000)):
        center = generator.normal(size=windows)
        truths[split] = center + generator.normal(size=windows)
        ends = center[:, None] + 2 + 0.1 * stats.norm.ppf(FIVE)
        quantiles[split] = Quantiles.of(ends, FIVE)
    lines = lines_of(truths, quantiles)
    assert [(line["split"], line["low"], line["high"]) for line in lines] == [
        (split, low, high)
        for split in ("val", "test")
        for low, high in ((0.05, 0.95), (0.25, 0.75))
    ]
    for line in lines:
        nominal = line["high"] - line["low"]
        assert line["coverage_before"] < 0.1
        width = 2 * stats.norm.ppf(line["high"])
        assert line["width_unit"] == pytest.approx(3 * width, rel=0.05)
        # Of a normal truth, the pinball loss of its quantile is the density there.
        assert line["pinball_unit"] == pytest.approx(3 * stats.norm.pdf(width / 2), rel=0.05)
        if line["split"] == "val":
            assert math.isnan(line["coverage"]) and line["verdict"] == ""
        else:
            assert line["ci_low"] < nominal < line["ci_high"]
            assert line["ci_low"] < line["coverage"] < line["ci_high"]
            assert line["verdict"] == "covers"


@pytest.mark.parametrize(
    ("scale", "verdict"), [(2, "too narrow"), (0.5, "too wide"), (1, "covers")]
)
def test_a_drift_of_the_errors_gets_its_verdict(scale, verdict):
    generator = np.random.default_rng(0)
    truths = {"val": generator.normal(size=900), "test": generator.normal(0, scale, 900)}
    quantiles = {split: Quantiles.of(np.zeros((900, 1))) for split in truths}
    val, test = lines_of(truths, quantiles)
    assert test["verdict"] == verdict
    assert math.isnan(test["coverage_before"])
    assert [val[end] for end in ("shift_low", "shift_high")] == [
        test[end] for end in ("shift_low", "shift_high")
    ]


def test_too_few_blocks_get_no_verdict():
    truths = {split: np.random.default_rng(0).normal(size=70) for split in ("val", "test")}
    quantiles = {split: Quantiles.of(np.zeros((70, 1))) for split in truths}
    _, test = lines_of(truths, quantiles)
    assert math.isnan(test["ci_low"]) and test["verdict"] == ""
    assert test["coverage"] == pytest.approx(0.8, abs=0.06)


@pytest.mark.parametrize(("val", "test"), [(20, 40), (60, 20)])
def test_without_a_drift_the_verdict_is_right_nearly_always(val, test):
    """Errors that are large and small by spells, as long as a block on average."""
    generator, trials, block = np.random.default_rng(val), 400, 8
    right = 0
    for _ in range(trials):
        truths = {}
        for split, blocks in (("val", val), ("test", test)):
            spells = np.repeat(generator.gamma(4, 0.25, 4 * blocks), block // 4)
            truths[split] = spells * generator.normal(size=len(spells))
        quantiles = {name: Quantiles.of(np.zeros((len(t), 1))) for name, t in truths.items()}
        right += lines_of(truths, quantiles, block)[1]["verdict"] == "covers"
    sure = 3 * math.sqrt(0.95 * 0.05 / trials)
    assert 0.95 - sure < right / trials < 0.99


def test_levels_on_one_side_make_no_interval():
    forecasts = np.arange(6.0).reshape(2, 3)
    quantiles = Quantiles.of(forecasts, [0.5, 0.8, 0.9])
    assert (quantiles.levels, quantiles.own) == ([0.1, 0.9], False)
    assert quantiles.values.tolist() == [[0, 0], [3, 3]]
    lopsided = Quantiles.of(forecasts, [0.1, 0.2, 0.5])
    assert lopsided.values.tolist() == [[2, 2], [5, 5]]


def test_corrections_are_read_as_they_were_written(tmp_path):
    generator = np.random.default_rng(0)
    truths = {split: generator.normal(size=100) for split in ("val", "test")}
    quantiles = {
        split: Quantiles.of(np.sort(generator.normal(size=(100, 5)), axis=1), FIVE)
        for split in truths
    }
    lines = [["net", *line] for line in probabilities.coverage(truths, quantiles, 5, 1.0)]
    write_table(tmp_path / "coverage.csv", ["variant", *probabilities.COLUMNS], lines)
    read = probabilities.corrections(tmp_path)["net"]
    assert (read.levels, read.own) == ([0.05, 0.25, 0.75, 0.95], True)
    assert read.shares() == pytest.approx([0.9, 0.5])
    assert read.held[0] > read.held[1] > 0
    assert read.shifts == pytest.approx(
        probabilities.shifts(truths["val"], quantiles["val"]), abs=1e-6
    )
