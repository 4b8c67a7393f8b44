"""Hourly bins and features against plain loops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from reverie.diagnose import bins, features, inputs
from reverie.diagnose.tests.records import stays

GRIDS = arrays.arrays(
    np.float32, (2, 6, 3), elements=st.one_of(st.just(np.nan), st.floats(0, 9, width=32))
)


def test_means_of_each_hour(tmp_path):
    cohort = stays(
        tmp_path,
        [(0.5, "HR", 80), (0.75, "HR", 90), (2, "HR", 70), (5, "HR", 100), (48, "HR", 60)],
        [(1.25, "Na", 140)],
    )
    grid = bins.means(cohort, 48)
    names = cohort.variables.tolist()
    assert grid.shape == (2, 48, 37)
    assert grid[0, :3, names.index("HR")] == pytest.approx([85, np.nan, 70], nan_ok=True)
    assert grid[0, 47, names.index("HR")] == 60
    assert grid[1, 1, names.index("Na")] == 140
    assert np.isfinite(grid).sum() == 5
    assert np.array_equal(bins.means(cohort, 4), grid[:, :4], equal_nan=True)


@settings(max_examples=50)
@given(GRIDS)
def test_gaps_are_filled_from_before(grid):
    filled, since = bins.carried(grid), bins.hours_since(~np.isnan(grid))
    short = bins.carried(grid, np.array([np.inf, 2, 0]))
    for episode, variable in np.ndindex(2, 3):
        last, age = np.nan, 0
        for hour in range(6):
            value = grid[episode, hour, variable]
            age = age + 1 if hour else 0
            assert since[episode, hour, variable] == age
            if not np.isnan(value):
                last, age = value, 0
            assert filled[episode, hour, variable] == pytest.approx(last, nan_ok=True)
            if age > (np.inf, 2, 0)[variable] or np.isnan(last):
                assert np.isnan(short[episode, hour, variable])
            else:
                assert short[episode, hour, variable] == filled[episode, hour, variable]


@settings(max_examples=50)
@given(GRIDS)
def test_no_input_depends_on_a_later_hour(grid):
    """Else the predictions of an hour would know what comes."""
    scale = bins.Scale.of(["HR", "own", "Lactate"], np.full((1, 1, 3), 3, np.float32))
    changed = grid.copy()
    changed[:, 4:] = 5
    for read in (
        lambda part: bins.inputs(part, scale, True),
        lambda part: bins.decay_inputs(part, scale),
    ):
        assert np.array_equal(read(grid)[:, :4], read(changed)[:, :4])


def test_inputs_lie_between_0_and_1():
    generator = np.random.default_rng(0)
    grid = generator.lognormal(1, 1, (50, 24, 3)).astype(np.float32)
    grid[generator.random(grid.shape) < 0.7] = np.nan
    grid[:, :, 2] = np.nan
    scale = bins.Scale.of(["Lactate", "own", "HR"], grid[:40])
    values = bins.inputs(grid, scale, True)
    assert values.min() == 0
    assert values.max() == 1
    assert not np.isnan(values).any()
    assert np.array_equal(values[..., 3:], ~np.isnan(grid))
    low, high = np.nanpercentile(grid[:40, :, 0], [1, 99])
    first = (np.log(np.clip(grid[..., 0], low, high)) - np.log(low)) / np.log(high / low)
    known = ~np.isnan(grid[..., 0])
    assert values[..., 0][known] == pytest.approx(first[known], abs=1e-5)
    never = np.isnan(bins.carried(grid))
    assert np.unique(values[..., 1][never[..., 1]]) == pytest.approx(
        scale(np.array([[0, np.nanmedian(grid[:40, :, 1]), 0]]))[0, 1]
    )
    assert scale.normal[2] == 75  # a clinical value, also of what was never measured


def test_ventilation_ends_though_its_end_is_not_recorded(tmp_path):
    """It lasts six hours after its last record; another variable keeps its last value."""
    rows = [(2, "MechVent", 1), (5, "MechVent", 1), (2, "HR", 90)]
    cohort = stays(tmp_path, rows, [(1, "HR", 60)])
    on, rate = (cohort.variables.tolist().index(name) for name in ("MechVent", "HR"))
    values = inputs.of_hours(cohort, 24, np.arange(2), False, [])
    assert values[0, :, on].tolist() == [0, 0] + [1] * 10 + [0] * 12
    assert not values[1, :, on].any()
    assert np.unique(values[0, 2:, rate]).tolist() == [1]
    decaying, means = inputs.of_decay(cohort, 24, np.arange(2), [])
    assert np.array_equal(decaying[..., on], values[..., on])
    assert means[on] == 0


def test_features_by_hand(tmp_path):
    cohort = stays(
        tmp_path,
        [(1, "HR", 80), (3, "HR", 90), (11, "HR", 70), (30, "HR", 200), (2, "Urine", 100)],
        [(2, "Na", 140)],
    )
    values, names = features.expert(cohort, 24, ["Age"])
    stay = dict(zip(names, values[0].tolist(), strict=True))
    assert values.shape == (2, len(names))
    assert [stay[f"HR {name}"] for name in ("first", "last", "least", "greatest", "mean")] == [
        80,
        70,
        70,
        90,
        80,
    ]
    assert stay["HR deviation"] == pytest.approx(np.std([80, 90, 70]))
    assert stay["HR trend"] == pytest.approx(np.polyfit([1, 3, 11], [80, 90, 70], 1)[0], rel=1e-4)
    assert (stay["HR change"], stay["HR count"], stay["HR age"]) == (-10, 3, 13)
    assert stay["HR mean 1"] == 80
    assert np.isnan(stay["HR mean 2"])
    assert stay["Age"] == 60
    assert stay["urine per weight"] == pytest.approx(100 / 80 / 24)
    other = dict(zip(names, values[1].tolist(), strict=True))
    assert np.isnan(other["HR last"])
    assert other["HR count"] == 0
    assert np.isnan(other["mean pressure mean"])
    assert (other["measurements"], other["variables measured"]) == (1, 1)
    assert other["Na last"] == 140
    assert np.isnan(other["Na trend"])


def test_a_ratio_to_nothing_is_not_known(tmp_path):
    """As in tables of one's own, to which no limits apply."""
    cohort = stays(tmp_path, [(1, "HR", 80), (1, "SysABP", 60)])
    cohort.value[cohort.value == 60] = 0
    values, names = features.expert(cohort, 24, [])
    assert not np.isinf(values).any() and np.isnan(values[0, names.index("shock index")])


def test_what_the_models_read(tmp_path):
    cohort = stays(tmp_path, *[[(hour, "HR", 70 + hour)] for hour in range(10)])
    train = np.arange(6)
    hourly = inputs.of_hours(cohort, 24, train, True, ["Age", "ICUType"])
    assert hourly.shape == (10, 24, 2 * 37 + 5)
    assert np.array_equal(hourly[:, 0, -5:], hourly[:, 23, -5:])
    decaying, means = inputs.of_decay(cohort, 24, train, [])
    assert decaying.shape == (10, 24, 3 * 37)
    assert means.shape == (37,)
    assert np.array_equal(decaying[..., :74], hourly[..., :74])
    place = cohort.variables.tolist().index("HR")
    measured = decaying[:6, :, 37 + place] == 1
    assert means[place] == pytest.approx(decaying[:6, :, place][measured].mean())
    ends = inputs.of_ends(cohort, 24, train, False, [])
    assert ends.shape == (10, 12 * 37)
    assert np.array_equal(ends[:, -37:], hourly[:, -1, :37])
    features_read = inputs.standardised(inputs.of_features(cohort, 24, ["Age"]), train)
    assert not np.isnan(features_read).any()
