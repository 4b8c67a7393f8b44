"""Keras' LSTM on numbers of characters, with an explicit gradient: it trains faster on a CPU.

A one-hot vector times the kernel is a row of the kernel. So rows are gathered where Keras multiplies,
and an alphabet of thousands of characters costs little more than one of dozens.
"""

import keras
from keras import ops

from reverie import backend
from reverie.recurrent import put


def supports(layer: keras.Layer) -> bool:
    """Whether :class:`CharacterLSTM` can replace the ``layer``; on a GPU, Keras uses cuDNN's LSTM."""
    return (
        type(layer) is keras.layers.LSTM
        and layer.use_bias
        and layer.activation is keras.activations.tanh
        and layer.recurrent_activation is keras.activations.sigmoid
        and not (layer.dropout or layer.recurrent_dropout or layer.activity_regularizer)
        and not (layer.go_backwards or layer.stateful or layer.return_state)
        and layer.compute_dtype == layer.variable_dtype == "float32"
        and backend.on_processor()
    )


class CharacterLSTM(keras.layers.Layer):
    """The Keras LSTM ``layer``, which is built, on numbers of characters, (batch, window).

    The result is that of the ``layer`` on their one-hot vectors; the weights are the layer's.
    """

    def __init__(self, layer: keras.layers.LSTM):
        super().__init__()
        self.layer = layer

    def call(self, characters):
        cell, sequences = self.layer.cell, self.layer.return_sequences
        weights = (weight.value for weight in (cell.kernel, cell.recurrent_kernel, cell.bias))
        states = lstm(ops.transpose(characters), *weights, sequences)
        return ops.transpose(states, (1, 0, 2)) if sequences else states


def lstm(characters, kernel, recurrent_kernel, bias, sequences):
    """The last state, (batch, units), or with ``sequences`` all states, (times, batch, units).

    ``characters`` (times, batch) integers, ``kernel`` (vocabulary, 4 units), ``recurrent_kernel``
    (units, 4 units), ``bias`` (4 units,): input gate, forget gate, candidate and output gate in this
    order, as in Keras' LSTMCell. The first state is zero.
    """
    times, units = characters.shape[0], recurrent_kernel.shape[0]

    @ops.custom_gradient
    def run(kernel, recurrent_kernel, bias):
        batch = ops.shape(characters)[1]
        zero = ops.zeros((batch, units))

        def forward(time, carry):
            h, c, states, cells, gates = carry
            z = ops.matmul(h, recurrent_kernel) + backend.rows(kernel, characters[time]) + bias
            i, f, g, o = ops.split(z, 4, -1)
            i, f, g, o = ops.sigmoid(i), ops.sigmoid(f), ops.tanh(g), ops.sigmoid(o)
            c = f * c + i * g
            h = o * ops.tanh(c)
            states, cells = put(states, h, time + 1), put(cells, c, time + 1)
            return h, c, states, cells, put(gates, ops.concatenate([i, f, g, o], -1), time)

        states = cells = ops.zeros(
            (times + 1, batch, units)
        )  # before the first time and after each
        gates = ops.zeros((times, batch, 4 * units))
        start = zero, zero, states, cells, gates
        last, c, states, cells, gates = ops.fori_loop(0, times, forward, start)

        def gradient(upstream):
            # The gradient by z takes the place of the gates, which saves memory traffic. XLA copies the
            # whole array if it is read before it is written; so the gates of the next turn of the
            # loop are read after that, and carried.
            def backward(index, carry):
                time = times - 1 - index
                d_h, d_c, c, now, array = carry
                d_h = d_h + upstream[time] if sequences else d_h
                i, f, g, o = ops.split(now, 4, -1)
                before, y = cells[time], ops.tanh(c)
                d_c = d_c + d_h * o * (1 - y * y)
                d_i = d_c * g * i * (1 - i)
                d_f = d_c * before * f * (1 - f)
                d_g = d_c * i * (1 - g * g)
                d_o = d_h * y * o * (1 - o)
                d_z = ops.concatenate([d_i, d_f, d_g, d_o], -1)
                array = put(array, d_z, time)
                d_h = ops.matmul(d_z, ops.transpose(recurrent_kernel))
                return d_h, d_c * f, before, array[ops.maximum(time - 1, 0)], array

            start = zero if sequences else upstream, zero, c, gates[-1], gates
            *_, d_z = ops.fori_loop(0, times, backward, start)
            d_z = ops.reshape(d_z, (-1, 4 * units))
            d_kernel = ops.segment_sum(d_z, ops.reshape(characters, (-1,)), kernel.shape[0])
            before = ops.reshape(states[:-1], (-1, units))
            # What a character adds to its row of the kernel it adds to the bias as well.
            return d_kernel, ops.matmul(ops.transpose(before), d_z), ops.sum(d_kernel, 0)

        return states[1:] if sequences else last, gradient

    return backend.xla_compiled(run)(kernel, recurrent_kernel, bias)
