"""Intervals by resampling blocks, against closed forms and the plain way."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reverie import bootstrap
from scipy import stats


def autoregressive(generator, rows, coefficient):
    noise = generator.normal(size=rows + 500)
    series = np.zeros(rows + 500)
    for row in range(1, rows + 500):
        series[row] = coefficient * series[row - 1] + noise[row]
    return series[500:]


def test_the_interval_is_as_wide_as_the_closed_form():
    """The mean of an AR(1) series has variance 1 / (n (1 - a)²) for large n."""
    rows, coefficient, block = 4000, 0.7, 100
    widths = []
    for seed in range(40):
        series = autoregressive(np.random.default_rng(seed), rows, coefficient)
        samples = bootstrap.block_means(series, block)
        low, high = bootstrap.interval(series.mean(), samples, rows / block)
        widths.append(high - low)
    closed = 2 * 1.96 / math.sqrt(rows) / (1 - coefficient)
    assert np.mean(widths) == pytest.approx(closed, rel=0.08)


@pytest.mark.parametrize(("blocks", "block"), [(bootstrap.FEWEST, 1), (15, 25), (40, 75)])
def test_the_interval_covers_as_often_as_it_says(blocks, block):
    """Coverage of the true mean, 0, within its own sampling error; the fewest blocks there may be."""
    trials, hits = 300, 0
    for seed in range(trials):
        memory = 0.6 if block > 1 else 0
        series = autoregressive(np.random.default_rng(seed), blocks * block, memory)
        samples = bootstrap.block_means(series, block)
        low, high = bootstrap.interval(series.mean(), samples, blocks)
        hits += low < 0 < high
    assert abs(hits / trials - 0.95) < 3 * math.sqrt(0.95 * 0.05 / trials)


@pytest.mark.parametrize("spreads", [(1,), (1, 1), (1, 3)])
@pytest.mark.parametrize("seeds", [2, 3, 10])
def test_means_over_few_seeds_are_covered(seeds, spreads):
    generator, trials = np.random.default_rng(seeds), 2000
    hits = 0
    for _ in range(trials):
        groups = [spread * generator.normal(size=seeds) for spread in spreads]
        off = groups[0].mean() - sum(group.mean() for group in groups[1:])
        hits += abs(off) < bootstrap.half_width(*groups)
    # Welch's interval of very few values is a little wide, never narrow.
    assert 0.95 - 3 * math.sqrt(0.95 * 0.05 / trials) < hits / trials < 0.99


@given(st.lists(st.floats(-9, 9), min_size=2, max_size=9), st.integers(2, 5))
def test_half_width_is_welchs(values, others):
    """Against SciPy."""
    one, other = np.array(values), np.arange(others) ** 2 / 7
    found = stats.ttest_ind(one, other, equal_var=False).confidence_interval()
    half = (found.high - found.low) / 2
    assert bootstrap.half_width(one, other) == pytest.approx(half, abs=1e-9)


def test_half_widths_at_the_borders():
    assert bootstrap.half_width(np.ones(3), np.ones(3)) == 0
    assert math.isnan(bootstrap.half_width(np.ones(1), np.ones(3)))


def test_two_sources_of_error_add_in_quadrature():
    low, high = bootstrap.widened(10, (7, 14), 4)
    assert (low, high) == (5, pytest.approx(10 + math.sqrt(32)))


@settings(max_examples=25)
@given(st.integers(2, 40), st.integers(bootstrap.FEWEST, 25), st.integers(0, 99))
def test_resamples_are_made_of_whole_blocks(block, blocks, seed):
    """Against the plain way: cut the blocks out and put them in a row."""
    errors = np.random.default_rng(seed).gamma(2, 1, block * blocks + seed % block)
    found = bootstrap.block_means(errors, block)
    count = -(-len(errors) // block)
    starts = np.random.default_rng(bootstrap.SEED).integers(
        0, len(errors) - block + 1, (bootstrap.RESAMPLES, count)
    )
    for resample in (0, 7, 1999):
        pieces = np.concatenate([errors[s : s + block] for s in starts[resample]])
        assert found[resample] == pytest.approx(pieces[: len(errors)].mean())


def test_too_short_a_series_has_no_resamples():
    assert bootstrap.block_means(np.ones(149), 10) is None
    assert bootstrap.block_means(np.ones(150), 10) is not None
    assert all(map(math.isnan, bootstrap.interval(1.0, None, 14.9)))


def test_one_more_value_lies_in_its_interval_95_times_in_a_hundred():
    draws = np.random.default_rng(0).normal(size=(4000, 4))
    hits = [
        abs(draw[3] - draw[:3].mean()) <= bootstrap.prediction_half_width(draw[:3])
        for draw in draws
    ]
    assert np.mean(hits) == pytest.approx(0.95, abs=0.01)
