"""The climatology of a series, against functions of time that are known."""

import numpy as np
import pytest
from reverie.forecast import climatology
from reverie.forecast.climatology import DAY, YEAR


def hours(years: float) -> np.ndarray:
    return 1_230_768_000 + 3600 * np.arange(round(years * YEAR / 3600))


def course(time: np.ndarray) -> np.ndarray:
    """A yearly course, and a daily one that is larger in one season than in the other."""
    year, day = (2 * np.pi * time / period for period in (YEAR, DAY))
    return 3 + np.sin(year) + (0.5 + 0.3 * np.cos(year)) * np.cos(day - 1) + 0.1 * np.sin(2 * day)


def test_a_daily_course_that_changes_with_the_season_is_found_exactly():
    time = hours(3.5)
    values = course(time)
    measured = np.random.default_rng(0).random(len(time)) < 0.7
    values[~measured] = -9999
    found = climatology.fit(time, values, measured, round(2.5 * YEAR / 3600))
    assert found(time) == pytest.approx(course(time), abs=1e-6)


def test_a_year_that_was_not_measured_does_not_count():
    time = hours(2.5)
    measured = time < time[0] + 1.5 * YEAR
    found = climatology.fit(time, course(time), measured, len(time))
    assert set(np.round(found.frequencies * DAY, 9)) == {1, 2, 3}


def test_what_comes_after_the_training_rows_changes_nothing():
    time, end = hours(2.5), round(2.2 * YEAR / 3600)
    values = course(time)
    before = climatology.fit(time, values, np.ones(len(time), bool), end)(time)
    values[end:] = 99
    assert np.array_equal(
        climatology.fit(time, values, np.ones(len(time), bool), end)(time), before
    )


@pytest.mark.parametrize(
    ("years", "interval", "periods"),
    [
        (1.9, 3600, {DAY, DAY / 2, DAY / 3}),  # a year and a half does not show what a year does
        (3 / 365, 3600, {DAY, DAY / 2, DAY / 3}),
        (1.9 / 365, 3600, set()),
        (2.1, DAY, {YEAR, YEAR / 2}),
        (0.1, 6 * 3600, {DAY}),
    ],
)
def test_only_cycles_that_are_covered_twice_and_seen_within_count(years, interval, periods):
    time = np.arange(0, years * YEAR, interval)
    assert sorted(1 / climatology.covered(time)) == pytest.approx(sorted(periods))
    found = climatology.fit(time, np.full(len(time), 4.0), np.ones(len(time), bool), len(time))
    assert found(time) == pytest.approx(np.full(len(time), 4.0), abs=1e-6)
