"""What networks of the forecast learn and are fed beyond the lecture's, against plain NumPy."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reverie import backend
from reverie.errors import ReverieError
from reverie.forecast import climatology, features, models, objective
from reverie.forecast.training import rate_factor
from reverie.training import predict

ROWS, TRAIN_END, LOOKBACK, STEP, DELAY, TARGET = 240, 170, 12, 2, 6, 1
GENERATOR = np.random.default_rng(0)
SERIES = {
    "values": GENERATOR.normal(size=(ROWS, 3)).astype(np.float32),
    "time": 1_240_000_000 + 3600 * np.arange(ROWS),
    "columns": np.array(["wind", "level", "p"]),
    "measured": GENERATOR.random(ROWS) < 0.9,
    "target": np.array(TARGET),
    "interval_minutes": np.array(60.0),
    "train_end": np.array(TRAIN_END),
}
SERIES["values"] += 2 * np.sin(2 * np.pi * SERIES["time"] / 86_400)[:, None].astype(np.float32)
SERIES["unmeasured"] = ~SERIES["measured"] | (GENERATOR.random(ROWS) < 0.1)
LECTURE = {"calendar": False, "reversed": False, "shuffled": False, "residual": False}
LECTURE |= dict.fromkeys(("average", "auxiliary", "replication", "quantiles")) | {"features": []}
LECTURE |= {"optimizer": {"name": "SGD"}, "layers": [{"Flatten": {}}]}
AUXILIARY = {"steps": 3, "columns": ["p"], "weight": 0.5}


@pytest.fixture(autouse=True)
def without_xla():
    with backend.without_xla():
        yield


def loop_of(**settings) -> backend.Loop:
    keras.utils.set_random_seed(0)
    return models.loop(LECTURE | settings, LOOKBACK, STEP, DELAY, SERIES, "v")


@pytest.mark.parametrize("quantiles", [None, [0.5], [0.1, 0.5, 0.8]], ids=str)
@pytest.mark.parametrize("auxiliary", [None, AUXILIARY], ids=["", "auxiliary"])
@pytest.mark.parametrize("replication", [None, 0.3])
def test_the_loss_is_that_of_the_definitions(quantiles, auxiliary, replication):
    network = LECTURE | {"quantiles": quantiles, "auxiliary": auxiliary, "replication": replication}
    levels, more = quantiles or [0.5], 5 if auxiliary else 0
    generator = np.random.default_rng(1)
    targets = generator.normal(size=(8, 1 + more)).astype(np.float32)
    outputs = generator.normal(size=(8, 4, len(levels) + more)).astype(np.float32)
    outputs = outputs if replication else outputs[:, -1]
    if auxiliary:
        targets[2, 3] = targets[3, 1:] = np.nan

    def at(window, out):
        truth, main = targets[window, 0], sorted(out[: len(levels)])
        errors = [truth - forecast for forecast in main]
        pinballs = [max(q * e, (q - 1) * e) for q, e in zip(levels, errors, strict=True)]
        total = 2 * np.mean(pinballs)
        others = np.abs(targets[window, 1:] - out[len(levels) :])
        known = others[~np.isnan(others)]
        return total + (0.5 * known.mean() if len(known) else 0)

    expected, errors = [], []
    for window in range(8):
        times = outputs[window] if replication else outputs[window][None]
        each = [at(window, out) for out in times]
        share = replication or 0
        expected.append(share * np.mean(each) + (1 - share) * each[-1])
        forecast = sorted(times[-1][: len(levels)])[levels.index(0.5)]
        errors.append(abs(targets[window, 0] - forecast))
    assert np.array(objective.loss(network)(targets, outputs)) == pytest.approx(expected, abs=1e-6)
    if not objective.plain(network):
        forecasts, scores = objective.scored(network)(targets, outputs)
        assert np.array(scores) == pytest.approx(errors, abs=1e-6)
        assert (np.diff(forecasts, axis=1) >= 0).all()
        assert np.array(forecasts).shape == (8, len(levels))


def usual_of(column, measured):
    """The climatology of a column at every row, from its measured training rows."""
    rows = [row for row in range(TRAIN_END) if measured[row]]
    usual = climatology.fit(SERIES["time"][rows], SERIES["values"][rows, column], 3600.0)
    assert usual.harmonics[0]  # it has a daily course
    return usual.at(SERIES["time"])


@pytest.mark.parametrize("residual", [False, True, "climatology"])
def test_auxiliary_targets_are_the_path_and_other_columns(residual):
    """At thirds of the delay; NaN where a value was not measured."""
    loop = loop_of(auxiliary=AUXILIARY, residual=residual)
    rows = np.arange(40, 60, dtype=np.int32)
    _, targets = loop.gather(loop.data, rows)
    values = SERIES["values"].astype(float)
    if residual == "climatology":
        for column, measured in ((1, SERIES["measured"]), (2, ~SERIES["unmeasured"])):
            values[:, column] -= usual_of(column, measured)
    known = {1: SERIES["measured"], 2: ~SERIES["unmeasured"]}
    expected = []
    for row in rows:
        newest = values[row - STEP] if residual else np.zeros(3)
        line = [values[row + DELAY, TARGET] - newest[TARGET]]
        for column, ahead in ((1, 2), (1, 4), (2, 2), (2, 4), (2, 6)):
            seen = known[column][row + ahead] and (not residual or known[column][row - STEP])
            line.append(values[row + ahead, column] - newest[column] if seen else np.nan)
        expected.append(line)
    assert np.isnan(expected).any() and not np.isnan(expected).all()
    assert np.array(targets) == pytest.approx(np.array(expected), abs=1e-5, nan_ok=True)


def test_what_was_not_measured_teaches_nothing():
    """Neither a value that stands in for it, nor NaN."""
    learned = []
    for stands_in in (0, 1e6):
        series = SERIES | {"values": SERIES["values"].copy()}
        series["values"][SERIES["unmeasured"], 2] = stands_in
        keras.utils.set_random_seed(0)
        blind = {"Dense": {"units": 1, "kernel_initializer": "zeros", "trainable": False}}
        network = LECTURE | {"auxiliary": AUXILIARY, "layers": [{"Flatten": {}}, blind]}
        loop = models.loop(network, LOOKBACK, STEP, DELAY, series, "v")
        loop.train(np.arange(20, 84, dtype=np.int32).reshape(4, 16))
        learned.append(np.concatenate([np.ravel(weight) for weight in loop.model.weights]))
    assert np.array_equal(*learned) and np.isfinite(learned).all()


def test_averaged_weights_forecast_and_the_others_go_on_learning():
    """Against averages of the weights after each step, of the same training without averages."""
    rows = np.arange(20, 84, dtype=np.int32).reshape(4, 16)
    plain, averaged = loop_of(), loop_of(average=0.8)
    mean = None
    for row in rows:
        plain.train(row[None])
        weights = plain.model.get_weights()
        pairs = zip(mean or weights, weights, strict=True)
        mean = [0.8 * past + 0.2 * now for past, now in pairs]
    averaged.train(rows)
    outputs, _ = predict(averaged, rows[0])
    for one, two in zip(averaged.model.get_weights(), weights, strict=True):
        assert one == pytest.approx(two, abs=1e-6)
    with averaged.averages():
        for one, two in zip(averaged.model.get_weights(), mean, strict=True):
            assert one == pytest.approx(two, abs=1e-6)
    plain.model.set_weights(mean)
    assert outputs == pytest.approx(predict(plain, rows[0])[0], abs=1e-6)


@pytest.mark.parametrize("epochs", [1, 7, 20])
def test_a_cosine_falls_to_zero(epochs):
    """In each epoch it has about its mean over that epoch."""
    factors = [rate_factor("cosine", epoch, epochs) for epoch in range(1, epochs + 1)]
    edges = np.pi * np.arange(epochs + 1) / epochs
    means = (np.diff(edges) + np.diff(np.sin(edges))) / np.diff(edges) / 2
    assert factors == pytest.approx(means, abs=0.02)
    assert sum(factors) == pytest.approx(epochs / 2)


def test_replicated_targets_are_learned_at_every_time():
    """The forecast is the head's output at the last time, as of the network without replication."""
    specs = [{"GRU": {"units": 3}}, {"Dropout": {"rate": 0.1}}]
    loop = loop_of(layers=specs, replication=0.3)
    rows = np.arange(20, 30, dtype=np.int32)
    inputs, targets = loop.gather(loop.data, rows)
    assert loop.model.output_shape == (None, LOOKBACK // STEP, 1)
    plain = models.build(LECTURE | {"layers": specs}, LOOKBACK, STEP, 3, "v")
    plain.set_weights(loop.model.get_weights())
    outputs, losses = predict(loop, rows)
    assert outputs == pytest.approx(np.array(plain(inputs)), abs=1e-6)
    assert losses == pytest.approx(np.abs(outputs - np.array(targets))[:, 0], abs=1e-6)


def test_the_climatology_is_added_to_what_a_residual_network_predicts():
    rows = np.arange(20, 100)
    network = LECTURE | {"residual": "climatology"}
    usual = usual_of(TARGET, SERIES["measured"])
    values = SERIES["values"][:, TARGET]
    expected = usual[rows + DELAY] + values[rows - STEP] - usual[rows - STEP]
    base = models.base(network, SERIES, rows, STEP, DELAY)
    assert base == pytest.approx(expected, abs=1e-6)
    loop = loop_of(residual="climatology")
    _, targets = loop.gather(loop.data, rows.astype(np.int32))
    assert np.array(targets)[:, 0] + base == pytest.approx(values[rows + DELAY], abs=1e-5)


def test_convolutions_shared_by_windows_have_the_same_forecasts():
    """With everything that a network without recurrent layers can have."""
    convolution = {"Conv1D": {"filters": 2, "kernel_size": 2}}
    loop = loop_of(
        layers=[convolution, {"Flatten": {}}],
        residual="climatology",
        auxiliary=AUXILIARY,
        quantiles=[0.2, 0.5, 0.9],
        features=[CHANGE],
    )
    assert loop.evaluated[0] is not loop.model
    rows = np.arange(20, 60, dtype=np.int32)
    inputs, targets = loop.gather(loop.data, rows)
    expected = loop.scored(targets, loop.model(inputs))
    for one, two in zip(predict(loop, rows), expected, strict=True):
        assert one == pytest.approx(np.array(two), abs=1e-5)


NONE = dict.fromkeys(("column", "over", "latitude", "longitude")) | {"ahead": 0}
CHANGE = NONE | {"kind": "change", "column": "p", "over": "3 hours"}
RANGE = NONE | {"kind": "range", "over": "5 hours"}
SUN = NONE | {"kind": "sun", "latitude": 50.93, "longitude": 11.59, "ahead": 1}
USUAL = NONE | {"kind": "climatology"}
FEATURES = [CHANGE, RANGE, SUN, USUAL]


def test_features_are_those_of_a_plain_loop():
    made = features.derived(FEATURES, SERIES, "v")
    values = SERIES["values"].astype(float)
    changes = [values[row, 2] - values[max(row - 3, 0), 2] for row in range(ROWS)]
    ranges = [np.ptp(values[max(row - 5, 0) : row + 1, TARGET]) for row in range(ROWS)]
    for place, expected in enumerate((changes, ranges)):
        scaled = (np.array(expected) - np.mean(expected[:TRAIN_END])) / np.std(expected[:TRAIN_END])
        assert made[:, place] == pytest.approx(scaled, abs=1e-5)
    assert made[:, 3] == pytest.approx(usual_of(TARGET, SERIES["measured"]), abs=1e-5)
    network = LECTURE | {"features": FEATURES, "calendar": True}
    assert models.inputs(network, SERIES, "v").shape == (ROWS, 3 + models.CALENDAR + 4)
    assert models.build(network, LOOKBACK, STEP, 3, "v").input_shape == (None, 6, 11)


def test_a_feature_of_all_columns_is_one_of_each():
    every = features.derived([CHANGE | {"column": "all"}], SERIES, "v")
    single = [CHANGE | {"column": name} for name in SERIES["columns"]]
    assert np.array_equal(every, features.derived(single, SERIES, "v"))
    network = LECTURE | {"features": [CHANGE | {"column": "all"}]}
    assert models.build(network, LOOKBACK, STEP, 3, "v").input_shape == (None, 6, 3 + 3)


@given(st.integers(0, ROWS - 1), st.floats(-1e4, 1e4))
def test_no_feature_looks_ahead(row, shift):
    """A change of all that comes after a row changes no feature up to that row."""
    later = SERIES | {"values": SERIES["values"].copy()}
    later["values"][row + 1 :] += np.float32(shift)
    before, after = (features.derived(FEATURES, s, "v", SERIES) for s in (SERIES, later))
    assert np.array_equal(after[: row + 1], before[: row + 1])


@pytest.mark.parametrize(
    ("moment", "latitude", "longitude", "ahead", "height"),
    [
        ("2011-03-21T12:00", 0, 0, 0, 90),
        ("2011-03-21T18:00", 0, -90, 0, 90),
        ("2011-06-21T12:00", 50, 0, 0, 90 - 50 + 23.44),
        ("2011-12-21T12:00", 50, 0, 0, 90 - 50 - 23.44),
        ("2011-12-21T13:00", -50, 15, 2, 90 - 50 + 23.44),
        ("2011-06-21T00:00", 50, 0, 0, 0),
    ],
)
def test_the_sun_stands_where_it_should(moment, latitude, longitude, ahead, height):
    seconds = np.array([np.datetime64(moment, "s").astype(int)])
    (sine,) = features.sun(seconds, latitude, longitude, ahead)
    assert np.degrees(np.arcsin(sine)) == pytest.approx(height, abs=1)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"auxiliary": AUXILIARY | {"columns": ["p", "q"]}},
            "v.auxiliary.columns.1: 'q' is no column that the networks see; name one of 'wind', 'level', 'p'.",
        ),
        (
            {"auxiliary": AUXILIARY | {"steps": 7}},
            "v.auxiliary.steps: 7 times do not fit into a delay of 6 rows; choose fewer.",
        ),
        (
            {"features": [USUAL, CHANGE | {"column": "rain"}]},
            "v.features.1.column: 'rain' is no column that the networks see; name one of 'wind', 'level', 'p'.",
        ),
        (
            {"features": [RANGE | {"over": "90 minutes"}]},
            "v.features.0.over: 90 minutes is 1.5 rows of this series, which has a row every 60 minutes; "
            "choose a multiple of 60 minutes.",
        ),
    ],
)  # fmt: skip
def test_what_the_series_does_not_have_is_refused(settings, sentence):
    with pytest.raises(ReverieError) as error:
        loop_of(**settings)
    assert str(error.value) == sentence
