"""The split of the episodes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reverie.diagnose.split import split


@given(st.integers(10, 3000), st.integers(0, 20))
def test_every_episode_is_in_one_part(episodes, seed):
    parts = split(episodes, seed)
    assert np.array_equal(np.sort(np.concatenate([*parts.values()])), np.arange(episodes))
    assert len(parts["train"]) == pytest.approx(0.8 * episodes, abs=1)
    assert len(parts["test"]) == pytest.approx(0.1 * episodes, abs=1)


def test_another_seed_draws_another_split():
    parts = [split(1000, seed)["test"] for seed in (0, 0, 1)]
    assert np.array_equal(parts[0], parts[1])
    assert len(np.intersect1d(parts[0], parts[2])) < 30
