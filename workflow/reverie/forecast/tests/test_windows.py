"""Windows against the lecture's own generator, written plainly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reverie.forecast import windows


def lecture_generator(data, lookback, delay, min_index, max_index, batch_size, step, target):
    """One cycle of the slides' generator without shuffling: (rows, samples, targets) a batch."""
    if max_index is None:
        max_index = len(data) - delay - 1
    i = min_index + lookback
    while not i + batch_size >= max_index:  # where it would start over
        rows = list(range(i, min(i + batch_size, max_index)))
        i += len(rows)
        samples = np.zeros((len(rows), lookback // step, data.shape[-1]))
        targets = np.zeros((len(rows),))
        for j, row in enumerate(rows):
            samples[j] = data[list(range(row - lookback, row, step))]
            targets[j] = data[row + delay][target]
        yield rows, samples, targets


@given(
    steps=st.integers(1, 6),
    step=st.integers(1, 4),
    delay=st.integers(1, 9),
    batch=st.integers(1, 7),
    ends=st.tuples(st.integers(30, 60), st.integers(61, 110)),
    more=st.integers(25, 90),
)
def test_evaluation_windows_are_the_lectures(steps, step, delay, batch, ends, more):
    train_end, validation_end = ends
    data = np.random.default_rng(0).normal(size=(validation_end + more, 3))
    lookback = steps * step
    parts = windows.parts(train_end, validation_end, len(data), delay)
    bounds = {"val": (train_end + 1, validation_end), "test": (validation_end + 1, None)}
    for split, (low, high) in bounds.items():
        batches = list(lecture_generator(data, lookback, delay, low, high, batch, step, 1))
        rows = windows.evaluation_rows(parts[split], lookback, batch)
        assert rows.tolist() == [row for group, _, _ in batches for row in group]
        if len(rows):
            inputs = data[rows[:, None] + windows.offsets(lookback, step)]
            assert np.array_equal(inputs, np.concatenate([samples for _, samples, _ in batches]))
            targets = np.concatenate([targets for _, _, targets in batches])
            assert np.array_equal(data[rows + delay, 1], targets)


def test_the_full_file_has_the_lectures_counts():
    parts = windows.parts(200_000, 300_000, 420_551, 144)
    assert len(windows.evaluation_rows(parts["val"], 1440, 128)) == 98_432
    assert len(windows.evaluation_rows(parts["test"], 1440, 128)) == 118_912
    assert parts["test"] == (300_001, 420_406)


@given(seed=st.integers(0, 2**32 - 1), epoch=st.integers(1, 99))
def test_training_rows_stay_in_their_part(seed, epoch):
    rows = windows.training_rows((0, 500), 100, 20, 16, seed, epoch)
    assert rows.shape == (20, 16)
    assert rows.min() >= 100
    assert rows.max() < 500
    assert np.array_equal(rows, windows.training_rows((0, 500), 100, 20, 16, seed, epoch))
    assert not np.array_equal(rows, windows.training_rows((0, 500), 100, 20, 16, seed, epoch + 1))


def test_training_rows_are_uniform():
    """Every row of the part is drawn, and none more often than chance allows."""
    from scipy import stats

    rows = windows.training_rows((0, 150), 100, 400, 128, 0, 1)
    counts = np.bincount(rows.ravel(), minlength=150)[100:]
    assert stats.chisquare(counts).pvalue > 1e-4
    usable = np.arange(200) % 3 > 0
    rows = windows.training_rows((0, 150), 100, 400, 128, 0, 1, usable)
    counts = np.bincount(rows.ravel(), minlength=150)[100:]
    assert not counts[~usable[100:150]].any()
    assert stats.chisquare(counts[usable[100:150]]).pvalue > 1e-4


@given(seed=st.integers(0, 2**32 - 1), ends=st.tuples(st.integers(1, 900), st.integers(901, 2000)))
def test_where_all_is_measured_the_draw_is_the_plain_one(seed, ends):
    low, high = ends
    plain = np.random.default_rng([seed, 7]).integers(low, high, size=(9, 16), dtype=np.int32)
    usable = windows.usable(np.ones(2100, bool), 1, 24)
    rows = windows.training_rows((0, high), low, 9, 16, seed, 7, usable)
    assert rows.dtype == plain.dtype
    assert np.array_equal(rows, plain)


@given(
    measured=st.lists(st.booleans(), min_size=1, max_size=60),
    step=st.integers(1, 5),
    delay=st.integers(1, 5),
)
def test_usable_windows_against_a_plain_loop(measured, step, delay):
    found = windows.usable(np.array(measured), step, delay)
    for row in range(len(measured)):
        needed = [row - step, row, row + delay]
        inside = needed[0] >= 0 and needed[2] < len(measured)
        assert found[row] == (inside and all(measured[place] for place in needed))


@given(
    ends=st.tuples(st.integers(1, 60), st.integers(61, 110)),
    delay=st.integers(1, 60),
    more=st.integers(1, 90),
)
def test_a_second_training_sees_no_target_of_the_test_part(ends, delay, more):
    """And all other windows of the training and validation parts, at least those of the first."""
    parts = windows.parts(*ends, ends[1] + more, delay)
    first, end = parts["refit"]
    plain = [row for row in range(ends[1]) if row + delay < ends[1]]
    assert (first, end) == (0, max(len(plain), parts["train"][1]))


def test_training_targets_stay_in_the_series():
    """A user's training part may reach so far that a target would lie behind the end."""
    assert windows.parts(95, 98, 100, 24)["train"] == (0, 76)


@pytest.mark.parametrize("length", [0, 1, 11, 12])
def test_a_part_too_short_has_no_windows(length):
    assert len(windows.evaluation_rows((0, 10 + length), 10, 12)) == 0
