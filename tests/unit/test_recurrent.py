"""The GRU with a gradient of its own, against Keras' GRU, which TensorFlow differentiates."""

import json
import os
import subprocess
from contextlib import nullcontext

import keras
import numpy as np
import pytest
import tensorflow as tf
from checkouts import REPOSITORY
from hypothesis import given, settings
from hypothesis import strategies as st
from reverie import backend, layers, recurrent

BY_XLA = [
    {},
    {"go_backwards": True, "return_sequences": True},
    {"activation": "relu", "dropout": 0.1, "recurrent_dropout": 0.5, "go_backwards": True},
]
LAYERS = [
    *BY_XLA,
    {"activation": "relu"},
    {"return_sequences": True},
    {"dropout": 0.3},
    {"recurrent_dropout": 0.5},
    {"dropout": 0.3, "recurrent_dropout": 0.5},
    {"dropout": 1.0, "recurrent_dropout": 0.5},
    {"recurrent_dropout": 1.0},
    # These are left to Keras.
    {"dtype": "mixed_bfloat16"},
    {"dtype": "float64"},
    {"activation": "sigmoid"},
    {"recurrent_activation": "hard_sigmoid"},
    {"use_bias": False},
    {"reset_after": False},
    {"stateful": True},
]
ON_GPU = [
    {},
    {"return_sequences": True},
    {"activation": "relu", "dropout": 0.3, "return_sequences": True, "go_backwards": True},
    {"activation": "relu", "dropout": 0.1, "recurrent_dropout": 0.5, "go_backwards": True},
    {"recurrent_dropout": 0.5, "return_sequences": True},
]
INPUTS = np.random.default_rng(0).normal(size=(5, 7, 3)).astype(np.float32)


def pair(arguments: dict, shape=INPUTS.shape) -> list[keras.Layer]:
    """Keras' layer and ours with the same weights and the same seed of dropout."""
    made = [of(seed=3, **{"units": 4} | arguments) for of in (keras.layers.GRU, recurrent.GRU)]
    for layer in made:
        layer.build(shape)
        generator = np.random.default_rng(1)
        for variable in layer.trainable_variables:
            variable.assign(generator.normal(0, 0.5, variable.shape))
    return made


def differentiated(layer, inputs: np.ndarray, training: bool, mask=None) -> list[np.ndarray]:
    """Outputs, and of a sum of them in which each weighs differently the gradients.

    Ours in a compiled graph, as it is used; Keras' own step by step, which needs no compilation.
    """
    weigh = np.random.default_rng(2).normal(size=10_000).astype(np.float32)

    def run(inputs):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            outputs = layer(inputs, training=training, mask=mask)
            flat = tf.reshape(outputs, [-1])
            total = tf.reduce_sum(flat * weigh[: flat.shape[0]] + flat**2)
        return outputs, tape.gradient(
            total, [inputs, *(v.value for v in layer.trainable_variables)]
        )

    ours = isinstance(getattr(layer, "forward_layer", layer), recurrent.GRU)
    outputs, gradients = (tf.function(run) if ours else run)(tf.constant(inputs))
    return [outputs.numpy(), *(gradient.numpy() for gradient in gradients)]


def assert_equal(one: list[np.ndarray], other: list[np.ndarray]):
    """To 1e-5 of the largest number in each; to 2e-2 in bfloat16, whose step is 4e-3 at 1."""
    close = 2e-2 if one[0].dtype.itemsize == 2 else 1e-5
    for a, b in zip(one, other, strict=True):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        a, b = a.astype(np.float64), b.astype(np.float64)
        assert np.abs(a - b).max() <= close * max(1, np.abs(a).max())


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("arguments", LAYERS, ids=str)
def test_outputs_and_gradients_are_those_of_keras(arguments, training):
    """Three by XLA in training, as jobs have it; the others without, which saves half a second each."""
    with nullcontext() if training and arguments in BY_XLA else backend.without_xla():
        theirs, ours = (differentiated(layer, INPUTS, training) for layer in pair(arguments))
    assert_equal(theirs, ours)


@pytest.mark.parametrize("arguments", ON_GPU, ids=str)
def test_the_loop_for_gpus_gives_the_same_on_a_processor(arguments, monkeypatch):
    monkeypatch.setattr(recurrent, "gru", recurrent.gru_on_gpu)
    with nullcontext() if arguments == ON_GPU[-1] else backend.without_xla():
        theirs, ours = (differentiated(layer, INPUTS, True) for layer in pair(arguments))
    assert_equal(theirs, ours)


def test_dropout_drops_in_training_only():
    _, layer = pair({"dropout": 0.3, "recurrent_dropout": 0.5})
    outputs = [differentiated(layer, INPUTS, training)[0] for training in (True, False)]
    assert np.abs(outputs[0] - outputs[1]).max() > 0.05


@pytest.mark.parametrize("arguments", [{}, {"return_sequences": True, "recurrent_dropout": 0.5}])
def test_masked_times_are_left_out_as_by_keras(arguments):
    mask = np.arange(7) < np.array([7, 3, 5, 1, 6])[:, None]
    theirs, ours = (differentiated(layer, INPUTS, True, mask) for layer in pair(arguments))
    assert_equal(theirs, ours)
    assert np.abs(ours[1][~mask]).max() == 0


def test_both_directions_are_those_of_keras():
    found = []
    for layer in pair({"recurrent_dropout": 0.5, "return_sequences": True}):
        both = keras.layers.Bidirectional(layer)
        both.build(INPUTS.shape)
        generator = np.random.default_rng(1)
        for variable in both.trainable_variables:
            variable.assign(generator.normal(0, 0.5, variable.shape))
        assert {type(way) for way in (both.forward_layer, both.backward_layer)} == {type(layer)}
        found.append(differentiated(both, INPUTS, True))
    assert_equal(*found)


def test_a_first_layer_has_the_same_gradients_but_by_its_inputs():
    """A network tells its first layer, in both directions, and no other."""
    layer = {"GRU": {"units": 2, "recurrent_dropout": 0.5, "return_sequences": True}}
    specs = [{"Bidirectional": {"layer": layer}}, {"Bidirectional": {"layer": layer}}]
    first, second = layers.network(specs, INPUTS.shape[1:], "x").layers
    ways = [(both.forward_layer.data, both.backward_layer.data) for both in (first, second)]
    assert ways == [(True, True), (False, False)]
    found = []
    for data in (True, False):
        _, layer = pair({"recurrent_dropout": 0.5})
        layer.data = data
        with backend.without_xla():
            found.append(differentiated(layer, INPUTS, True))
    (output, by_inputs, *others), (same, _, *same_others) = found
    assert not by_inputs.any()
    assert_equal([output, *others], [same, *same_others])


@given(
    batch=st.integers(1, 4),
    times=st.integers(1, 9),
    features=st.integers(1, 5),
    units=st.integers(1, 6),
    seed=st.integers(0, 99),
)
@settings(max_examples=6)
def test_every_shape_is_the_gru_written_plainly(batch, times, features, units, seed):
    inputs = np.random.default_rng(seed).normal(size=(batch, times, features)).astype(np.float32)
    _, layer = pair({"units": units, "return_sequences": True}, inputs.shape)
    kernel, recurrent_kernel, bias = (np.array(v.value) for v in layer.trainable_variables)
    state, expected = np.zeros((batch, units)), []
    for time in range(times):
        of_input = np.split(inputs[:, time] @ kernel + bias[0], 3, axis=1)
        of_state = np.split(state @ recurrent_kernel + bias[1], 3, axis=1)
        update, reset = (1 / (1 + np.exp(-of_input[g] - of_state[g])) for g in (0, 1))
        candidate = np.tanh(of_input[2] + reset * of_state[2])
        state = update * state + (1 - update) * candidate
        expected.append(state)
    assert np.array(layer(inputs)) == pytest.approx(np.stack(expected, 1), abs=1e-5)


def test_a_network_has_this_layer_and_keeps_it_when_saved(tmp_path):
    specs = [{"Bidirectional": {"layer": {"GRU": {"units": 2}}}}, {"Dense": {"units": 1}}]
    model = layers.network(specs, INPUTS.shape[1:], "x")
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert type(again.layers[0].backward_layer) is recurrent.GRU
    assert np.array(again(INPUTS)) == pytest.approx(np.array(model(INPUTS)))


def test_windows_of_any_length_are_left_to_keras():
    _, layer = pair({})
    inputs = keras.Input((None, 3))
    model = keras.Model(inputs, layer(inputs))
    for times in (7, 5):
        assert np.array(model(INPUTS[:, :times])) == pytest.approx(
            np.array(layer(INPUTS[:, :times])), abs=1e-5
        )


DISPATCH = [
    ({"GRU": {}}, "cuDNN", "own loop for a GPU"),
    ({"GRU": {"dropout": 0.1}}, "cuDNN", "own loop for a GPU"),
    ({"GRU": {"recurrent_dropout": 0.1}}, "own loop for a GPU", "own loop for a GPU"),
    ({"GRU": {"activation": "relu"}}, "own loop for a GPU", "own loop for a GPU"),
    ({"Bidirectional": {"layer": {"GRU": {}}}}, "cuDNN", "own loop for a GPU"),
    ({"GRU": {"dtype": "mixed_bfloat16", "activation": "relu"}}, *["own loop for a GPU"] * 2),
    ({"GRU": {"reset_after": False}}, "Keras", "Keras"),
    ({"LSTM": {}}, "cuDNN", "cuDNN"),
    ({"LSTM": {"use_cudnn": False}}, "Keras", "Keras"),
    ({"LSTM": {"recurrent_dropout": 0.1}}, "Keras", "Keras"),
    ({"SimpleRNN": {}}, "Keras", "Keras"),
    ({"GRU": {"masked": True, "recurrent_dropout": 0.1}}, "Keras", "Keras"),
    ({"GRU": {"masked": True}}, "cuDNN", "Keras"),
    ({"LSTM": {"masked": True}}, "cuDNN", "Keras"),
    ({"Flatten": {}}, None, None),
]


@pytest.mark.parametrize(("spec", "tensorflow", "jax"), DISPATCH, ids=str)
def test_what_computes_a_layer_on_a_gpu(spec, tensorflow, jax, monkeypatch):
    """And is recorded; cuDNN only where Keras uses it, which of the GRU is with TensorFlow alone."""
    ((name, arguments),) = spec.items()
    arguments = dict(arguments)
    before = [{"Masking": {}}] * arguments.pop("masked", False)
    if "layer" in arguments:
        arguments = {"layer": {"GRU": {"units": 2}}}
    elif name != "Flatten":
        arguments = {"units": 2} | arguments
    model = layers.network([*before, {name: arguments}], INPUTS.shape[1:], "x")
    monkeypatch.setattr(backend, "on_processor", lambda: False)
    for framework, expected in (("tensorflow", tensorflow), ("jax", jax)):
        monkeypatch.setattr(keras.backend, "backend", lambda framework=framework: framework)
        monkeypatch.setattr(backend, "RECURRENT", set())
        recurrent.note(model)
        assert list(backend.RECURRENT) == [expected] * bool(expected)


def test_what_computes_a_layer_on_a_processor(monkeypatch):
    specs = [{"GRU": {"units": 2, "return_sequences": True}}, {"LSTM": {"units": 2}}]
    monkeypatch.setattr(backend, "RECURRENT", set())
    recurrent.note(layers.network(specs, INPUTS.shape[1:], "x"))
    assert backend.used()["recurrent"] == "Keras, own loop"


@pytest.mark.parametrize("masked", [False, True])
def test_the_record_says_what_computed_the_layer(masked, monkeypatch):
    """Our loop knows no masks, so that Keras computes a layer behind `Masking`."""
    loop, calls = recurrent.gru, []
    monkeypatch.setattr(recurrent, "gru", lambda *inputs: calls.append(True) or loop(*inputs))
    monkeypatch.setattr(backend, "RECURRENT", set())
    specs = [*[{"Masking": {}}] * masked, {"Bidirectional": {"layer": {"GRU": {"units": 2}}}}]
    model = layers.network(specs, INPUTS.shape[1:], "x")
    with backend.without_xla():
        model(INPUTS)
    recurrent.note(model)
    assert backend.used()["recurrent"] == ("Keras" if masked else "own loop")
    assert len(calls) == (0 if masked else 2)


def test_the_settings_of_a_layer_decide_which_loop_runs(monkeypatch):
    _, layer = pair({"recurrent_dropout": 0.5})
    for name, processor in (("gru", True), ("gru_on_gpu", False)):
        with monkeypatch.context() as patched:
            patched.setattr(backend, "on_processor", lambda processor=processor: processor)
            patched.setattr(recurrent, name, None)
            with pytest.raises(TypeError, match="not callable"):
                layer(INPUTS)
    monkeypatch.setattr(backend, "on_processor", lambda: False)
    monkeypatch.setattr(recurrent, "gru_on_gpu", None)
    assert pair({})[1](INPUTS).shape == (5, 4)  # left to Keras, for cuDNN


PYTHON = os.environ.get("REVERIE_JAX")


@pytest.mark.skipif(not PYTHON, reason="NO JAX: REVERIE_JAX names a python that has it")
def test_under_jax_the_loop_for_gpus_is_keras_own_and_right_for_seeds_together():
    environment = os.environ | {"KERAS_BACKEND": "jax", "PYTHONPATH": "workflow"}
    done = subprocess.run(
        [PYTHON, "-c", UNDER_JAX],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    differences = json.loads(done.stdout.splitlines()[-1])
    assert len(differences) == 4
    for name, (from_keras, from_separate) in differences.items():
        rounded = "bfloat16" in name
        assert from_keras < (4e-2 if rounded else 1e-5), name
        assert from_separate < (1e-2 if rounded else 1e-6), name


UNDER_JAX = """
import json
import jax, keras, numpy as np
import jax.numpy as jnp
from reverie import backend, layers, recurrent

backend.on_processor = lambda: False
recurrent.UNROLL = 2  # compiles faster than the loop of a job
inputs = np.random.default_rng(0).normal(size=(5, 7, 3)).astype(np.float32)
SETTINGS = [
    {"return_sequences": True, "go_backwards": True},
    {"recurrent_dropout": 0.5, "activation": "relu"},
    {"both": True, "return_sequences": True, "dropout": 0.2, "recurrent_dropout": 0.2},
    {"dtype": "mixed_bfloat16", "recurrent_dropout": 0.5},
]


def made(of, both=False, **arguments):
    layer = of(4, seed=3, **arguments)
    layer = keras.layers.Bidirectional(layer) if both else layer
    return keras.Sequential([keras.Input(inputs.shape[1:]), layer])


def differentiated(model):
    def total(weights, fixed):
        outputs, fixed = model.stateless_call(weights, fixed, inputs, training=True)
        outputs = outputs.astype(jnp.float32)
        weigh = jnp.arange(outputs.size).reshape(outputs.shape) / outputs.size
        return jnp.sum(outputs * weigh + outputs**2), (outputs, fixed)

    return jax.value_and_grad(total, has_aux=True)


def difference(one, other):
    pairs = zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
    pairs = [(np.asarray(a, np.float64), np.asarray(b, np.float64)) for a, b in pairs]
    return max(np.abs(a - b).max() / max(1, np.abs(a).max()) for a, b in pairs)


found = {}
for settings in SETTINGS:
    ours, theirs = (made(of, **settings) for of in (recurrent.GRU, keras.layers.GRU))
    recurrent.note(ours)
    seeds = []
    for seed in range(3):
        generator = np.random.default_rng(seed)
        weights = [
            generator.normal(0, 0.5, v.shape).astype(np.float32) for v in ours.trainable_variables
        ]
        fixed = [v.value + np.uint32(seed) for v in ours.non_trainable_variables]
        seeds.append((weights, fixed))
    run = jax.jit(differentiated(ours))
    separate = [run(*seed) for seed in seeds]
    from_keras = difference(separate[0], jax.jit(differentiated(theirs))(*seeds[0]))
    stacked = jax.tree.map(lambda *values: np.stack(values), *seeds)
    together = jax.jit(jax.vmap(differentiated(ours)))(*stacked)
    separate = jax.tree.map(lambda *values: np.stack(values), *separate)
    found[str(settings)] = from_keras, difference(separate, together)
assert backend.RECURRENT == {"own loop for a GPU"}
print(json.dumps(found))
"""
