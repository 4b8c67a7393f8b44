"""The LSTM on numbers of characters, against Keras' own on one-hot vectors."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from reverie import backend, layers
from reverie.text import lstm, models

WINDOW, VOCABULARY = 7, 11
CHARACTERS = np.random.default_rng(0).integers(0, 9, (5, WINDOW)).astype(np.int32)  # 9, 10: never
LSTM = {"LSTM": {"units": 4}}
GATHERED = [
    [{"LSTM": {"units": 4, "kernel_regularizer": "l2"}}, {"Dense": {"units": 3}}],
    [{"LSTM": {"units": 4, "return_sequences": True}}, {"LSTM": {"units": 3}}],
]
LEFT_TO_KERAS = [
    {"dropout": 0.3},
    {"recurrent_dropout": 0.3},
    {"go_backwards": True},
    {"stateful": True},
    {"return_state": True},
    {"activation": "relu"},
    {"recurrent_activation": "hard_sigmoid"},
    {"use_bias": False},
    {"activity_regularizer": "l2"},
    {"dtype": "float64"},
]


def built(specs) -> keras.Model:
    model = models.build(specs, WINDOW, VOCABULARY)
    generator = np.random.default_rng(1)
    for variable in model.trainable_variables:
        variable.assign(generator.normal(0, 0.5, variable.shape))
    return model


def differentiated(network, model, inputs) -> list[np.ndarray]:
    """Logits, and the gradients of a sum in which each weighs differently by the model's weights."""

    @tf.function
    def run(inputs):
        with tf.GradientTape() as tape:
            logits = network(inputs, training=True)
            weights = tf.reshape(tf.range(tf.size(logits), dtype=tf.float32), tf.shape(logits))
            total = tf.reduce_sum(tf.sin(weights) * logits + logits**2) + sum(network.losses)
        return logits, tape.gradient(total, [v.value for v in model.trainable_variables])

    logits, gradients = run(inputs)
    return [logits.numpy(), *(np.array(tf.convert_to_tensor(gradient)) for gradient in gradients)]


@pytest.mark.parametrize("specs", GATHERED, ids=str)
def test_logits_and_gradients_are_those_of_keras(specs):
    model = built(specs)
    assert lstm.supports(model.layers[0])
    with backend.without_xla():  # the lecture's training in test_text.py is by XLA
        ours = differentiated(models.reader(model), model, CHARACTERS)
    theirs = differentiated(model, model, models.one_hot(CHARACTERS, VOCABULARY))
    for one, other in zip(ours, theirs, strict=True):
        assert one.shape == other.shape
        assert np.abs(one - other).max() <= 1e-5 * max(1, np.abs(other).max())


@pytest.mark.parametrize("settings", LEFT_TO_KERAS, ids=str)
def test_what_keras_computes(settings):
    assert lstm.supports(layers.layer(LSTM))
    assert not lstm.supports(layers.layer({"LSTM": LSTM["LSTM"] | settings}))


@pytest.mark.parametrize("spec", [{"GRU": {"units": 4}}, {"Flatten": {}}], ids=str)
def test_other_layers_get_one_hot_vectors(spec):
    model = built([spec])
    logits = np.array(models.reader(model)(CHARACTERS))
    expected = np.array(model(models.one_hot(CHARACTERS, VOCABULARY)))
    assert logits == pytest.approx(expected, abs=1e-6)


def test_the_weights_are_those_of_the_plain_network():
    """In its order, so that weights files and checkpoints are alike."""
    model = built([LSTM])
    reader = models.reader(model)
    assert list(map(id, reader.variables)) == list(map(id, model.variables))


def test_a_gpu_computes_keras_own(monkeypatch):
    """There cuDNN is faster than any loop."""
    monkeypatch.setattr(backend, "on_processor", lambda: False)
    assert not lstm.supports(layers.layer(LSTM))
