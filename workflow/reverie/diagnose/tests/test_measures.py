"""What is measured of predictions, against plain loops, closed forms and resampled arrays."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from reverie.diagnose import measures

SCORES = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1e20])  # few, so that many are equal


@st.composite
def cases(draw, labels=3):
    """Truth and scores of a few episodes."""
    shape = draw(st.integers(1, 12)), labels
    truth = draw(arrays.arrays(bool, shape))
    return truth, draw(arrays.arrays(float, shape, elements=SCORES))


def plain_auc(truth, scores, weights):
    """Over all pairs, one by one."""
    wins = pairs = 0.0
    for i in range(len(truth)):
        for j in range(len(truth)):
            if truth[i] and not truth[j]:
                pairs += weights[i] * weights[j]
                win = 1 if scores[i] > scores[j] else 0.5 if scores[i] == scores[j] else 0
                wins += weights[i] * weights[j] * win
    return wins / pairs if pairs else np.nan


@settings(max_examples=60)
@given(cases(), st.integers(0, 5))
def test_auc_by_all_pairs(case, seed):
    truth, scores = case
    weights = measures.resampled(len(truth), 4, seed)
    got = measures.aucs(truth, scores, weights)
    micro = measures.micro_auc(truth, scores, weights)
    for resample, drawn in enumerate(weights):
        for label in range(truth.shape[1]):
            expected = plain_auc(truth[:, label], scores[:, label], drawn)
            assert got[resample, label] == pytest.approx(expected, nan_ok=True)
        every = np.repeat(drawn, truth.shape[1])
        expected = plain_auc(truth.ravel(), scores.ravel(), every)
        assert micro[resample] == pytest.approx(expected, nan_ok=True)


@given(cases(), cases())
def test_auc_among_some_episodes(case, other):
    """As if the others were not there."""
    truth, scores = case
    among = np.resize(other[0], truth.shape)
    weights = measures.resampled(len(truth), 3)
    got = measures.aucs(truth, scores, weights, among)
    for label, chosen in enumerate(among.T):
        if not chosen.any():
            assert np.isnan(got[:, label]).all()
            continue
        expected = measures.auc(truth[chosen, label], scores[chosen, label], weights[:, chosen])
        assert got[:, label] == pytest.approx(expected, nan_ok=True)


def test_auc_of_two_normal_distributions():
    """Φ(d / √2) where the means are d standard deviations apart."""
    generator = np.random.default_rng(0)
    truth = generator.random(200_000) < 0.3
    scores = generator.normal(size=len(truth)) + 1.0 * truth
    assert measures.auc(truth, scores) == pytest.approx(0.76025, abs=0.003)


@given(cases())
def test_auc_depends_on_the_order_alone(case):
    truth, scores = case
    got = measures.aucs(truth, scores)
    assert measures.aucs(truth, np.arctan(scores) * 3 - 7) == pytest.approx(got, nan_ok=True)
    assert measures.aucs(truth, -scores) == pytest.approx(1 - got, nan_ok=True)
    assert measures.aucs(truth, np.zeros_like(scores))[0] == pytest.approx(
        [0.5 if 0 < part.sum() < len(part) else np.nan for part in truth.T], nan_ok=True
    )


@settings(max_examples=60)
@given(cases())
def test_thresholds_by_trying_all(case):
    truth, scores = case
    thresholds = measures.Thresholds.of(truth, scores)

    def best(truth, scores):
        return max(plain_f1(truth, scores >= level) for level in scores)

    for label, own in enumerate(thresholds.own):
        got = plain_f1(truth[:, label], scores[:, label] >= own)
        assert got == pytest.approx(best(truth[:, label], scores[:, label]))
    got = plain_f1(truth.ravel(), scores.ravel() >= thresholds.common)
    assert got == pytest.approx(best(truth.ravel(), scores.ravel()))


def plain_f1(truth, predicted):
    right, wrong, missed = (truth & predicted), (~truth & predicted), (truth & ~predicted)
    total = 2 * right.sum() + wrong.sum() + missed.sum()
    return 2 * right.sum() / total if total else 0.0


@settings(max_examples=40)
@given(cases(), st.integers(1, 3), st.integers(0, 5))
def test_weights_are_as_good_as_resampled_arrays(case, k, seed):
    """Every measure, with the drawn episodes really repeated."""
    truth, scores = case
    thresholds = measures.Thresholds(0.25, np.array([0.1, 0.5, 0.75]))
    weights = measures.resampled(len(truth), 3, seed)
    got = measures.evaluate(truth, scores, thresholds, k, weights)
    for resample, drawn in enumerate(weights):
        rows = np.repeat(np.arange(len(truth)), drawn.astype(int))
        expected = measures.evaluate(truth[rows], scores[rows], thresholds, k)
        for name in (*measures.MEASURES, "aucs"):
            assert got[name][resample] == pytest.approx(expected[name][0], nan_ok=True), name


def test_the_base_rate_has_the_papers_pattern():
    """A macro AUC of a half; a macro F1 of predicting all, a micro F1 of predicting the common labels.

    The paper's table has these, so that its thresholds are common for micro F1 and own for macro F1.
    """
    generator = np.random.default_rng(1)
    shares = np.array([0.4, 0.1, 0.02])
    truth = generator.random((4000, 3)) < shares
    scores = np.tile(truth.mean(axis=0), (len(truth), 1))
    got = measures.evaluate(truth, scores, measures.Thresholds.of(truth, scores), 1)
    rates = truth.mean(axis=0)
    assert got["macro_auc"] == 0.5
    assert got["macro_f1"] == pytest.approx((2 * rates / (1 + rates)).mean())
    assert got["micro_f1"] == pytest.approx(2 * truth[:, 0].sum() / (len(truth) + truth.sum()))
    assert got["precision_at_k"] == pytest.approx(rates[0])


def test_precision_at_k_by_hand():
    truth = np.array([[1, 0, 1, 0], [0, 0, 0, 1]], bool)
    scores = np.array([[0.9, 0.8, 0.7, 0.1], [0.1, 0.2, 0.3, 0.05]])
    assert measures.precision_at(truth, scores, 1).tolist() == [1, 0]
    assert measures.precision_at(truth, scores, 3) == pytest.approx([2 / 3, 0])


def test_an_interval_has_the_width_of_theory():
    """Of a share of 0.3 among 1,200 patients; and that of a difference to itself is nothing."""
    truth = np.zeros((1200, 1), bool)
    truth[:360] = True
    weights = measures.resampled(1200)
    thresholds = measures.Thresholds(0.5, np.array([0.5]))
    got = measures.evaluate(truth, np.ones((1200, 1)), thresholds, 1, weights)["precision_at_k"]
    low, high = measures.interval(0.3, got, 1200)
    assert (high - low) / 2 == pytest.approx(1.96 * np.sqrt(0.3 * 0.7 / 1200), rel=0.1)
    assert measures.interval(0.0, got - got, 1200) == (0, 0)


@given(cases(), st.integers(1, 12))
def test_calibration_counts_every_entry_once(case, groups):
    truth, scores = case[0].ravel(), np.minimum(case[1].ravel(), 1)
    lines = measures.calibration(truth, scores, groups)
    assert sum(line["count"] for line in lines) == len(truth)
    assert sum(line["observed"] * line["count"] for line in lines) == pytest.approx(truth.sum())
    predicted = [line["predicted"] for line in lines]
    assert predicted == sorted(predicted)


def test_calibrated_scores_lie_on_the_diagonal():
    generator = np.random.default_rng(2)
    scores = generator.random(100_000)
    for line in measures.calibration(generator.random(100_000) < scores, scores):
        assert line["observed"] == pytest.approx(line["predicted"], abs=0.02)
        assert line["count"] == 10_000
