"""Intervals by resampling blocks, against closed forms and the plain way."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reverie import bootstrap


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
        low, high = bootstrap.interval(bootstrap.block_means(series, block))
        widths.append(high - low)
    closed = 2 * 1.96 / math.sqrt(rows) / (1 - coefficient)
    assert np.mean(widths) == pytest.approx(closed, rel=0.08)


def test_the_interval_covers_as_often_as_it_says():
    """Coverage of the true mean, 0, within its own sampling error."""
    trials, hits = 300, 0
    for seed in range(trials):
        series = autoregressive(np.random.default_rng(seed), 3000, 0.6)
        low, high = bootstrap.interval(bootstrap.block_means(series, 75))
        hits += low < 0 < high
    # A percentile interval of blocks is a little narrow; 95 % less that, and less three deviations.
    assert 0.93 - 3 * math.sqrt(0.95 * 0.05 / trials) < hits / trials <= 1


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 40), st.integers(2, 9), st.integers(0, 99))
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
    assert bootstrap.block_means(np.ones(19), 10) is None
    assert all(map(math.isnan, bootstrap.interval(None)))
