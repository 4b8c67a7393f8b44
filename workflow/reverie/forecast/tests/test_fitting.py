"""Forecasters that are not networks, against closed forms and series whose best forecast is known."""

import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reverie.errors import ReverieError
from reverie.forecast import boosting, climatology, evaluation, fitting, regression, window_features
from reverie.forecast.window_features import Spans
from scipy import optimize

HOUR, DAY, YEAR = 3600.0, 86_400.0, climatology.YEAR
KINDS = ("climatology", "linear", "ridge", "trees")


def times(rows: int, interval: float = HOUR) -> np.ndarray:
    return 1.5e9 + interval * np.arange(rows)


def known_cycles(time: np.ndarray) -> np.ndarray:
    day, year = 2 * np.pi * time / DAY, 2 * np.pi * time / YEAR
    return (
        1
        + 2 * np.cos(year - 1)
        + (1 + 0.5 * np.sin(year)) * np.sin(day - 2)
        + 0.3 * np.cos(2 * day)
    )


def test_climatology_recovers_known_cycles():
    time, generator = times(3 * 8766), np.random.default_rng(0)
    usual = climatology.fit(time, known_cycles(time) + generator.normal(0, 1, len(time)), HOUR)
    later = times(5 * 8766)[-8766:]
    assert usual.harmonics.tolist() == [3, 0, 3]
    # 49 coefficients from 26,298 values leave an error of sqrt(49 / 26,298).
    assert np.sqrt(np.square(usual.at(later) - known_cycles(later)).mean()) < 0.06


@pytest.mark.parametrize(
    ("days", "interval", "harmonics"),
    [
        (90, HOUR, [3, 0, 0]),  # three months show no year
        (900, DAY, [0, 0, 3]),  # daily values show no day
        (900, DAY / 4, [1, 0, 3]),
        (1, HOUR, [0, 0, 0]),
        (2.5, HOUR, [3, 0, 0]),
        (5, HOUR, [3, 0, 0]),
    ],
)
def test_only_cycles_that_the_rows_cover_twice_count(days, interval, harmonics):
    time = times(round(days * DAY / interval), interval)
    values = np.random.default_rng(1).normal(0, 0.2, len(time)) + np.sin(2 * np.pi * time / DAY)
    usual = climatology.fit(time, values, interval)
    assert usual.harmonics.tolist() == harmonics
    # A cycle that was not covered would run away after the rows.
    assert np.abs(usual.at(time[-1] + DAY * np.arange(300))).max() < 1.5


@pytest.mark.parametrize("days", [2, 3, 5, 8])
def test_a_few_days_of_a_random_walk_show_no_day(days):
    time, generator = times(24 * days), np.random.default_rng(7)
    walks = generator.normal(size=(100, len(time))).cumsum(axis=1)
    assert sum(climatology.fit(time, walk, HOUR).harmonics[0] > 0 for walk in walks) < 8


def test_a_week_counts_where_there_is_one():
    time = times(365, DAY)
    weekend = (time // DAY % 7 < 2) * 2.0
    values = weekend + np.random.default_rng(2).normal(0, 0.5, len(time))
    usual = climatology.fit(time, values, DAY)
    assert usual.harmonics[1] == 3
    assert np.abs(usual.at(time) - weekend).mean() < 0.2


def regressors(windows: int = 80) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(3)
    features = np.column_stack([np.ones(windows), generator.normal(size=(windows, 3))])
    return features, features @ [1, 2, -1, 0] + generator.standard_t(2, windows)


def test_squared_loss_has_the_solution_of_least_squares():
    features, targets = regressors()
    expected = np.linalg.lstsq(features, targets)[0]
    assert regression.squared(features, targets, 0) == pytest.approx(expected, abs=1e-6)


def test_absolute_loss_is_as_low_as_that_of_linear_programming():
    features, targets = regressors()
    count, size = features.shape
    slack = np.eye(count)
    best = optimize.linprog(
        [*[0] * size, *[1] * 2 * count],
        A_eq=np.hstack([features, slack, -slack]), b_eq=targets,
        bounds=[(None, None)] * size + [(0, None)] * 2 * count,
    )  # fmt: skip
    loss = np.abs(targets - features @ regression.absolute(features, targets, 1e-9)).sum()
    assert best.fun <= loss < 1.005 * best.fun
    squares = np.abs(targets - features @ regression.squared(features, targets, 0)).sum()
    assert loss < squares


def test_windows_held_out_are_apart_from_those_of_the_fit():
    for fit, block in regression.others_and_block(120, 7):
        assert len(block) == 20
        assert np.abs(fit[:, None] - block).min() == 8
    for fit, block in regression.earlier_and_block(120, 7):
        assert len(fit) == block[0] - 7 == fit[-1] + 1


def test_a_gain_by_chance_is_not_sure():
    generator, taken = np.random.default_rng(8), 0
    for _ in range(400):
        errors, others = generator.normal(1, 0.1, (2, 6))
        taken += regression.surely_lower(errors, others)
    assert taken / 400 < 0.13  # of Student's t with five degrees of freedom, 0.097 lie above 1.5
    assert regression.surely_lower(0.9 * others, others)
    assert not regression.surely_lower(0.99 * others, others)


def fitted(folder: Path, kind: str, columns: np.ndarray, seed: int = 0, **changes):
    """Fit to a series (rows, columns), 60 % of it for training; mean errors of fit and naive on test."""
    rows = len(columns)
    ends = round(0.6 * rows), round(0.7 * rows)
    mean, std = columns[: ends[0]].mean(axis=0), columns[: ends[0]].std(axis=0)
    time = times(rows, 60 * changes.pop("minutes", 60))
    arrays = {
        "values": ((columns - mean) / std).astype(np.float32), "time": time.astype(np.int64), "target": 0,
        "interval_minutes": (time[1] - time[0]) / 60, "train_end": ends[0], "validation_end": ends[1],
        "measured": np.ones(rows, bool), "unmeasured": np.zeros(rows, bool), "std": std,
    }  # fmt: skip
    np.savez(folder / "series.npz", **arrays)
    spans = {"lookback": "24 hours", "step": "1 hour", "delay": "3 hours"} | changes
    settings = {"kind": kind, "refit": False, "evaluation_batch": 8, **spans}
    fitting.fit(kind, settings, seed, folder / "series.npz", folder / kind)
    target = evaluation.read_target(folder / "series.npz", *spans.values())
    with np.load(folder / kind / "predictions_test.npz", allow_pickle=False) as saved:
        row, prediction = saved["row"], saved["prediction"]
        assert saved["target"].tolist() == target.values[row + target.delay].tolist()
    return target.errors(prediction, row), target.errors(target.naive(row), row), target


def autoregressive(rows: int, coefficient: float, seed: int = 4) -> np.ndarray:
    series = np.random.default_rng(seed).normal(size=(rows, 2))
    for row in range(1, rows):
        series[row, 0] += coefficient * series[row - 1, 0]
    return series


@pytest.mark.parametrize(("kind", "close"), [("linear", 0.03), ("ridge", 0.03), ("trees", 0.06)])
def test_an_autoregression_is_forecast_as_well_as_can_be(tmp_path, kind, close):
    """Four hours ahead, the newest input being an hour old: the best forecast is 0.8⁴ of that input."""
    coefficient, ahead = 0.8, 4
    series = autoregressive(6000, coefficient)
    errors, naive, target = fitted(tmp_path, kind, series)
    rows = np.arange(4201 + 24, 4201 + 24 + len(errors))
    best = series[rows + 3, 0] - coefficient**ahead * series[rows - 1, 0]
    closed = math.sqrt(2 / math.pi * (1 - coefficient ** (2 * ahead)) / (1 - coefficient**2))
    assert np.abs(best).mean() == pytest.approx(closed, rel=0.05)
    assert errors.mean() * target.std == pytest.approx(np.abs(best).mean(), rel=close)
    assert errors.mean() < 0.85 * naive.mean()


@pytest.mark.parametrize("rows", [800, 3000])
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_beats_naive_on_a_random_walk(tmp_path, kind, rows):
    series = np.cumsum(np.random.default_rng(5).normal(size=(rows, 2)), axis=0)
    errors, naive, target = fitted(tmp_path, kind, series)
    change, _, _, verdict = evaluation.against(errors, naive, 40)
    assert verdict in ("no", "unclear")
    if kind != "climatology":
        assert change < 0.01


def test_trees_find_what_is_not_linear(tmp_path, monkeypatch):
    """The target is the absolute value of what a column had four hours before."""
    monkeypatch.setattr(boosting, "MOST_ROUNDS", 100)
    generator, rows = np.random.default_rng(6), 1200
    other = generator.normal(size=rows)
    series = np.column_stack([np.roll(np.abs(other), 4), other])
    series[:, 0] += generator.normal(0, 0.3, rows)
    line, *_ = fitted(tmp_path, "linear", series)
    trees, *_ = fitted(tmp_path, "trees", series)
    assert trees.mean() < 0.8 * line.mean()


def fit_of(folder: Path, kind: str, refit: bool, ends: tuple[int, int]) -> dict:
    """The arrays that a fit leaves; those of forecasts by split and name. Three rows are not measured."""
    series = autoregressive(1200, 0.9)
    series[:, 0] += np.sin(times(1200) * 2 * np.pi / DAY)
    measured = np.ones(1200, bool)
    measured[797:800] = False  # so that no window's target comes after row 800
    np.savez(
        folder / "series.npz", values=series.astype(np.float32), time=times(1200).astype(np.int64),
        target=0, interval_minutes=60, train_end=ends[0], validation_end=ends[1], measured=measured,
    )  # fmt: skip
    spans = {"lookback": "24 hours", "step": "1 hour", "delay": "3 hours"}
    fitted_at = folder / f"{kind}-{refit}-{ends[0]}"
    fitting.fit(
        kind, {"kind": kind, "refit": refit, "evaluation_batch": 8, **spans}, 0, folder / "series.npz", fitted_at
    )  # fmt: skip
    arrays = {}
    for file in fitted_at.glob("*.npz"):
        with np.load(file, allow_pickle=False) as saved:
            arrays |= {f"{file.stem}.{name}": saved[name] for name in saved.files}
    return arrays | {"about": json.loads((fitted_at / "fitted.json").read_text())}


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_fit_is_one_whose_training_part_ends_with_the_validation_part(
    tmp_path, monkeypatch, kind
):
    """But for what is chosen, and for the validation part, which only the first fit forecasts."""
    monkeypatch.setattr(boosting, "MOST_ROUNDS", 20)
    first, again = (fit_of(tmp_path, kind, refit, (600, 800)) for refit in (False, True))
    chosen = {key: value for key, value in first["about"].items() if key != "parameters"}
    assert chosen.items() <= again["about"].items()
    for name in ("row", "prediction", "target"):
        assert np.array_equal(first[f"predictions_val.{name}"], again[f"predictions_val.{name}"])
    del chosen["kind"]
    if chosen:
        choose, solve = fitting.KINDS[kind]
        monkeypatch.setitem(fitting.KINDS, kind, (lambda *_: chosen, solve))
    plain = fit_of(tmp_path, kind, False, (800, 848))  # so many batches of 8 later
    for name in plain:
        if name.startswith("fitted."):
            assert np.array_equal(plain[name], again[name])
    both = np.isin(again["predictions_test.row"], plain["predictions_test.row"])
    assert both.sum() > 300
    forecasts = again["predictions_test.prediction"][both]
    assert forecasts == pytest.approx(plain["predictions_test.prediction"], abs=1e-6)
    assert forecasts != pytest.approx(first["predictions_test.prediction"][both], abs=1e-4)


def test_trees_depend_on_their_seed_alone():
    features, targets = regressors(300)
    texts = [boosting.fit(features, targets, 5, seed)[0] for seed in (0, 0, 1)]
    assert texts[0] == texts[1] != texts[2]


SPANS = Spans(lookback=24, step=2, delay=3, interval=HOUR)


@pytest.fixture(scope="module")
def forecasters(tmp_path_factory) -> dict[str, dict[str, np.ndarray]]:
    folder, found = tmp_path_factory.mktemp("fits"), {}
    for kind in KINDS:
        fitted(folder, kind, autoregressive(1000, 0.9), step="2 hours")
        with np.load(folder / kind / "fitted.npz", allow_pickle=False) as saved:
            found[kind] = dict(saved)
    return found


@settings(max_examples=20, deadline=None)
@given(st.integers(30, 90), st.integers(0, 30), st.integers(0, 1), st.floats(-1e4, 1e4, width=32))
def test_no_forecast_knows_a_later_value(forecasters, row, later, column, value):
    """What comes after `row - step` changes nothing, also in the windows of other rows."""
    values, time = autoregressive(100, 0.9).astype(np.float32), times(100)
    rows = np.array([row - 3, row])
    changed = values.copy()
    changed[min(row - SPANS.step + 1 + later, 99), column] = value
    for fitted_arrays in forecasters.values():
        before, after = (
            fitting.forecast(fitted_arrays, each, time, 0, rows, SPANS)
            for each in (values, changed)
        )
        assert after.tolist() == before.tolist()


def test_every_input_counts(forecasters):
    """So that the test above could fail: none is the naive forecast, and the newest input counts."""
    assert forecasters["linear"]["weights"].any()
    assert forecasters["trees"]["trees"].size
    values, time, rows = autoregressive(100, 0.9).astype(np.float32), times(100), np.array([50])
    changed = values.copy()
    changed[50 - SPANS.step, 0] += 3
    for kind in ("linear", "ridge", "trees"):
        before, after = (
            fitting.forecast(forecasters[kind], each, time, 0, rows, SPANS)[0]
            for each in (values, changed)
        )
        assert abs(after - before) > 0.1


def test_a_sentinel_does_not_carry_a_linear_forecast_away(forecasters):
    values, time, rows = autoregressive(100, 0.9).astype(np.float32), times(100), np.array([50])
    values[50 - SPANS.step, 1] = -5000
    assert abs(fitting.forecast(forecasters["linear"], values, time, 0, rows, SPANS)[0]) < 10


@pytest.mark.parametrize(
    ("rows", "changes"),
    [
        (1500, {"minutes": 1440, "lookback": "14 days", "step": "1 day", "delay": "1 day"}),
        (400, {}),
        (200, {"lookback": "5 hours", "step": "5 hours"}),  # one input, and few windows
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_daily_short_and_narrow_series_work(tmp_path, kind, rows, changes):
    errors, naive, _ = fitted(tmp_path, kind, autoregressive(rows, 0.7), **changes)
    assert len(errors) > 20
    assert errors.mean() < 1.2 * naive.mean()


def test_without_its_library_trees_end_with_a_sentence(monkeypatch):
    class Broken:
        def find_spec(self, name, *_):
            if name == "lightgbm":
                raise OSError("libgomp.so.1: cannot open shared object file")

    monkeypatch.delitem(sys.modules, "lightgbm", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    with pytest.raises(ReverieError, match="install libgomp"):
        boosting.library()


def test_lags_are_dense_where_the_target_has_its_phase_again():
    spans = Spans(lookback=240, step=1, delay=24, interval=HOUR)
    lags = window_features.target_lags(spans)
    assert {1, 2, 23, 24, 25, 47, 48, 49, 240} <= set(lags)
    shifted = window_features.target_lags(Spans(lookback=240, step=1, delay=6, interval=HOUR))
    assert {17, 18, 19, 41, 42, 43} <= set(shifted)  # 18 hours before now is 24 before the target
