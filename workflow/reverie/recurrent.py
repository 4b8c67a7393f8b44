"""Keras' GRU with an explicit gradient, which trains faster on a CPU.

TensorFlow's own gradient of Keras' loop over time copies the list of all outputs and stores the
weights at every time. Here forward and backward pass are one plain loop each. They gain most with
dropout, in a stack of recurrent layers, and after a convolution.
"""

import keras
from keras import ops

from reverie import backend

# Derivatives of the activations as functions of their values.
SLOPES = {
    keras.activations.tanh: lambda y: 1 - y * y,
    keras.activations.relu: lambda y: ops.cast(y > 0, y.dtype),
}


@keras.saving.register_keras_serializable("reverie")
class GRU(keras.layers.GRU):
    """Keras' layer: the same arguments, weights and results.

    Settings without an explicit gradient here are left to Keras, and so is a GPU, where Keras uses
    cuDNN's GRU.
    """

    def inner_loop(self, sequences, initial_state, mask, training=False):
        cell = self.cell
        supported = (
            mask is None
            and sequences.shape[1] is not None
            and not self.stateful
            and cell.use_bias
            and cell.reset_after
            and cell.recurrent_activation is keras.activations.sigmoid
            and cell.activation in SLOPES
            and cell.compute_dtype == cell.variable_dtype == "float32"
            and backend.on_processor()
        )
        if not supported:
            return super().inner_loop(sequences, initial_state, mask, training)
        (state,) = initial_state if isinstance(initial_state, list | tuple) else [initial_state]
        inputs = ops.transpose(sequences, (1, 0, 2))
        if self.go_backwards:
            inputs = ops.flip(inputs, 0)
        input_masks, state_masks = [], []
        # Keras' cell ignores a dropout rate of 1.
        if training and 0 < cell.dropout < 1:
            input_masks = cell.get_dropout_mask(sequences[:, 0])
        if not isinstance(input_masks, list):  # one mask for all gates
            inputs, input_masks = inputs * input_masks, []
        if training and 0 < cell.recurrent_dropout < 1:
            state_masks = cell.get_recurrent_dropout_mask(state)
        result = gru(
            inputs,
            state,
            *(weight.value for weight in (cell.kernel, cell.recurrent_kernel, cell.bias)),
            cell.activation,
            input_masks,
            state_masks,
            self.return_sequences,
        )
        last, states = (result[-1], result) if self.return_sequences else (result, result[None])
        return last, ops.transpose(states, (1, 0, 2)), [last]


def gru(
    inputs, state, kernel, recurrent_kernel, bias, activation, input_masks, state_masks, sequences
):
    """The last state, (batch, units), or with ``sequences`` all states, (times, batch, units).

    ``inputs`` (times, batch, features), initial ``state`` (batch, units), ``kernel`` (features,
    3 units), ``recurrent_kernel`` (units, 3 units), ``bias`` (2, 3 units): the gates update, reset and
    candidate in this order, with the reset applied after the matrix product (`reset_after`), as in
    Keras' GRUCell. The dropout masks are lists of one for each gate, (batch, features) and (batch,
    units), or empty.
    """
    times, _, features = inputs.shape
    units = recurrent_kernel.shape[0]
    slope = SLOPES[activation]

    @ops.custom_gradient
    def run(inputs, state, kernel, recurrent_kernel, bias, *masks):
        batch = ops.shape(inputs)[1]
        input_masks_, state_masks_ = masks[: len(input_masks)], masks[len(input_masks) :]
        input_bias, state_bias = bias[0], bias[1]
        empty = ops.zeros((times, batch, units))

        def forward(time, carry):
            h, *saved = carry
            from_input = gates(inputs[time], kernel, input_bias, input_masks_)
            *from_state, m = gates(h, recurrent_kernel, state_bias, state_masks_)
            z, r = (ops.sigmoid(x + y) for x, y in zip(from_input, from_state, strict=False))
            c = activation(from_input[2] + r * m)
            h = z * h + (1 - z) * c
            values = h, z, r, c, m
            return h, *(put(array, value, time) for array, value in zip(saved, values, strict=True))

        last, *saved = ops.fori_loop(0, times, forward, (state, *[empty] * 5))

        def gradient(upstream):
            def backward(index, carry):
                time = times - 1 - index
                d_h, d_inputs, *sums = carry
                _, z, r, c, m = (array[time] for array in saved)
                before = ops.where(time > 0, saved[0][ops.maximum(time - 1, 0)], state)
                d_h = d_h + upstream[time] if sequences else d_h
                d_z = d_h * (before - c) * z * (1 - z)
                d_c = d_h * (1 - z) * slope(c)
                d_r = d_c * m * r * (1 - r)
                d_input, *d_weights = gates_gradient(
                    (d_z, d_r, d_c), inputs[time], kernel, input_masks_
                )
                d_before, *d_state_weights = gates_gradient(
                    (d_z, d_r, d_c * r), before, recurrent_kernel, state_masks_
                )
                sums = [x + y for x, y in zip(sums, [*d_weights, *d_state_weights], strict=True)]
                return d_h * z + d_before, put(d_inputs, d_input, time), *sums

            weights = kernel, input_bias, recurrent_kernel, state_bias
            d_last = ops.zeros_like(state) if sequences else upstream
            start = d_last, ops.zeros((times, batch, features)), *map(ops.zeros_like, weights)
            d_state, d_inputs, d_kernel, d_input_bias, d_recurrent, d_state_bias = ops.fori_loop(
                0, times, backward, start
            )
            d_bias = ops.stack([d_input_bias, d_state_bias])
            d_masks = [ops.zeros_like(mask) for mask in masks]
            return d_inputs, d_state, d_kernel, d_recurrent, d_bias, *d_masks

        return saved[0] if sequences else last, gradient

    masks = [*input_masks, *state_masks]
    return backend.xla_compiled(run)(inputs, state, kernel, recurrent_kernel, bias, *masks)


def put(array, value, time):
    """``array`` (times, ...) with ``value`` at ``time``."""
    return ops.slice_update(array, [time, *[0] * len(value.shape)], value[None])


def gates(values, kernel, bias, masks) -> list:
    """``(values * mask) @ kernel + bias`` for each of the three gates."""
    masked = [values * mask for mask in masks] or [values] * 3
    parts = zip(masked, ops.split(kernel, 3, -1), ops.split(bias, 3), strict=True)
    return [ops.matmul(value, part) + constant for value, part, constant in parts]


def gates_gradient(d_gates, values, kernel, masks) -> tuple:
    """Gradients by the values, kernel and bias of :func:`gates`, from those by its three results."""
    masked = [values * mask for mask in masks] or [values] * 3
    d_values = [
        ops.matmul(d_gate, ops.transpose(part))
        for d_gate, part in zip(d_gates, ops.split(kernel, 3, -1), strict=True)
    ]
    if masks:
        d_values = [d_value * mask for d_value, mask in zip(d_values, masks, strict=True)]
    d_kernel = [
        ops.matmul(ops.transpose(value), d_gate)
        for value, d_gate in zip(masked, d_gates, strict=True)
    ]
    d_bias = ops.concatenate([ops.sum(d_gate, 0) for d_gate in d_gates])
    return sum(d_values), ops.concatenate(d_kernel, -1), d_bias
