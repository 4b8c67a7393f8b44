"""The networks against plain NumPy, and their training on simulated stays."""

import keras
import numpy as np
import pytest
from reverie import backend
from reverie.checkpoints import Checkpoints
from reverie.diagnose import episodes as episodes_module
from reverie.diagnose import measures, networks, simulated, tasks, training
from reverie.diagnose.split import split

NETWORK = {
    "kind": "lstm", "units": [6], "dropout": 0.0, "decay": 0.0, "replication": None, "gain": False,
    "reads": "hours", "indicators": True, "statics": [], "auxiliary": None, "batch": 32, "epochs": 2,
    "optimizer": {"name": "Adam", "learning_rate": 0.01}, "patience": None, "backend": "tensorflow",
}  # fmt: skip


@pytest.fixture(autouse=True)
def without_xla():
    with backend.without_xla():
        yield


def entropy(truth, logit):
    chance = 1 / (1 + np.exp(-float(logit)))
    return -np.log(chance if truth else 1 - chance)


@pytest.mark.parametrize("replication", [None, 0.3, 1.0])
@pytest.mark.parametrize("gain", [False, True])
def test_the_loss_is_that_of_the_definition(replication, gain):
    generator = np.random.default_rng(0)
    truth = (generator.random((4, 3)) < 0.5).astype(np.float32)
    truth[1, 2] = truth[2] = np.nan
    logits = generator.normal(0, 3, (4, 5, 3)).astype(np.float32)
    network = NETWORK | {"replication": replication, "gain": gain}
    got = networks.loss(network, 5)(truth, logits if replication else logits[:, -1])

    def at(episode, hour):
        known = [label for label in range(3) if not np.isnan(truth[episode, label])]
        losses = [entropy(truth[episode, label], logits[episode, hour, label]) for label in known]
        return np.mean(losses) if known else 0.0

    for episode in range(4):
        steps = [at(episode, hour) for hour in range(5)]
        mean = np.average(steps, weights=[1, 2, 3, 4, 5] if gain else None)
        share = replication or 0
        expected = share * mean + (1 - share) * steps[-1]
        assert float(got[episode]) == pytest.approx(expected, rel=1e-4)


def test_what_is_scored_is_the_targets_at_the_last_hour():
    generator = np.random.default_rng(1)
    truth = (generator.random((4, 3)) < 0.5).astype(np.float32)
    logits = generator.normal(size=(4, 5, 3)).astype(np.float32)
    shown, losses = networks.scored(NETWORK | {"replication": 0.5}, 2)(truth, logits)
    assert np.array_equal(shown, logits[:, -1, :2])
    expected = np.mean(
        [[entropy(truth[e, i], logits[e, -1, i]) for i in (0, 1)] for e in range(4)], 1
    )
    assert np.array(losses) == pytest.approx(expected, rel=1e-4)


def test_a_loss_of_sure_logits_is_finite():
    truth, logits = np.float32([[0, 1]]), np.float32([[300, -300]])
    assert float(networks.cross_entropy(truth, logits)[0]) == pytest.approx(300)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_the_decay_cell_by_its_equations():
    """Che et al. 2018, equations 4 to 10, an hour after the other."""
    generator = np.random.default_rng(2)
    batch, hours, variables, others, units = 3, 4, 2, 1, 5
    means = [0.3, 0.6]
    cell = networks.DecayCell(units, means)
    layer = keras.layers.RNN(cell, unroll=True, return_sequences=True)
    values = generator.random((batch, hours, 3 * variables + others)).astype(np.float32)
    values[..., variables : 2 * variables] = values[..., variables : 2 * variables] < 0.5
    layer.build(values.shape)
    weights = [generator.normal(0, 0.7, weight.shape).astype(np.float32) for weight in cell.weights]
    cell.set_weights(weights)
    kernel, recurrent, bias, rate, rate_bias, state_rate, state_bias = weights
    state = np.zeros((batch, units))
    got = keras.ops.convert_to_numpy(layer(values))
    for hour in range(hours):
        x, m, since, more = np.split(values[:, hour], [2, 4, 6], axis=-1)
        fade = np.exp(-np.maximum(since * rate + rate_bias, 0))
        x = m * x + (1 - m) * (fade * x + (1 - fade) * means)
        state = np.exp(-np.maximum(since @ state_rate + state_bias, 0)) * state
        read = np.concatenate([x, m, more], axis=-1) @ kernel + bias
        z = sigmoid(read[:, :5] + state @ recurrent[:, :5])
        r = sigmoid(read[:, 5:10] + state @ recurrent[:, 5:10])
        candidate = np.tanh(read[:, 10:] + (r * state) @ recurrent[:, 10:])
        state = (1 - z) * state + z * candidate
        assert got[:, hour] == pytest.approx(state, abs=1e-5)


def test_every_weight_of_the_decay_cell_learns():
    generator = np.random.default_rng(0)
    values = generator.random((32, 4, 7)).astype(np.float32)
    values[..., 2:4] = values[..., 2:4] < 0.5
    network = {"kind": "gru_d", "units": [5], "dropout": 0, "decay": 0, "replication": None}
    model = networks.build(network, (4, 7), 1, np.array([0.3, 0.6]))
    before = model.get_weights()
    model.compile(keras.optimizers.SGD(0.1), "mse")
    model.fit(values, values[:, :1, 0], epochs=2, batch_size=16, verbose=0)
    for weight, old in zip(model.weights, before, strict=True):
        assert not np.array_equal(weight, old), weight.path


@pytest.mark.parametrize(
    ("changes", "layers", "shape"),
    [
        ({"units": [6, 4]}, ["Rescaling", "LSTM", "LSTM", "Dense"], (None, 7)),
        (
            {"units": [6, 4], "dropout": 0.5, "replication": 0.5},
            ["Rescaling", "LSTM", "Dropout", "LSTM", "Dropout", "Dense"],
            (None, 3, 7),
        ),
        ({"kind": "gru_d", "dropout": 0.5}, ["RNN", "Dropout", "Dense"], (None, 7)),
    ],
    ids=["plain", "dropout and replication", "decay"],
)
def test_the_layers_of_a_network(changes, layers, shape):
    network = NETWORK | {"decay": 1e-3} | changes
    inputs = (3, 6) if network["kind"] == "gru_d" else (3, 5)
    model = networks.build(network, inputs, 7, np.zeros(2))
    assert [type(layer).__name__ for layer in model.layers] == layers
    assert model.output_shape == shape
    weights = sum(len(weight.shape) == 2 for weight in model.trainable_variables)
    assert len(model.losses) == weights  # every matrix decays, no bias does


def test_an_lstm_sees_inputs_around_zero():
    """As Keras' own layers on what is moved by hand."""
    model = networks.build(NETWORK | {"units": [3]}, (4, 2), 1)
    values = np.random.default_rng(0).random((5, 4, 2), np.float32)
    _, lstm, dense = model.layers
    assert np.allclose(model(values), dense(lstm(2 * values - 1)), atol=1e-6)


def test_a_perceptron_has_dropout_behind_every_layer():
    model = networks.build(NETWORK | {"kind": "mlp", "units": [9] * 3, "dropout": 0.5}, (5,), 2)
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == ["Dense", "Dropout"] * 3 + ["Dense"]
    assert model.output_shape == (None, 2)


def test_an_epoch_reads_every_training_episode_once():
    train = np.arange(100, 170)
    rows = training.batches(train, 16, 0, 1)
    assert rows.shape == (4, 16)
    assert len(np.unique(rows)) == 64
    assert np.isin(rows, train).all()
    assert not np.array_equal(rows, training.batches(train, 16, 0, 2))
    assert np.array_equal(rows, training.batches(train, 16, 0, 1))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulated")
    simulated.write(folder / "table.csv.gz", folder / "labels.csv", stays=300)
    cohort, _ = episodes_module.own(folder / "table.csv.gz", folder / "labels.csv")
    cohort.save(folder / "episodes.npz")
    tasks.outcomes(cohort, cohort.outcome_names.tolist(), hours=3).save(folder / "task.npz")
    return folder


@pytest.mark.parametrize(
    "changes",
    [
        {"replication": 0.5},
        {"kind": "gru_d", "reads": "decay"},
        {"kind": "mlp", "reads": "features", "epochs": 12},
    ],
    ids=["lstm", "gru_d", "mlp"],
)
def test_training_on_simulated_stays(prepared, tmp_path, changes):
    """It learns; predictions are those of the best weights."""
    network = NETWORK | changes
    share = training.train(
        "small", network, 1, prepared / "episodes.npz", prepared / "task.npz",
        Checkpoints(tmp_path / "checkpoints", "code"), tmp_path,
    )  # fmt: skip
    assert share == 1
    with np.load(tmp_path / "predictions.npz", allow_pickle=False) as saved:
        probability, parameters = saved["probability"], int(saved["parameters"])
    task = tasks.load(prepared / "task.npz")
    parts = split(len(probability), 1)
    assert probability.shape == task.truth.shape == (300, 4)
    assert parameters > 50
    history = (tmp_path / "history.csv").read_text().splitlines()
    assert history[0] == "epoch,loss,val_loss,seconds"
    assert len(history) == 1 + network["epochs"]
    val = parts["val"]
    logits = np.log(probability[val] / (1 - probability[val]))
    loss = np.mean(
        [entropy(t, x) for t, x in zip(task.truth[val].ravel(), logits.ravel(), strict=True)]
    )
    best = min(float(line.split(",")[2]) for line in history[1:])
    assert loss == pytest.approx(best, rel=1e-4)
    train = parts["train"]
    if network["kind"] == "mlp":
        assert measures.aucs(task.truth[train], probability[train])[0, :3].mean() > 0.8
