"""Regions of words, smoothed along the sentence."""

import itertools

import numpy as np
import pytest
from reverie.describe.smoothing import segments, smoothed


def total(agreements, regions, beta):
    gains = agreements[regions, np.arange(len(regions))].sum()
    return gains + beta * sum(a == b for a, b in itertools.pairwise(regions))


@pytest.mark.parametrize("beta", [0.0, 0.3, 1.0, 5.0])
def test_no_regions_are_better(beta):
    for seed in range(20):
        agreements = np.random.default_rng(seed).normal(size=(3, 5))
        every = itertools.product(range(3), repeat=5)
        best = max(total(agreements, np.array(regions), beta) for regions in every)
        assert total(agreements, smoothed(agreements, beta), beta) == pytest.approx(best)


def test_without_smoothing_each_word_has_its_best_region_and_with_much_all_have_one():
    agreements = np.random.default_rng(0).normal(size=(6, 9))
    assert (smoothed(agreements, 0.0) == agreements.argmax(axis=0)).all()
    assert set(smoothed(agreements, 100.0)) == {int(agreements.sum(axis=1).argmax())}
    assert smoothed(agreements[:, :1], 1.0).tolist() == [int(agreements[:, 0].argmax())]


def test_segments_are_runs_of_one_region():
    assert segments(np.array([2, 2, 0, 2])) == [(2, 0, 2), (0, 2, 3), (2, 3, 4)]
