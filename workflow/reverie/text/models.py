"""The network that writes: windows of characters in, the next character's logits out."""

import keras

from reverie import layers
from reverie.errors import ReverieError


def build(specs: list[dict], window: int, vocabulary: int) -> keras.Model:
    """The network of the layers ``specs`` and a last Dense on windows of one-hot characters.

    (batch, window, vocabulary) to (batch, vocabulary). The output are logits: the lecture's softmax
    is in the loss and in the sampling, where it can be computed without overflow.
    """
    last = {"Dense": {"units": vocabulary}}
    model = layers.network([*specs, last], (window, vocabulary), "text")
    if model.output_shape != (None, vocabulary):
        raise ReverieError(
            "text.layers: the last layer must give one row of numbers a window, as an LSTM without "
            f"return_sequences does; these layers give {model.layers[-2].output.shape[1:]}."
        )
    return model


def one_hot(ids, vocabulary: int):
    """(batch, window) integers to (batch, window, vocabulary) of zeros and ones."""
    return keras.ops.one_hot(keras.ops.cast(ids, "int32"), vocabulary)


def gatherer(window: int, vocabulary: int):
    """The function that turns starts of windows into a batch inside the compiled step.

    ``gather([ids], starts)``: ids (characters,) and starts (batch,) give inputs (batch, window,
    vocabulary) and the characters that follow, (batch,). The lecture's array of all windows
    would take windows × window × vocabulary bytes.
    """
    offsets = keras.ops.arange(window)

    def gather(data, starts):
        (ids,) = data
        inputs = keras.ops.take(ids, starts[:, None] + offsets[None, :], axis=0)
        targets = keras.ops.take(ids, starts + window, axis=0)
        return one_hot(inputs, vocabulary), keras.ops.cast(targets, "int32")

    return gather


def loss(targets, logits):
    """Cross-entropy of the next character in nats, (batch,)."""
    return keras.losses.sparse_categorical_crossentropy(targets, logits, from_logits=True)
