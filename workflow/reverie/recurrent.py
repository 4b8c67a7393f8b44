"""Keras' GRU with a gradient written out, with which a processor trains it faster.

Left to itself, TensorFlow differentiates Keras' loop over time into one that copies the list of all
outputs at each time, and keeps the weights of each. Here both directions are one plain loop. It pays
most with dropout, in a stack and behind a convolution.
"""

import keras
from keras import ops

from reverie import backend

# Slopes of the activations, from their values.
SLOPES = {
    keras.activations.tanh: lambda y: 1 - y * y,
    keras.activations.relu: lambda y: ops.cast(y > 0, y.dtype),
}


@keras.saving.register_keras_serializable("reverie")
class GRU(keras.layers.GRU):
    """Keras' layer with its weights and its results.

    It leaves to Keras what it has no gradient for, and a GPU, for which Keras has cuDNN's GRU.
    """

    def inner_loop(self, sequences, initial_state, mask, training=False):
        cell = self.cell
        own = (
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
        if not own:
            return super().inner_loop(sequences, initial_state, mask, training)
        (state,) = initial_state if isinstance(initial_state, list | tuple) else [initial_state]
        inputs = ops.transpose(sequences, (1, 0, 2))
        if self.go_backwards:
            inputs = ops.flip(inputs, 0)
        input_masks, state_masks = [], []
        # A rate of 1 drops nothing in Keras' cell.
        if training and 0 < cell.dropout < 1:
            input_masks = cell.get_dropout_mask(sequences[:, 0])
        if not isinstance(input_masks, list):  # one for all gates
            inputs, input_masks = inputs * input_masks, []
        if training and 0 < cell.recurrent_dropout < 1:
            state_masks = cell.get_recurrent_dropout_mask(state)
        result = recur(
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


def recur(
    inputs, state, kernel, recurrent_kernel, bias, activation, input_masks, state_masks, everything
):
    """The last state, (batch, units), or the states at all times, (times, batch, units).

    inputs (times, batch, features), state before the first time (batch, units), kernel (features,
    3 units), recurrent_kernel (units, 3 units), bias (2, 3 units): gates in the order update, reset,
    candidate, with the reset after the product, as in Keras' GRUCell. Masks are lists of one for each
    gate, (batch, features) and (batch, units), or empty.
    """
    times, _, features = inputs.shape
    units = recurrent_kernel.shape[0]
    slope = SLOPES[activation]

    @ops.custom_gradient
    def run(inputs, state, kernel, recurrent_kernel, bias, *masks):
        batch = ops.shape(inputs)[1]
        input_masks_, state_masks_ = masks[: len(input_masks)], masks[len(input_masks) :]
        input_bias, state_bias = bias[0], bias[1]
        nothing = ops.zeros((times, batch, units))

        def forward(time, carry):
            h, *kept = carry
            of_input = gates(inputs[time], kernel, input_bias, input_masks_)
            *of_state, m = gates(h, recurrent_kernel, state_bias, state_masks_)
            z, r = (ops.sigmoid(x + y) for x, y in zip(of_input, of_state, strict=False))
            c = activation(of_input[2] + r * m)
            h = z * h + (1 - z) * c
            return h, *(
                put(all_, now, time) for all_, now in zip(kept, (h, z, r, c, m), strict=True)
            )

        last, *kept = ops.fori_loop(0, times, forward, (state, *[nothing] * 5))

        def gradient(upstream):
            def backward(index, carry):
                time = times - 1 - index
                d_h, d_inputs, *sums = carry
                _, z, r, c, m = (all_[time] for all_ in kept)
                before = ops.where(time > 0, kept[0][ops.maximum(time - 1, 0)], state)
                d_h = d_h + upstream[time] if everything else d_h
                d_z = d_h * (before - c) * z * (1 - z)
                d_c = d_h * (1 - z) * slope(c)
                d_r = d_c * m * r * (1 - r)
                d_input, *of_input = gates_back((d_z, d_r, d_c), inputs[time], kernel, input_masks_)
                d_before, *of_state = gates_back(
                    (d_z, d_r, d_c * r), before, recurrent_kernel, state_masks_
                )
                sums = [x + y for x, y in zip(sums, [*of_input, *of_state], strict=True)]
                return d_h * z + d_before, put(d_inputs, d_input, time), *sums

            nothings = [
                ops.zeros_like(x) for x in (kernel, input_bias, recurrent_kernel, state_bias)
            ]
            d_last = ops.zeros_like(state) if everything else upstream
            start = d_last, ops.zeros((times, batch, features)), *nothings
            d_state, d_inputs, d_kernel, d_input_bias, d_recurrent, d_state_bias = ops.fori_loop(
                0, times, backward, start
            )
            d_bias = ops.stack([d_input_bias, d_state_bias])
            d_masks = [ops.zeros_like(mask) for mask in masks]
            return d_inputs, d_state, d_kernel, d_recurrent, d_bias, *d_masks

        return kept[0] if everything else last, gradient

    masks = [*input_masks, *state_masks]
    return backend.alone(run)(inputs, state, kernel, recurrent_kernel, bias, *masks)


def put(all_, now, time):
    """``all_`` (times, ...) with ``now`` at ``time``."""
    return ops.slice_update(all_, [time, *[0] * len(now.shape)], now[None])


def gates(values, kernel, bias, masks) -> list:
    """``values @ kernel + bias`` for each of the three gates, with its own mask on the values."""
    masked = [values * mask for mask in masks] or [values] * 3
    parts = zip(masked, ops.split(kernel, 3, -1), ops.split(bias, 3), strict=True)
    return [ops.matmul(value, part) + constant for value, part, constant in parts]


def gates_back(slopes, values, kernel, masks) -> tuple:
    """Gradients for the values, the kernel and the bias of :func:`gates`, from the gates' slopes."""
    masked = [values * mask for mask in masks] or [values] * 3
    back = [
        ops.matmul(slope, ops.transpose(part))
        for slope, part in zip(slopes, ops.split(kernel, 3, -1), strict=True)
    ]
    if masks:
        back = [value * mask for value, mask in zip(back, masks, strict=True)]
    d_kernel = [
        ops.matmul(ops.transpose(value), slope) for value, slope in zip(masked, slopes, strict=True)
    ]
    d_bias = ops.concatenate([ops.sum(slope, 0) for slope in slopes])
    return sum(back), ops.concatenate(d_kernel, -1), d_bias
