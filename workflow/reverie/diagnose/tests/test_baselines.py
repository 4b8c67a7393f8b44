"""Models that are no networks: logistic regression, trees, base rates."""

import numpy as np
import pytest
from reverie.diagnose import boosting, fitting, measures, regression, simulated, tasks
from reverie.diagnose import episodes as episodes_module
from reverie.diagnose.split import split
from scipy.special import expit


def data(episodes=600, seed=0):
    """Features, some unknown, and two labels: one that a line explains, and one that a parabola does."""
    generator = np.random.default_rng(seed)
    features = generator.normal(5, 3, (episodes, 6)).astype(np.float32)
    scaled = (features - 5) / 3
    linear = generator.random(episodes) < expit(1.5 * scaled[:, 0] - 1)
    bent = generator.random(episodes) < expit(3 * scaled[:, 1] ** 2 - 3)
    features[generator.random(episodes) < 0.3, 3:5] = np.nan
    return features, np.stack([linear, bent], axis=1)


def test_the_fit_has_the_least_penalised_loss():
    """Its gradient is 0, and no weight can be moved to a lower loss."""
    features, truth = data()
    inputs = regression.Preparation.of(features)(features)
    weights = regression.fitted(inputs, truth, 0.1, np.zeros((inputs.shape[1] + 1, 2)))

    def loss(weights):
        logits = weights[0] + inputs @ weights[1:]
        penalty = 0.05 * (weights[1:] ** 2).sum()
        return (
            -np.where(truth, np.log(expit(logits)), np.log(expit(-logits))).mean(0).sum() + penalty
        )

    least = loss(weights)
    for place in np.ndindex(weights.shape):
        for step in (0.05, -0.05):
            moved = weights.copy()
            moved[place] += step
            assert loss(moved) > least
    residual = expit(weights[0] + inputs @ weights[1:]) - truth
    assert residual.mean(axis=0) == pytest.approx([0, 0], abs=1e-3)


def test_unknown_features_get_one_indicator_together():
    features, _ = data()
    preparation = regression.Preparation.of(features)
    inputs = preparation(features)
    assert inputs.shape == (600, 7)
    assert not np.isnan(inputs).any()
    missing = np.isnan(features[:, 3])
    assert np.unique(inputs[missing, 6]).tolist() == pytest.approx([1 - missing.mean()])
    assert inputs.mean(axis=0) == pytest.approx(np.zeros(7), abs=0.02)
    far = features.copy()
    far[0, 0], far[1] = 1e9, np.nan
    assert preparation(far)[0, 0] == regression.FAR
    assert preparation(far)[1, :6].tolist() == [0] * 6


def test_the_penalty_is_chosen_on_validation_for_each_label():
    """That of the fit with the lowest loss there."""
    features, truth = data(seed=1)
    parts = features[:400], truth[:400], features[400:], truth[400:]
    fitted = regression.Logistic.fit(*parts)
    single = [regression.Logistic.fit(*parts, [penalty]) for penalty in regression.PENALTIES]
    losses = [validation_loss(fit, features[400:], truth[400:]) for fit in single]
    best = np.array(regression.PENALTIES)[np.argmin(losses, axis=0)]
    assert fitted.penalties.tolist() == best.tolist()
    assert validation_loss(fitted, features[400:], truth[400:]) == pytest.approx(
        np.min(losses, axis=0), rel=1e-3
    )
    assert measures.auc(truth[400:, 0], fitted.predict(features[400:])[:, 0])[0] > 0.75


def validation_loss(fitted, features, truth):
    probability = fitted.predict(features)
    return -np.log(np.where(truth, probability, 1 - probability)).mean(axis=0)


def test_trees_find_what_a_line_cannot():
    features, truth = data(900, seed=2)
    parts = features[:600], truth[:600], features[600:], truth[600:]
    forests = boosting.fit(*parts, seed=0)
    probability = boosting.predict(forests, features)
    line = regression.Logistic.fit(*parts).predict(features)
    bent = truth[600:, 1]
    assert measures.auc(bent, probability[600:, 1])[0] > 0.8
    assert measures.auc(bent, line[600:, 1])[0] < 0.65
    assert measures.auc(truth[600:, 0], probability[600:, 0])[0] > 0.7


def test_persistence_is_a_share_of_those_who_had_it_and_one_of_the_others():
    """Of five training episodes: of two that had the first label one has it again, of three none begins."""
    truth = np.array([[1, 0], [0, 1], [0, 0], [0, 1], [0, 1], [1, 1], [1, 0]], bool)
    before = np.array([[1, 0], [1, 0], [0, 0], [0, 0], [0, 0], [0, 1], [1, 1]], bool)
    probability = regression.persistence(truth, before, np.arange(5))
    assert probability[:, 0].tolist() == [0.5, 0.5, 0, 0, 0, 0, 0.5]
    # Nobody in training had the second one, so that those who have it get the share of all.
    assert probability[:, 1].tolist() == pytest.approx([0.6] * 7)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """The folder of a few simulated stays, with their labels as a task."""
    folder = tmp_path_factory.mktemp("simulated")
    simulated.write(folder / "table.csv.gz", folder / "labels.csv", stays=250)
    cohort, _ = episodes_module.own(folder / "table.csv.gz", folder / "labels.csv")
    cohort.save(folder / "episodes.npz")
    tasks.outcomes(cohort, cohort.outcome_names.tolist()).save(folder / "task.npz")
    return folder


@pytest.mark.parametrize(
    ("model", "least"),
    [
        ({"kind": "base_rate"}, 0.5),
        ({"kind": "logistic", "reads": "features", "statics": []}, 0.8),
        ({"kind": "logistic", "reads": "ends", "indicators": False, "statics": []}, 0.75),
    ],
    ids=["base rate", "features", "ends"],
)
def test_models_of_simulated_stays(prepared, tmp_path, model, least):
    fitting.fit(model, 3, prepared / "episodes.npz", prepared / "task.npz", tmp_path)
    with np.load(tmp_path / "predictions.npz", allow_pickle=False) as saved:
        probability = saved["probability"]
    task = tasks.load(prepared / "task.npz")
    parts = split(len(probability), 3)
    held_out = np.concatenate([parts["val"], parts["test"]])
    assert probability.shape == task.truth.shape
    assert measures.aucs(task.truth[held_out], probability[held_out])[0, :3].mean() >= least
    if model["kind"] == "base_rate":
        assert probability[0] == pytest.approx(task.truth[parts["train"]].mean(axis=0))
