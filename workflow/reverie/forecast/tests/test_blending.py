"""Blends, against closed forms, other solvers, and series where nothing is to be gained."""

import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from reverie.forecast import blending, evaluation, trained
from scipy.optimize import linprog


@given(
    arrays.arrays(
        np.float64,
        st.tuples(st.integers(0, 30), st.integers(1, 5)),
        elements=st.floats(-100, 100, width=16),
    )
)
def test_weights_are_a_mean_and_no_member_alone_is_better(errors):
    weights = blending.best_weights(errors)
    assert (weights >= 0).all()
    assert weights.sum() == pytest.approx(1, abs=1e-9)
    if len(errors):
        best = np.abs(errors).mean(axis=0).min()
        assert np.abs(errors @ weights).mean() <= best * (1 + 1e-6) + 1e-6


@pytest.mark.parametrize("seed", range(5))
def test_no_other_weights_are_better(seed):
    """Neither on a grid, nor by the problem as it is usually stated, with two variables a window."""
    errors = np.random.default_rng(seed).normal(0.1, [0.9, 1.0, 1.2], (60, 3))
    least = np.abs(errors @ blending.best_weights(errors)).mean()
    parts = [w for w in itertools.product(range(41), repeat=3) if sum(w) == 40]
    assert least <= np.abs(errors @ np.array(parts).T / 40).mean(axis=0).min()
    windows, members = errors.shape
    both = np.eye(windows)
    stated = linprog(
        np.concatenate([np.zeros(members), np.ones(2 * windows)]),
        A_eq=np.block([[errors, -both, both], [np.ones(members), np.zeros(2 * windows)]]),
        b_eq=np.append(np.zeros(windows), 1),
    )
    assert least == pytest.approx(stated.fun / windows, abs=1e-9)


def test_two_equal_and_independent_forecasts_weigh_the_same():
    errors = np.random.default_rng(0).normal(size=(20_000, 2))
    weights = blending.best_weights(errors)
    assert weights == pytest.approx([0.5, 0.5], abs=0.03)
    # Of a normal error with variance 1/2.
    assert np.abs(errors @ weights).mean() == pytest.approx(math.sqrt(1 / math.pi), abs=0.015)


def test_a_block_does_not_choose_its_own_weights():
    """The first of six blocks is foreseen by one forecast, all others by another; beside it none."""
    truth = np.random.default_rng(0).normal(size=600)
    first = np.arange(600) < 100
    predictions = np.stack([np.where(first, truth, 9), np.where(first, 9, truth)], axis=1)
    errors = np.abs(blending.cross_fitted(predictions, truth, 20) - truth)
    assert errors[first].mean() > 8
    assert errors[~first].mean() < 1e-6
    # Windows beside a block choose nothing: there the third block has another forecast.
    near = (np.arange(600) >= 180) & (np.arange(600) < 320)
    predictions = np.stack([np.where(near, truth, truth + 1), np.where(near, 9, truth)], axis=1)
    errors = np.abs(blending.cross_fitted(predictions, truth, 20) - truth)
    assert (errors[200:300] > 5).all()


def test_noise_beside_naive_gains_nothing_on_a_random_walk():
    """What weights gain by chance on the windows that choose them is not claimed."""
    generator, delay, claims, gains, trials = np.random.default_rng(0), 4, 0, [], 40
    for _ in range(trials):
        walk = np.cumsum(generator.normal(size=700))
        naive, truth = walk[:-delay], walk[delay:]
        noise = naive + 2 * np.cumsum(generator.normal(0, 0.3, (4, len(naive))), axis=1)
        predictions = np.vstack([naive, noise, naive + generator.normal(size=len(naive))]).T
        blended = blending.cross_fitted(predictions, truth, delay)
        errors = [np.abs(forecast - truth) for forecast in (blended, naive)]
        claims += evaluation.against(*errors, block=3 * delay)[3] == "yes"
        in_sample = np.abs(
            (predictions - truth[:, None]) @ blending.best_weights(predictions - truth[:, None])
        )
        gains.append(
            [in_sample.mean() / errors[1].mean() - 1, errors[0].mean() / errors[1].mean() - 1]
        )
    assert claims <= 2
    in_sample, cross_fitted = np.mean(gains, axis=0)
    assert in_sample < 0 < cross_fitted < 0.05


def test_a_blend_of_a_run(tmp_path):
    """Two seeds, a fit with fewer windows, and naive: means, windows that all have, and the files."""
    generator = np.random.default_rng(0)
    values = generator.normal(size=900).astype(np.float32)
    target = evaluation.Target(
        values=values, time=np.zeros(900), measured=np.arange(900) != 500,
        unmeasured=np.zeros(900, bool), std=1.0, lookback=5, delay=3, step=1, block=9,
    )  # fmt: skip
    noises = {}
    for name, seed in (("gru", 0), ("gru", 1), ("linear", 0)):
        folder = tmp_path / name / f"seed{seed}"
        folder.mkdir(parents=True)
        for split, low, high in (("val", 300, 600), ("test", 600, 890)):
            rows = np.arange(low + 10 * (name == "linear"), high)
            noise = generator.normal(0, 1.2, len(rows)).astype(np.float32)
            noises[name, seed, split] = dict(zip(rows.tolist(), noise.tolist(), strict=True))
            truth = values[rows + 3]
            np.savez(
                folder / f"predictions_{split}.npz",
                row=rows,
                prediction=truth + noise,
                target=truth,
            )
    members = {
        "gru": {seed: tmp_path / f"gru/seed{seed}" for seed in (0, 1)},
        "linear": {0: tmp_path / "linear/seed0"},
        "naive": {},
    }
    folder = tmp_path / "mix/seed0"
    blending.blend("mix", target, members, folder)
    about = json.loads((folder / "fitted.json").read_text())
    assert (about["kind"], about["parameters"]) == ("blend", 3)
    weights = trained.weights(tmp_path, "mix")
    assert list(weights) == ["gru", "linear", "naive"]
    assert 1 > weights["gru"] > weights["linear"] > 0
    tested = trained.forecasts(folder, "test")
    assert tested["row"].tolist() == list(range(610, 890))
    for row, prediction, truth in zip(
        *(tested[key].tolist() for key in ("row", "prediction", "target")), strict=True
    ):
        gru = (noises["gru", 0, "test"][row] + noises["gru", 1, "test"][row]) / 2
        wrong = weights["gru"] * gru + weights["linear"] * noises["linear", 0, "test"][row]
        wrong += weights["naive"] * (values[row - 1] - truth)
        assert prediction - truth == pytest.approx(wrong, abs=1e-5)
        assert truth == values[row + 3]
    validated = trained.forecasts(folder, "val")["row"]
    assert set(range(310, 600)) - set(validated.tolist()) == {497, 500, 501}  # not measured
