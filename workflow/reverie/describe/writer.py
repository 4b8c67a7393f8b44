"""The paper's second stage: a recurrent network that writes a sentence about a picture.

It reads START and then the words so far, and gives log odds of the next word or END. The picture enters at
the first step only: what a matrix makes of its features is the state before that step.
"""

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable("reverie")
class ReluCell(keras.layers.Layer):
    """The paper's cell: h(t) = relu(W_x x(t) + W_h h(t - 1) + b)."""

    def __init__(self, units: int, **options):
        super().__init__(**options)
        self.units = self.state_size = self.output_size = units

    def build(self, shape):
        self.kernel = self.add_weight((shape[-1], self.units), "glorot_uniform", name="kernel")
        # Half of the identity: what was read fades, and neither grows nor dies.
        start = keras.initializers.Identity(0.5)
        self.recurrent = self.add_weight((self.units, self.units), start, name="recurrent_kernel")
        self.bias = self.add_weight((self.units,), "zeros", name="bias")
        self.built = True

    def call(self, words, states, training=False):
        product = ops.matmul(words, self.kernel) + ops.matmul(states[0], self.recurrent)
        state = ops.relu(product + self.bias)
        return state, [state]


CELLS = {"rnn": ReluCell, "gru": keras.layers.GRUCell, "lstm": keras.layers.LSTMCell}


@keras.saving.register_keras_serializable("reverie")
class Writer(keras.layers.Layer):
    """Features of pictures, (batch, dimensions), and words, (batch, times), to log odds of the next ones.

    ``network`` has `kind` (rnn, gru, lstm), `units` and `dropout`; ``vocabulary`` counts START and END as
    one. Returns (batch, times, vocabulary).
    """

    def __init__(self, network: dict, vocabulary: int, **options):
        super().__init__(**options)
        units = network["units"]
        self.embedding = keras.layers.Embedding(vocabulary, units)
        self.picture = keras.layers.Dense(units)
        self.cell = CELLS[network["kind"]](units)
        self.drop = keras.layers.Dropout(network["dropout"])
        self.output_layer = keras.layers.Dense(vocabulary)
        self.units, self.memories = units, 1 + (network["kind"] == "lstm")

    def start(self, pictures):
        """The states before START: the pictures', and an empty memory of an LSTM."""
        state = self.picture(pictures)
        return [state, ops.zeros_like(state)][: self.memories]

    def step(self, words, states, training=False):
        """The output, (batch, units), and the states after ``words``, (batch,)."""
        inputs = self.drop(self.embedding(words), training=training)
        return self.cell(inputs, states, training=training)

    def call(self, pictures, words, training=False):
        states, outputs = self.start(pictures), []
        inputs = self.drop(self.embedding(words), training=training)
        for time in range(words.shape[1]):
            output, states = self.cell(inputs[:, time], states, training=training)
            outputs.append(output)
        outputs = self.drop(ops.stack(outputs, axis=1), training=training)
        return self.output_layer(outputs)

    def next(self, words, states):
        """Log probabilities of the next words, (batch, vocabulary), and the states."""
        output, states = self.step(words, states)
        return ops.log_softmax(self.output_layer(output)), states


def build(network: dict, dimensions: int, longest: int, vocabulary: int) -> keras.Model:
    """The model of :class:`Writer` for START and ``longest`` - 1 words."""
    pictures = keras.Input((dimensions,), name="pictures")
    words = keras.Input((longest,), dtype="int32", name="words")
    layer = Writer(network, vocabulary, name="writer")
    return keras.Model([pictures, words], layer(pictures, words))


def set_frequencies(model: keras.Model, counts: np.ndarray) -> None:
    """Let an untrained model say each word as often as it occurs, ``counts`` (vocabulary,)."""
    layer = model.get_layer("writer").output_layer
    layer.bias.assign(np.log((counts + 1) / (counts + 1).sum()))


def cross_entropy(targets, log_odds, words: float):
    """The loss of each sentence, (batch,), in nats per word.

    ``targets`` are the next words, (batch, times), and how often each counts, (batch, times) 0 or 1;
    ``words`` is the mean number of words of a sentence, with END, so that every word counts the same.
    """
    numbers, counted = targets
    losses = keras.losses.sparse_categorical_crossentropy(numbers, log_odds, from_logits=True)
    return ops.sum(losses * counted, axis=-1) / words
