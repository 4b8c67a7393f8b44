"""The language model: windows of characters in, logits of the next character out."""

import keras

from reverie import layers
from reverie.errors import ReverieError
from reverie.text import lstm


def build(specs: list[dict], window: int, vocabulary: int) -> keras.Model:
    """The layers ``specs`` and a Dense output layer: one-hot windows to logits.

    (batch, window, vocabulary) to (batch, vocabulary). The lecture's softmax is part of the loss and
    of the sampling, where it can be computed without overflow. Raises ReverieError where the layers
    give more than one vector for each window.
    """
    output = {"Dense": {"units": vocabulary}}
    model = layers.network([*specs, output], (window, vocabulary), "text")
    if model.output_shape != (None, vocabulary):
        raise ReverieError(
            "text.layers: the last layer must give one vector for each window, as an LSTM without "
            f"return_sequences does; these layers give {model.layers[-2].output.shape[1:]}."
        )
    return model


def one_hot(ids, vocabulary: int):
    """One-hot encoding: (batch, window) integers to (batch, window, vocabulary)."""
    return keras.ops.one_hot(keras.ops.cast(ids, "int32"), vocabulary)


def reader(model: keras.Model) -> keras.Model:
    """The ``model`` of :func:`build`, with the same layers, on numbers of characters, (batch, window).

    Where the first layer is an LSTM, no one-hot vectors are built.
    """
    _, window, vocabulary = model.input_shape
    characters = keras.Input((window,), dtype="int32")
    first, *others = model.layers
    if lstm.supports(first):
        outputs = lstm.CharacterLSTM(first)(characters)
    else:
        outputs = first(one_hot(characters, vocabulary))
    for layer in others:
        outputs = layer(outputs)
    return keras.Model(characters, outputs)


def gatherer(window: int):
    """A function that builds batches inside the compiled training step.

    ``gather([ids], starts)`` takes ids (characters,) and starts of windows (batch,), and returns
    windows (batch, window) and the characters that follow, (batch,). The lecture's array of all
    windows would take windows × window × vocabulary bytes.
    """
    offsets = keras.ops.arange(window)

    def gather(data, starts):
        (ids,) = data
        inputs = keras.ops.take(ids, starts[:, None] + offsets[None, :], axis=0)
        targets = keras.ops.take(ids, starts + window, axis=0)
        return keras.ops.cast(inputs, "int32"), keras.ops.cast(targets, "int32")

    return gather


def loss(targets, logits):
    """Cross-entropy of the next character, in nats, (batch,)."""
    return keras.losses.sparse_categorical_crossentropy(targets, logits, from_logits=True)
