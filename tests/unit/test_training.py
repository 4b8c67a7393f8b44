"""The training loop against Keras' own, and its behaviour when it is interrupted."""

import csv
import json
import signal
import threading
from contextlib import contextmanager, nullcontext
from functools import cache, partial

import keras
import numpy as np
import pandas as pd
import pytest
from checkouts import history
from reverie import backend, checkpoints, layers, training
from reverie.checkpoints import Checkpoints
from reverie.durations import in_words
from reverie.errors import ReverieError
from reverie.forecast import checks, evaluation, models, series, windows
from reverie.forecast.training import rate_factor, train
from reverie.training import evaluate, fit, next_chunk, predict
from stopping import stop_at

LOOKBACK, STEP, DELAY, TARGET = 12, 2, 3, 1
RNN = [{"GRU": {"units": 4, "dropout": 0.2, "recurrent_dropout": 0.2}}]
MLP = [{"Flatten": {}}, {"Dense": {"units": 8, "activation": "relu"}}]
SERIES = np.random.default_rng(0).normal(size=(600, 3)).astype(np.float32)


@pytest.fixture(autouse=True)
def without_xla(request):
    """Its compiler takes a third of the time of all of this, and the loop is the same without it."""
    parameters = getattr(request.node, "callspec", None)
    compiled = parameters and parameters.params.get("compiled")
    with nullcontext() if compiled else backend.without_xla():
        yield


PLAIN = {"calendar": False, "reversed": False, "shuffled": False, "residual": False, "schedule": []}
PLAIN |= dict.fromkeys(("average", "auxiliary", "replication", "quantiles", "patience"))
PLAIN |= {"features": [], "refit": False}


def build(specs, seed=0):
    keras.utils.set_random_seed(seed)
    return models.build({**PLAIN, "layers": specs}, LOOKBACK, STEP, SERIES.shape[1], "x")


@cache
def traced(compiled=False, seed=0):
    """A loop of the recurrent network, whose compilation takes seconds, and its first state."""
    loop = loop_of(RNN, seed, compiled=compiled)
    return loop, loop.state()


def recurrent(compiled=False, seed=0):
    """That loop as it was when it was new."""
    loop, first = traced(compiled, seed)
    loop.restore(first)
    return loop


@cache
def whole(compiled=False):
    """Its training without an interruption."""
    return run(recurrent(compiled), Memory())


def loop_of(specs, seed=0, optimizer=None, compiled=False):
    return backend.loop(
        build(specs, seed),
        layers.optimizer(optimizer or {"name": "RMSprop"}, "x"),
        keras.losses.mean_absolute_error,
        models.gatherer(windows.offsets(LOOKBACK, STEP), DELAY, TARGET),
        [SERIES],
        compiled,
    )


def rows_of(epoch, steps=6):
    return windows.training_rows((0, 400), LOOKBACK, steps, 16, 0, epoch)


VALIDATION = windows.evaluation_rows((401, 500), LOOKBACK, 16)


class Memory:
    """A checkpoint that stays in memory and can end the training after some saves."""

    def __init__(self):
        self.saved = None
        self.saves = 0

    def load(self):
        return self.saved

    def save(self, groups, facts):
        self.saves += 1
        copied = {name: [np.array(array) for array in group] for name, group in groups.items()}
        self.saved = copied, facts


def run(loop, checkpoint, epochs=3, rows=rows_of, rate=None, keep=(1, 3), say=lambda _: None):
    def validate(_epoch, pause):
        return evaluate(loop, VALIDATION, 8, pause)  # ten batches

    return fit(
        loop, "test", epochs, rows, validate, checkpoint, learning_rate=rate, keep=keep, say=say
    )


@pytest.mark.parametrize("specs", [MLP, RNN], ids=["mlp", "gru"])
def test_batches_are_the_lectures(specs):
    """The gather in the compiled step gives what the slides' generator gives."""
    gather = models.gatherer(windows.offsets(LOOKBACK, STEP), DELAY, TARGET)
    rows = rows_of(1)[0]
    inputs, targets = gather([SERIES], rows)
    expected = np.stack([SERIES[range(row - LOOKBACK, row, STEP)] for row in rows])
    assert np.array_equal(inputs, expected)
    assert np.array_equal(np.array(targets)[:, 0], SERIES[rows + DELAY, TARGET])


@pytest.mark.parametrize("compiled", [False, True])
def test_a_step_is_keras_own(compiled):
    """Losses and weights of several steps equal those of `train_on_batch` on equal batches."""
    loop, rows = loop_of(MLP, compiled=compiled), rows_of(1)
    losses = loop.train(rows)
    model = build(MLP)
    model.compile(optimizer="rmsprop", loss="mae")
    gather = models.gatherer(windows.offsets(LOOKBACK, STEP), DELAY, TARGET)
    expected = []
    for batch in rows:
        model.reset_metrics()
        expected.append(model.train_on_batch(*gather([SERIES], batch)))
    assert losses == pytest.approx(np.ravel(expected), abs=1e-5)
    for ours, keras_own in zip(loop.model.weights, model.weights, strict=True):
        assert np.allclose(ours, keras_own, atol=1e-5)


def test_a_row_that_is_read_twice_has_the_sum_of_both_gradients():
    """By hand. TensorFlow keeps both apart, and an optimizer would then square each by itself."""
    rate, rho, epsilon = 0.1, 0.9, 1e-7
    embedding = keras.layers.Embedding(5, 2)
    model = keras.Sequential([keras.Input((3,)), embedding, keras.layers.Flatten()])
    before = np.array(embedding.get_weights()[0])
    loop = backend.loop(
        model,
        keras.optimizers.RMSprop(rate, rho=rho, epsilon=epsilon),
        lambda targets, outputs: keras.ops.sum(outputs * targets, axis=1),
        lambda data, rows: [keras.ops.take(array, rows, axis=0) for array in data],
        [np.array([[1, 1, 3]], np.int32), np.arange(1, 7, dtype=np.float32)[None]],
        compiled=False,
    )
    loop.train(np.array([[0]]))
    gradient = np.zeros((5, 2))
    np.add.at(gradient, [1, 1, 3], [[1, 2], [3, 4], [5, 6]])
    step = rate * gradient / np.sqrt((1 - rho) * gradient**2 + epsilon)
    assert embedding.get_weights()[0] == pytest.approx(before - step, abs=1e-5)


def test_regularisation_counts():
    decay = [{"Flatten": {}}, {"Dense": {"units": 4, "kernel_regularizer": "l2"}}]
    plain = [{"Flatten": {}}, {"Dense": {"units": 4}}]
    one, two = loop_of(decay), loop_of(plain)
    one.train(rows_of(1)), two.train(rows_of(1))
    assert not np.allclose(one.model.weights[0], two.model.weights[0])


def test_predictions_come_in_order_and_whole():
    loop = loop_of(MLP)
    outputs, losses = predict(loop, VALIDATION)
    gather = models.gatherer(windows.offsets(LOOKBACK, STEP), DELAY, TARGET)
    inputs, targets = gather([SERIES], VALIDATION)
    assert np.allclose(outputs, loop.model(inputs), atol=1e-6)
    assert np.allclose(losses, np.abs(outputs - np.array(targets))[:, 0], atol=1e-6)


@pytest.mark.parametrize("layer", ["GRU", "LSTM"])
def test_a_forecast_changes_nothing_that_a_step_depends_on(layer):
    """Neither weights nor the random numbers of dropout masks."""
    loop = loop_of([{layer: {"units": 4, "dropout": 0.2, "recurrent_dropout": 0.2}}])
    loop.train(rows_of(1))
    before = loop.state()
    predict(loop, VALIDATION, 16)
    for now, then in zip(loop.state(), before, strict=True):
        assert np.array_equal(now, then)


CONV = {"Conv1D": {"filters": 4, "kernel_size": 3, "activation": "tanh"}}
STACKS = {
    "lecture": [CONV, {"MaxPooling1D": {"pool_size": 3}}, CONV, {"GlobalMaxPooling1D": {}}],
    "gru": [{"AveragePooling1D": {"pool_size": 3, "strides": 2}}, CONV, {"GRU": {"units": 3}}],
    "strides": [
        {"Conv1D": {"filters": 4, "kernel_size": 4, "strides": 3}},
        {"MaxPooling1D": {"pool_size": 2, "strides": 1}},
        {"Conv1D": {"filters": 2, "kernel_size": 2, "dilation_rate": 2}},
        {"Flatten": {}},
    ],
    "pool first": [{"MaxPooling1D": {"pool_size": 5}}, {"Flatten": {}}],
}


@pytest.mark.parametrize("step", [1, 2, 3])
@pytest.mark.parametrize("stack", STACKS)
def test_convolutions_shared_by_windows_forecast_the_same(stack, step):
    """Also for the last rows of the series, and for a batch that ends before it is full."""
    network = {**PLAIN, "layers": STACKS[stack], "optimizer": {"name": "RMSprop"}}
    series = {"values": SERIES, "time": np.arange(len(SERIES)), "target": TARGET}
    loop = models.loop(network, 48, step, DELAY, series, "x")
    assert loop.evaluated[0] is not loop.model
    rows = np.arange(500, len(SERIES) - DELAY, dtype=np.int32)
    outputs, losses = predict(loop, rows, 64)
    inputs, targets = loop.gather([SERIES], rows)
    assert np.allclose(outputs, loop.model(inputs), atol=1e-5)
    assert np.allclose(losses, np.abs(outputs - np.array(targets))[:, 0], atol=1e-5)


GRU = {"units": 3, "dropout": 0.5, "recurrent_dropout": 0.5}
BACKWARDS = {"GRU": GRU | {"go_backwards": True, "return_sequences": True}}
BOTH = {"Bidirectional": {"layer": {"GRU": GRU | {"activation": "relu"}}}}
BOTH_SEQUENCES = {"Bidirectional": {"layer": {"GRU": GRU | {"return_sequences": True}}}}


@pytest.mark.parametrize(
    "changes",
    [
        {"layers": [BACKWARDS, {"GRU": GRU}]},
        {"layers": [BOTH_SEQUENCES, {"Flatten": {}}], "reversed": True},
        {"layers": [BOTH], "shuffled": True},
    ],
    ids=["stacked", "reversed", "shuffled"],
)
def test_products_of_rows_shared_by_windows_forecast_the_same(changes):
    """With weights that are random, also those that are 0 at first."""
    network = {**PLAIN, "optimizer": {"name": "RMSprop"}, **changes}
    series = {"values": SERIES, "time": np.arange(len(SERIES)), "target": TARGET}
    loop = models.loop(network, LOOKBACK, STEP, DELAY, series, "x")
    assert loop.evaluated[0] is not loop.model
    generator = np.random.default_rng(1)
    for weight in loop.model.trainable_variables:
        weight.assign(generator.normal(0, 0.5, weight.shape))
    rows = np.arange(500, len(SERIES) - DELAY, dtype=np.int32)
    outputs, losses = predict(loop, rows, 64)
    inputs, targets = loop.gather([SERIES], rows)
    assert np.std(outputs) > 1e-3
    assert np.allclose(outputs, loop.model(inputs), atol=1e-6)
    assert np.allclose(losses, np.abs(outputs - np.array(targets))[:, 0], atol=1e-6)


@pytest.mark.parametrize(
    "changes",
    [
        {"reversed": True},
        {"shuffled": True},
        {"layers": MLP},
        {"layers": [{"Conv1D": {"filters": 4, "kernel_size": 3, "padding": "same"}}, *MLP]},
        {"layers": [{"LSTM": {"units": 3}}]},
        {"layers": [{"GRU": GRU | {"reset_after": False}}]},
        {"layers": [{"Bidirectional": {"layer": {"GRU": GRU}, "merge_mode": "sum"}}]},
    ],
    ids=str,
)
def test_what_windows_do_not_share_is_computed_for_each(changes):
    network = {**PLAIN, "layers": [CONV, *MLP], "optimizer": {"name": "RMSprop"}, **changes}
    series = {"values": SERIES, "time": np.arange(len(SERIES)), "target": TARGET}
    loop = models.loop(network, LOOKBACK, STEP, DELAY, series, "x")
    assert loop.evaluated[0] is loop.model


def test_the_same_seed_gives_the_same_and_another_does_not():
    one, two, loop = whole(), run(loop_of(RNN), Memory()), recurrent()
    loop.restore(loop_of(RNN, seed=1).state())
    other = run(loop, Memory())
    assert losses(one) == losses(two) != losses(other)
    assert all(np.array_equal(a, b) for a, b in zip(one.last, two.last, strict=True))


def test_a_network_of_our_grus_learns_as_one_of_keras_does(monkeypatch):
    """From the same seed, dropout included."""
    dropout = {"units": 4, "dropout": 0.1, "recurrent_dropout": 0.5}
    specs = [
        {"GRU": dropout | {"return_sequences": True}},
        {"Bidirectional": {"layer": {"GRU": dropout | {"activation": "relu"}}}},
    ]
    ours = losses(run(loop_of(specs), Memory(), epochs=4))
    monkeypatch.setitem(layers.OURS, "GRU", keras.layers.GRU)
    theirs = losses(run(loop_of(specs), Memory(), epochs=4))
    assert np.array(ours) == pytest.approx(np.array(theirs), rel=1e-5)


def losses(trained):
    return [(line["epoch"], line["loss"], line["val_loss"]) for line in trained.history]


@pytest.mark.parametrize(
    ("compiled", "stop_after", "sign"),
    [(True, 1, signal.SIGTERM), (False, 6, signal.SIGINT), (False, 9, signal.SIGTERM)],
)
def test_a_resumed_training_equals_an_uninterrupted_one(compiled, stop_after, sign, monkeypatch):
    """Bit for bit, dropout masks and optimizer included, wherever it was stopped."""
    expected = whole(compiled)
    checkpoint, loop = Memory(), recurrent(compiled)
    done, train_steps = [], loop.train

    def interrupted(rows):
        done.extend(rows)
        if len(done) >= stop_after:
            signal.raise_signal(sign)
        return train_steps(rows)

    monkeypatch.setattr(loop, "train", interrupted)
    with pytest.raises(SystemExit):
        run(loop, checkpoint)
    assert checkpoint.saves == 1
    if compiled:  # to compile another takes seconds: the same, in the state of another
        loop.restore(loop_of(RNN, seed=99).state())
        monkeypatch.undo()
    again = run(loop if compiled else recurrent(seed=99), checkpoint)
    assert losses(again) == losses(expected)
    assert same(again.best, expected.best)
    assert same(again.last, expected.last)
    assert again.kept.keys() == expected.kept.keys() == {1, 3}
    assert all(same(again.kept[epoch], expected.kept[epoch]) for epoch in (1, 3))
    assert same(expected.kept[3], expected.last)
    assert not same(expected.kept[1], expected.last)


def test_a_validation_is_stopped_between_two_batches(monkeypatch):
    """However long it is; what follows is as if nothing had happened, bit for bit."""
    expected, checkpoint, loop = whole(), Memory(), recurrent()
    calls, predict_batch = [], loop.predict

    def interrupted(rows):
        calls.append(rows)
        if len(calls) == 13:  # the third batch of the second epoch
            signal.raise_signal(signal.SIGTERM)
        return predict_batch(rows)

    monkeypatch.setattr(loop, "predict", interrupted)
    with pytest.raises(SystemExit, match="stopped in epoch 2"):
        run(loop, checkpoint)
    assert (len(calls), checkpoint.saves) == (13, 1)
    loop = recurrent(seed=99)
    steps, train_steps = [], loop.train
    monkeypatch.setattr(loop, "train", lambda rows: steps.extend(rows) or train_steps(rows))
    again = run(loop, checkpoint)
    assert len(steps) == len(rows_of(3))  # of the third epoch alone
    assert losses(again) == losses(expected)
    assert same(again.best, expected.best)
    assert same(again.last, expected.last)
    assert again.kept.keys() == expected.kept.keys()


EVERYTHING = {
    "layers": [{"GRU": {"units": 3, "recurrent_dropout": 0.2}}],
    "residual": "climatology",
    "schedule": "cosine",
    "average": 0.8,
    "auxiliary": {"steps": 3, "columns": ["c"], "weight": 0.5},
    "replication": 0.3,
    "quantiles": [0.2, 0.5, 0.9],
    "features": [{"kind": "change", "column": None, "over": "3 hours"}],
}


def test_a_training_stopped_in_a_validation_leaves_the_same_files(tmp_path, monkeypatch):
    """With all that a network can learn; the forecasts in them are of the averaged weights."""
    series = prepared(tmp_path / "s.npz")
    monkeypatch.setattr(training, "PREDICTION_BATCH", 8)  # ten forecasts a validation
    network = NETWORK | EVERYTHING

    def trained(folder):
        keras.utils.clear_session()  # it numbers layers, and their numbers stand in the files
        train("v", network, 0, series, Checkpoints(tmp_path / "c", "code"), tmp_path / folder)
        with np.load(tmp_path / folder / "predictions_val.npz") as saved:
            forecasts = [saved[name] for name in sorted(saved.files)]
        weights = (tmp_path / folder / "last.weights.h5").read_bytes()
        return forecasts, weights, history(tmp_path / folder / "history.csv")

    quiet, weights, lines = trained("quiet")
    with monkeypatch.context() as stopped:
        calls = stop_at(stopped, 14)
        with pytest.raises(SystemExit, match="stopped in epoch 2"):
            trained("stopped")
    assert len(calls) == 14
    again, weights_again, lines_again = trained("stopped")
    assert same(again, quiet)
    assert weights_again == weights
    assert lines_again == lines
    forecasts_are_of_the_averaged_weights(tmp_path / "quiet", network, series)


def forecasts_are_of_the_averaged_weights(folder, network, series):
    """Those in the files are of the saved weights; validation scores the median alone."""
    with np.load(series) as saved:
        arrays = dict(saved)
    loop = models.loop(network | {"average": None}, LOOKBACK, STEP, DELAY, arrays, "x")
    loop.model.load_weights(folder / "best.weights.h5")
    with np.load(folder / "predictions_val.npz") as saved:
        outputs, _ = predict(loop, saved["row"])
        base = models.base(network, arrays, saved["row"], STEP, DELAY)
        assert np.allclose(saved["quantiles"], outputs + base[:, None], atol=1e-5)
        assert np.array_equal(saved["quantiles"][:, 1], saved["prediction"])
        error = np.abs(saved["prediction"] - saved["target"]).mean()
    best = min(float(line["val_loss"]) for line in history(folder / "history.csv"))
    assert error == pytest.approx(best, abs=1e-5)


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_the_best_epoch_is_kept():
    loop = loop_of(MLP, optimizer={"name": "SGD", "learning_rate": 0.5})
    trained = run(loop, Memory(), epochs=6)
    values = [line["val_loss"] for line in trained.history]
    assert trained.best_epoch == values.index(min(values)) + 1
    loop.restore(trained.best)
    assert predict(loop, VALIDATION)[1].mean() == pytest.approx(min(values), abs=1e-6)


def test_a_loss_that_is_no_number_stops_with_a_sentence():
    loop = loop_of(MLP, optimizer={"name": "SGD", "learning_rate": 1e30})
    with pytest.raises(ReverieError) as error:
        run(loop, Memory())
    assert "test: the loss is not a number from step" in str(error.value)
    assert "in epoch 1 on; give its optimizer a lower learning_rate" in str(error.value)


@pytest.mark.parametrize("bad_epoch", [2, 3])
def test_a_late_explosion_costs_nothing_that_was_reached(bad_epoch):
    """The loss stops being a number after an epoch; the epochs before are as without it."""
    said = []
    plain = run(sgd_loop(), Memory(), bad_epoch - 1, rate=lambda epoch: 0.01)

    def rate(epoch):
        return 1e30 if epoch == bad_epoch else 0.01

    exploded = run(sgd_loop(), Memory(), 4, rate=rate, say=said.append)
    assert losses(exploded) == losses(plain)
    assert same(exploded.last, plain.last)
    assert exploded.kept.keys() == plain.kept.keys()
    assert f"not a number from step 2 of 6 in epoch {bad_epoch}" in said[-1]
    assert said[-1].endswith(f"The training ends with what epoch {bad_epoch - 1} had reached.")


def sgd_loop():
    return loop_of(MLP, optimizer={"name": "SGD", "learning_rate": 0.01})


VALIDATED = [0.9, 0.7, 0.8, 0.7, 0.6, 0.65, 0.61, 0.6, 0.5, 0.4]


@pytest.mark.parametrize(
    ("patience", "last", "best"), [(None, 10, 10), (1, 3, 2), (2, 4, 2), (3, 8, 5), (4, 10, 10)]
)
def test_patience_ends_a_training_where_keras_does(patience, last, best):
    """A validation loss that is as low as the lowest is no lower one."""
    trained = patient(patience, Memory())
    assert (len(trained.history), trained.best_epoch) == (last, best)
    if patience:
        callback = keras.callbacks.EarlyStopping("val_loss", patience=patience)
        callback.set_model(model := build(MLP))
        model.stop_training = False
        callback.on_train_begin()
        for epoch, loss in enumerate(VALIDATED[:last]):
            assert not model.stop_training
            callback.on_epoch_end(epoch, {"val_loss": loss})
        assert model.stop_training == (last < len(VALIDATED))


def patient(patience, checkpoint):
    loop, rows = loop_of(MLP), partial(rows_of, steps=1)
    losses = {epoch: loss for epoch, loss in enumerate(VALIDATED, 1)}

    def validate(epoch, _pause):
        return losses[epoch]

    return fit(loop, "test", 10, rows, validate, checkpoint, say=lambda _: None, patience=patience)


def test_a_training_that_patience_ended_does_not_go_on(monkeypatch):
    """A kill after the last epoch and before the files: the job that resumes has the same result."""
    monkeypatch.setattr(checkpoints, "SAVE_SECONDS", -1)
    checkpoint = Memory()
    ended = patient(2, checkpoint)
    again = patient(2, checkpoint)
    assert again.history == ended.history  # with their seconds
    assert same(again.best, ended.best) and same(again.last, ended.last)


def test_a_checkpoint_holds_what_it_was_given(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "WAIT_SECONDS", 0.1)
    groups = {"now": [np.arange(3.0), np.ones((2, 2), np.float32)] * 6, "losses": [np.zeros(0)]}
    with pytest.raises(ZeroDivisionError), checkpoints.checkpoint(tmp_path, "abc") as checkpoint:
        assert checkpoint.load() is None
        checkpoint.save(groups, {"epoch": 2})
        raise ZeroDivisionError  # the job dies
    with checkpoints.checkpoint(tmp_path, "abc") as checkpoint:
        loaded, facts = checkpoint.load()
        assert facts == {"epoch": 2}
        assert loaded.keys() == groups.keys()
        for name, group in groups.items():
            assert all(np.array_equal(a, b) for a, b in zip(loaded[name], group, strict=True))
        with pytest.raises(ReverieError, match="is in use"):
            with checkpoints.checkpoint(tmp_path, "abc"):
                pass
    assert list(tmp_path.iterdir()) == []  # a good end leaves nothing behind


def test_a_job_that_waited_for_the_same_begins_afresh(tmp_path):
    entered, ended = threading.Event(), threading.Event()

    def first():
        with checkpoints.checkpoint(tmp_path, "abc") as checkpoint:
            checkpoint.save({}, {"epoch": 2})
            entered.set()
            ended.wait(10)

    job = threading.Thread(target=first)
    job.start()
    entered.wait(10)
    threading.Timer(0.5, ended.set).start()
    with checkpoints.checkpoint(tmp_path, "abc") as checkpoint:
        assert ended.is_set() and checkpoint.load() is None
        checkpoint.save({}, {"epoch": 1})
    job.join()


def test_equal_networks_may_train_side_by_side(tmp_path):
    series, at = prepared(tmp_path / "s.npz"), Checkpoints(tmp_path / "c", "code")

    class Nested(Checkpoints):
        """As if the training of another name were under way."""

        @contextmanager
        def of(self, **facts):
            with super().of(**facts) as checkpoint:
                if facts["name"] == "a":
                    train("b", NETWORK, 0, series, at, tmp_path / "b")
                yield checkpoint

    train("a", NETWORK, 0, series, Nested(at.folder, at.code), tmp_path / "a")
    for name in ("a", "b"):
        assert (tmp_path / name / "history.csv").exists()


def test_another_training_never_finds_the_checkpoint():
    facts = {"seed": 0, "network": {"epochs": 2, "layers": RNN}}
    changed = [{"seed": 1}, {"network": {"epochs": 3, "layers": RNN}}, {"code": "x"}]
    keys = {checkpoints.key(**facts), *(checkpoints.key(**facts | change) for change in changed)}
    assert len(keys) == 4


@pytest.mark.parametrize("epochs", [3, 6, 9, 12, 15, 20, 30])
@pytest.mark.parametrize("after", [0.66, 0.667, 0.67, 2 / 3])
def test_two_thirds_of_the_epochs_are_two_thirds(epochs, after):
    """However the share is rounded."""
    lowering = [
        rate_factor([{"after": after, "factor": 0.3}], n, epochs) for n in range(1, epochs + 1)
    ]
    before = round(2 * epochs / 3)
    assert lowering == [1.0] * before + [0.3] * (epochs - before)


def test_a_schedule_sets_the_learning_rate_of_each_epoch():
    """Against training with each rate in turn, by hand."""
    schedule = [{"after": 0.5, "factor": 0.1}, {"after": 0.75, "factor": 0.1}]
    factors = [rate_factor(schedule, epoch, 4) for epoch in (1, 2, 3, 4)]
    assert factors == pytest.approx([1, 1, 0.1, 0.01])
    scheduled = loop_of(MLP, optimizer={"name": "SGD", "learning_rate": 0.1})
    run(scheduled, Memory(), 4, rate=lambda epoch: 0.1 * factors[epoch - 1])
    by_hand = loop_of(MLP, optimizer={"name": "SGD", "learning_rate": 0.1})
    for epoch, factor in enumerate(factors, 1):
        by_hand.optimizer.learning_rate = 0.1 * factor
        by_hand.train(rows_of(epoch))
    for one, two in zip(scheduled.model.weights, by_hand.model.weights, strict=True):
        assert np.array_equal(one, two)


def test_a_residual_network_learns_the_change():
    gather = models.gatherer(windows.offsets(LOOKBACK, STEP), DELAY, TARGET, newest=-STEP)
    rows = rows_of(1)[0]
    _, targets = gather([SERIES], rows)
    expected = SERIES[rows + DELAY, TARGET] - SERIES[rows - STEP, TARGET]
    assert np.allclose(np.array(targets)[:, 0], expected, atol=1e-6)


def test_windows_may_be_reversed_or_shuffled():
    plain = models.offsets(PLAIN, LOOKBACK, STEP)
    assert plain.tolist() == [-12, -10, -8, -6, -4, -2]
    assert (
        models.offsets(PLAIN | {"reversed": True}, LOOKBACK, STEP).tolist() == plain[::-1].tolist()
    )
    shuffled = models.offsets(PLAIN | {"shuffled": True}, LOOKBACK, STEP)
    assert sorted(shuffled) == sorted(plain)
    assert shuffled.tolist() != plain.tolist()
    assert shuffled.tolist() == models.offsets(PLAIN | {"shuffled": True}, LOOKBACK, STEP).tolist()


def test_the_calendar_tells_hour_and_season():
    time = np.array(["2010-01-01T06:00", "2010-07-02T18:00"], "datetime64[s]").astype(np.int64)
    found = models.features(np.zeros((2, 3), np.float32), time, calendar=True)
    assert found.shape == (2, 3 + models.CALENDAR)
    assert found.dtype == np.float32
    assert found[:, 3:5] == pytest.approx(np.array([[1, 0], [-1, 0]]), abs=1e-5)
    assert found[:, 6] == pytest.approx([1, -1], abs=0.01)  # cosine of the season
    assert models.features(found, time, calendar=False) is found


@pytest.mark.parametrize(
    ("specs", "expected"),
    [
        (MLP, False),
        ([{"GRU": {"units": 8}}], False),
        ([{"LSTM": {"units": 8, "dropout": 0.1}}], True),
        ([{"Bidirectional": {"layer": {"LSTM": {"units": 8}}}}], True),
        ([{"LSTM": {"units": 8}}, {"LSTM": {"units": 8, "activation": "relu"}}], False),
        ([{"Bidirectional": {"layer": {"LSTM": {"units": 8, "activation": "relu"}}}}], False),
        ([{"Conv1D": {"filters": 8, "kernel_size": 3}}, {"LSTM": {"units": 8}}], False),
    ],
)
def test_what_is_compiled(specs, expected):
    assert models.pays_xla(specs) is expected


def prepared(path):
    np.savez(
        path,
        values=SERIES,
        mean=np.zeros(3),
        std=np.ones(3),
        time=np.arange(600) * 3600,
        columns=np.array(["a", "b", "c"]),
        measured=np.ones(600, bool),
        unmeasured=np.zeros(600, bool),
        target=np.array(1),
        interval_minutes=np.array(60.0),
        train_end=np.array(400),
        validation_end=np.array(500),
    )
    return path


def test_a_training_leaves_the_contracts_files(tmp_path):
    network = NETWORK | {"layers": RNN, "epochs": 2}
    folder = tmp_path / "out"
    train(
        "test",
        network,
        0,
        prepared(tmp_path / "s.npz"),
        Checkpoints(tmp_path / "checkpoints", "code"),
        folder,
    )
    with open(folder / "history.csv", newline="") as file:
        history = list(csv.DictReader(file))
    assert [line["epoch"] for line in history] == ["1", "2"]
    assert list(history[0]) == ["epoch", "loss", "val_loss", "seconds"]
    best = min(history, key=lambda line: float(line["val_loss"]))
    with np.load(folder / "predictions_val.npz", allow_pickle=False) as saved:
        assert np.array_equal(saved["row"], windows.evaluation_rows((401, 500), 12, 16))
        assert np.array_equal(saved["target"], SERIES[saved["row"] + 3, 1])
        error = np.abs(saved["prediction"] - saved["target"]).mean()
        last = np.abs(saved["prediction_last"] - saved["target"]).mean()
    assert error == pytest.approx(float(best["val_loss"]), abs=1e-6)
    assert last == pytest.approx(float(history[-1]["val_loss"]), abs=1e-6)
    model = build(RNN)
    model.load_weights(folder / "best.weights.h5")
    assert list((tmp_path / "checkpoints").iterdir()) == []
    assert sorted(path.name for path in folder.iterdir()) == [
        "best.weights.h5",
        "history.csv",
        "last.weights.h5",
        "predictions_test.npz",
        "predictions_val.npz",
    ]


NETWORK = PLAIN | {
    "layers": MLP,
    "optimizer": {"name": "RMSprop"},
    "epochs": 3,
    "steps": 4,
    "batch": 16,
    "lookback": "12 hours",
    "step": "2 hours",
    "delay": "3 hours",
    "evaluation_batch": 16,
    "backend": "tensorflow",
}


DROPPING = [{"Flatten": {}}, {"Dropout": {"rate": 0.3}}, {"Dense": {"units": 8}}]
REFIT = NETWORK | {"layers": DROPPING, "refit": True, "epochs": 4, "average": 0.8}
REFIT |= {"optimizer": {"name": "RMSprop", "learning_rate": 0.05}}
REFIT |= {"schedule": [{"after": 0.25, "factor": 0.1}, {"after": 0.75, "factor": 1000}]}


def refitted(folder, network=REFIT, **changes) -> dict:
    """What a training writes into ``folder``: the bytes of each file, and the history without its times."""
    file = prepared(folder.parent / f"{folder.name}.npz")
    with np.load(file, allow_pickle=False) as saved:
        arrays = dict(saved) | changes
    arrays["measured"][500 - DELAY : 500] = False  # so that no window's target comes after row 500
    np.savez(file, **arrays)
    keras.utils.clear_session()  # it numbers layers, and their numbers stand in the files
    train("v", network, 0, file, Checkpoints(folder.parent / "checkpoints", "code"), folder)
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    return files | {"history.csv": history(folder / "history.csv")}


def best_of(files: dict) -> int:
    losses = [float(line["val_loss"]) for line in files["history.csv"]]
    return int(np.argmin(losses)) + 1


def test_a_second_training_is_one_whose_training_part_ends_with_the_validation_part(tmp_path):
    """With the rates, windows and dropout masks of as many epochs as were best in the first."""
    again = refitted(tmp_path / "again")
    best = best_of(again)
    assert 1 < best < 4
    schedule = [{"after": 1 / best, "factor": 0.1}]
    plain = REFIT | {"epochs": best, "refit": False, "schedule": schedule}
    plain = refitted(tmp_path / "plain", plain, train_end=500, validation_end=530)
    assert again["best.weights.h5"] == plain["last.weights.h5"]
    first = refitted(tmp_path / "first", REFIT | {"refit": False})
    for name in ("history.csv", "predictions_val.npz", "last.weights.h5"):
        assert first[name] == again[name]
    assert first["best.weights.h5"] != again["best.weights.h5"]

    forecasts = {}
    for name in ("again", "plain", "first"):
        with np.load(tmp_path / name / "predictions_test.npz") as saved:
            later = (saved["row"] >= 543) & (saved["row"] <= 590)
            forecasts[name] = {key: saved[key][later] for key in saved.files}
    expected = forecasts["plain"]["prediction_last"]
    assert len(expected) == 48
    assert forecasts["again"]["prediction"] == pytest.approx(expected, abs=1e-6)
    assert forecasts["first"]["prediction"] != pytest.approx(expected, abs=1e-3)
    last = (forecasts[name]["prediction_last"] for name in ("first", "again"))
    assert np.array_equal(*last)


def test_a_second_training_resumes(tmp_path, monkeypatch):
    """And the first one, which was saved at its end, does not start over."""
    whole = refitted(tmp_path / "whole")
    monkeypatch.setattr(checkpoints, "SAVE_SECONDS", -1.0)
    with monkeypatch.context() as stopped:
        stop_at(stopped, REFIT["epochs"] + 1)
        with pytest.raises(SystemExit, match="again on training and validation part: stopped in"):
            refitted(tmp_path / "stopped")
    assert not (tmp_path / "stopped").exists()
    with monkeypatch.context() as resumed:
        calls = stop_at(resumed, -1)
        assert refitted(tmp_path / "stopped") == whole
    assert (
        len(calls) == best_of(whole) - 1 + 4
    )  # in epochs left; forecasts of both splits, best and last
    assert list((tmp_path / "checkpoints").iterdir()) == []


def test_a_training_that_patience_ended_leaves_whole_files(tmp_path):
    """Of a network that learns nothing: its second epoch is as good as its first."""
    network = NETWORK | {"optimizer": {"name": "SGD", "learning_rate": 1e-30}, "patience": 1}
    series, checkpoints_at = prepared(tmp_path / "s.npz"), Checkpoints(tmp_path / "c", "code")
    share = train("v", network | {"epochs": 8}, 0, series, checkpoints_at, tmp_path / "out")
    assert share == 2 / 8
    assert [line["epoch"] for line in history(tmp_path / "out" / "history.csv")] == ["1", "2"]
    with np.load(tmp_path / "out" / "predictions_test.npz") as saved:
        assert same([saved["prediction"]], [saved["prediction_last"]])
    at = evaluation.checkpoint_epochs({0: tmp_path / "out"})
    assert at == {"best": {0: 1}, "last": {0: 2}}


def test_forecasts_of_a_residual_network_are_whole(tmp_path):
    """Its own output is added to the newest value, so that they compare with any other's."""
    network = NETWORK | {
        "residual": True,
        "calendar": True,
        "schedule": [{"after": 0.5, "factor": 0.1}],
    }
    train(
        "r",
        network,
        0,
        prepared(tmp_path / "s.npz"),
        Checkpoints(tmp_path / "c", "code"),
        tmp_path / "out",
    )
    with open(tmp_path / "out/history.csv", newline="") as file:
        best = min(float(line["val_loss"]) for line in csv.DictReader(file))
    with np.load(tmp_path / "out/predictions_val.npz", allow_pickle=False) as saved:
        assert np.abs(saved["prediction"] - saved["target"]).mean() == pytest.approx(best, abs=1e-5)


CHANGE = NETWORK | {"residual": True, "epochs": 1}


@pytest.mark.parametrize("specs", [MLP, [CONV, {"Flatten": {}}]], ids=["mlp", "conv"])
def test_nothing_is_scored_that_was_not_measured(tmp_path, specs):
    """800 hours of the target are absent in the test part, some in training and validation.

    The naive forecast's error is that of a plain calculation on pairs that were measured.
    """
    rows, step, delay = 3000, 2, 3
    hours = np.arange(rows)
    generator = np.random.default_rng(0)
    level = 5 + np.sin(hours / 24) + np.cumsum(generator.normal(0, 0.05, rows))
    measured = level.copy()
    measured[1900:2700] = np.nan
    measured[generator.choice(1700, 90, replace=False)] = -9999
    frame = pd.DataFrame({"time": pd.date_range("2021-01-01", periods=rows, freq="h")})
    frame.assign(level=measured, rain=generator.gamma(1, 1, rows)).to_csv(
        tmp_path / "gauge.csv", index=False
    )
    settings = {
        "time": {"column": "time", "format": "ISO8601"}, "target": "level", "unit": "m",
        "columns": None, "derive_moisture": False, "sentinels": [-9999.0], "clean": True,
        "fill": "3 hours", "encoding": "utf-8", "decimal": ".", "every": None,
    }  # fmt: skip
    spans = {f"forecast.{key}": CHANGE[key] for key in ("lookback", "step", "delay")}
    split = {"train": 1000, "validation": 1800}
    origin = {"source": "gauge.csv", "sha256": "", "sample": False}
    made, facts = tmp_path / "series.npz", tmp_path / "series.json"
    series.prepare([tmp_path / "gauge.csv"], settings, split, spans, 16, origin, made, facts)
    network = CHANGE | {"layers": specs}
    keras.utils.clear_session()
    train("a", network, 0, made, Checkpoints(tmp_path / "c", "code"), tmp_path / "one")

    plain = [
        (row, abs(measured[row - step] - measured[row + delay]))
        for row in windows.evaluation_rows((1801, rows - delay - 1), LOOKBACK, 16)
        if all(measured[row + near] > -99 for near in (-step, 0, delay))
    ]
    with np.load(tmp_path / "one/predictions_test.npz", allow_pickle=False) as saved:
        assert saved["row"].tolist() == [row for row, _ in plain]
    target = evaluation.read_target(made, *(CHANGE[key] for key in ("lookback", "step", "delay")))
    evaluation.evaluate(target, {"a": evaluation.Variant({0: tmp_path / "one"}, 1)}, tmp_path)
    with open(tmp_path / "metrics.csv", newline="") as file:
        lines = [line for line in csv.DictReader(file) if line["split"] == "test"]
    assert {int(line["windows"]) for line in lines} == {len(plain)}
    (naive,) = (float(line["mae_unit"]) for line in lines if line["variant"] == "naive")
    assert naive == pytest.approx(np.mean([error for _, error in plain]), rel=1e-5)
    counted = json.loads(facts.read_text())
    assert counted["windows"]["test"] == len(plain)
    assert counted["windows_not_measured"]["test"] == pytest.approx(
        800 + 3 * delay, abs=delay + step
    )

    # The windows are not consecutive any more, on which shared convolutions rest.
    with np.load(made, allow_pickle=False) as arrays:
        values = arrays["values"]
    model = models.build(network, LOOKBACK, step, values.shape[1], "x")
    model.load_weights(tmp_path / "one/best.weights.h5")
    with np.load(tmp_path / "one/predictions_test.npz", allow_pickle=False) as saved:
        seen = values[saved["row"][:, None] + windows.offsets(LOOKBACK, step)]
        outputs = np.array(model(seen))[:, 0] + values[saved["row"] - step, 0]
        assert np.allclose(saved["prediction"], outputs, atol=1e-5)


def test_what_stands_in_for_a_target_is_never_a_truth(tmp_path):
    """A network that sees nothing learns from its targets alone, so that a change of these would show."""
    blind = {"Dense": {"units": 1, "kernel_initializer": "zeros", "trainable": False}}
    network = NETWORK | {"layers": [{"Flatten": {}}, blind], "steps": 20}
    learned = []
    for stands_in in (0, 1e6):
        with np.load(prepared(tmp_path / "s.npz"), allow_pickle=False) as saved:
            arrays = dict(saved)
        arrays["measured"][[100, 101, 250, 450, 451, 550]] = False
        arrays["values"][~arrays["measured"], 1] = stands_in
        np.savez(tmp_path / "s.npz", **arrays)
        keras.utils.clear_session()
        where = Checkpoints(tmp_path / "c", "code"), tmp_path / "out"
        train("blind", network, 0, tmp_path / "s.npz", *where)
        with open(tmp_path / "out/history.csv", newline="") as file:
            learned.append([(line["loss"], line["val_loss"]) for line in csv.DictReader(file)])
    assert learned[0] == learned[1]


def test_the_test_part_chooses_nothing(tmp_path):
    """Whatever stands in the test part, training, epochs and weights stay the same."""
    series = prepared(tmp_path / "s.npz")
    keras.utils.clear_session()
    train("a", NETWORK, 0, series, Checkpoints(tmp_path / "c", "code"), tmp_path / "one")
    with np.load(series, allow_pickle=False) as saved:
        arrays = dict(saved)
    # Validation targets reach one delay beyond their part; all behind that is the test's alone.
    arrays["values"][500 + 3 :] += np.random.default_rng(1).normal(size=(97, 3)).astype(np.float32)
    np.savez(series, **arrays)
    keras.utils.clear_session()  # it numbers layers, and their numbers stand in the files
    train("a", NETWORK, 0, series, Checkpoints(tmp_path / "c", "code"), tmp_path / "two")
    for name in ("best", "last"):
        files = [tmp_path / run / f"{name}.weights.h5" for run in ("one", "two")]
        assert files[0].read_bytes() == files[1].read_bytes()
    histories = []
    for run in ("one", "two"):
        with open(tmp_path / run / "history.csv", newline="") as file:
            lines = list(csv.DictReader(file))
            histories.append([(line["loss"], line["val_loss"]) for line in lines])
    assert histories[0] == histories[1]
    with (
        np.load(tmp_path / "one/predictions_test.npz") as one,
        np.load(tmp_path / "two/predictions_test.npz") as two,
    ):
        assert not np.array_equal(one["target"], two["target"])


@pytest.mark.parametrize(
    ("specs", "sentence"),
    [
        (
            [{"GRU": {"unit": 4}}],
            "forecast.variants.v.layers.0: Keras refuses {'GRU': {'unit': 4}}",
        ),
        (
            [{"Conv1D": {"filters": 4, "kernel_size": 99}}],
            "forecast.variants.v.layers.0: Keras refuses",
        ),
        (
            [{"GRU": {"units": 4, "return_sequences": True}}],
            "forecast.variants.v.layers: the output has shape (6, 1) and should be one number",
        ),
    ],
)
def test_what_only_keras_knows_is_checked(tmp_path, specs, sentence):
    network = {"layers": specs, "optimizer": {"name": "RMSprop"}}
    with pytest.raises(ReverieError) as error:
        check(tmp_path, "v", {"v": network})
    assert sentence in str(error.value)
    assert not (tmp_path / "v.json").exists()


@pytest.mark.parametrize(
    ("optimizer", "reason"),
    [
        ({"clipnorm": "1"}, "TypeError: '>' not supported between instances of 'str' and 'int'"),
        ({"momentum": [1]}, "'>' not supported between instances of 'TrackedList' and 'int'"),
        ({"rho": "0"}, "ValueError: dtype='string' is not a valid dtype for Keras type promotion."),
    ],
    ids=str,
)
def test_what_the_first_step_shows_is_checked(tmp_path, optimizer, reason):
    """Keras builds network and optimizer, and cannot train; the sentence has no trace of frames."""
    network = {"layers": MLP, "optimizer": {"name": "RMSprop"} | optimizer}
    with pytest.raises(ReverieError) as error:
        check(tmp_path, "v", {"v": network})
    assert str(error.value) == f"forecast.variants.v: Keras cannot train this network: {reason}"


def test_the_checked_step_has_a_gradient_and_a_forecast(tmp_path, monkeypatch):
    """Of layers that fail in only one of the two, the first with an error of TensorFlow's kernels."""

    class Gradient(keras.layers.Flatten):
        def call(self, inputs):
            def gradient(upstream):
                lost = keras.ops.take(upstream, keras.ops.cast(upstream, "int32") + 99)
                return keras.ops.reshape(lost, keras.ops.shape(inputs))

            run = keras.ops.custom_gradient(lambda x: (super(Gradient, self).call(x), gradient))
            return run(inputs)

    class Forecast(keras.layers.Layer):
        def call(self, inputs, training=False):
            if not training:
                raise ValueError("no forecast")
            return keras.ops.reshape(inputs, (-1, 12))

        def compute_output_shape(self, shape):
            return shape[0], 12

    for layer in (Gradient, Forecast):
        monkeypatch.setitem(layers.OURS, layer.__name__, layer)
    for name, sentence in {"Gradient": "is not in", "Forecast": "no forecast"}.items():
        specs = [{"Dense": {"units": 2}}, {name: {}}]
        network = {"layers": specs, "optimizer": {"name": "RMSprop"}}
        with pytest.raises(ReverieError, match=f"Keras cannot train this network: .*{sentence}"):
            check(tmp_path, "v", {"v": network})


def test_a_gru_of_another_dtype_passes_its_check_and_trains(tmp_path):
    gru = [{"GRU": {"units": 4, "dtype": "mixed_bfloat16"}}]
    network = NETWORK | {"layers": gru, "epochs": 1}
    assert check(tmp_path, "v", {"v": network})["parameters"] > 0
    at = Checkpoints(tmp_path / "c", "code")
    train("v", network, 0, tmp_path / "s.npz", at, tmp_path / "out")
    (line,) = history(tmp_path / "out/history.csv")
    assert float(line["val_loss"]) < 2


def check(tmp_path, name, networks) -> dict:
    """Facts of a network by the check of that name."""
    spans = PLAIN | {"lookback": "12 hours", "step": "2 hours", "delay": "3 hours"}
    checks.check(
        name,
        {n: network | spans for n, network in networks.items()},
        prepared(tmp_path / "s.npz"),
        tmp_path / "models.json",
        tmp_path / f"{name}.json",
        start=lambda: starts.append(name),
        code="",
    )
    return json.loads((tmp_path / f"{name}.json").read_text())


starts: list[str] = []


def test_one_refused_network_keeps_all_from_training(tmp_path):
    networks = {
        "a": {"layers": RNN, "optimizer": {"name": "RMSprop", "rate": 1}},
        "b": {"layers": [{"GRU": {}}], "optimizer": {"name": "RMSprop"}},
        "c": {"layers": RNN, "optimizer": {"name": "RMSprop"}},
    }
    for name, sentence in {
        "a": "forecast.variants.a.optimizer: Keras refuses",
        "b": "forecast.variants.b.layers.0: Keras refuses",
        "c": "forecast.variants.a.optimizer: Keras refuses",
    }.items():
        with pytest.raises(ReverieError, match=sentence):
            check(tmp_path, name, networks)


def test_parameters_are_counted_by_the_first_check_for_all(tmp_path):
    starts.clear()
    networks = {
        n: {"layers": s, "optimizer": {"name": "SGD"}} for n, s in {"m": MLP, "g": RNN}.items()
    }
    assert check(tmp_path, "m", networks)["parameters"] == (6 * 3 + 1) * 8 + 8 + 1
    # GRU with reset_after: three gates, two biases each; then Dense(1)
    assert check(tmp_path, "g", networks)["parameters"] == 3 * (3 * 4 + 4 * 4 + 2 * 4) + 4 + 1
    assert starts == ["m"]
    check(tmp_path, "m", networks | {"other": networks["m"]})
    assert starts == ["m", "m"]


@pytest.mark.parametrize(
    ("chunk", "seconds", "expected"), [(1, 0.001, 2), (64, 2.0, 32), (1, 9, 1)]
)
def test_compiled_calls_last_about_a_second(chunk, seconds, expected):
    assert next_chunk(chunk, seconds) == expected


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(4.4, "4 s"), (150, "2 min"), (3600, "1 h 0 min"), (12_000, "3 h 20 min")],
)
def test_times_in_words(seconds, words):
    assert in_words(seconds) == words
