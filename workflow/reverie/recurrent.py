"""Keras' GRU with an explicit gradient, which trains faster: a loop for processors, another for GPUs.

TensorFlow's own gradient of Keras' loop over time copies the list of all outputs and stores the
weights at every time. On a processor, forward and backward pass are one plain loop each. They gain
most with dropout, in a stack of recurrent layers, and after a convolution.

A GPU takes as long to start a small computation as to do it. So its loops do as little as they can:
at each time, the product with the state or its gradient, and what is elementwise. All other products
are one for all times, before or after the loop.
"""

import keras
from keras import ops

from reverie import backend

# Derivatives of the activations as functions of their values.
SLOPES = {
    keras.activations.tanh: lambda y: 1 - y * y,
    keras.activations.relu: lambda y: ops.cast(y > 0, y.dtype),
}
# Compute types of the loops, by whether Keras computes on a processor; weights are float32.
DTYPES = {True: {"float32"}, False: {"float32", "bfloat16"}}
UNROLL = 8  # times in one turn of a loop on a GPU, which starts two or three kernels for each


@keras.saving.register_keras_serializable("reverie")
class GRU(keras.layers.GRU):
    """Keras' layer: the same arguments, weights and results.

    Settings without an explicit gradient here are left to Keras, and so are those that Keras leaves to
    cuDNN.
    """

    data = False  # whether the inputs are data, so that nobody asks for the gradient by them

    def supported(self) -> bool:
        """Whether the loops of this module compute the layer, on sequences without a mask."""
        cell = self.cell
        return (
            not self.stateful
            and cell.use_bias
            and cell.reset_after
            and cell.recurrent_activation is keras.activations.sigmoid
            and cell.activation in SLOPES
            and cell.variable_dtype == "float32"
            and cell.compute_dtype in DTYPES[backend.on_processor()]
            and not by_cudnn(self)
        )

    def inner_loop(self, sequences, initial_state, mask, training=False):
        if mask is not None or sequences.shape[1] is None or not self.supported():
            return super().inner_loop(sequences, initial_state, mask, training)
        cell = self.cell
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
        loop = gru if backend.on_processor() else gru_on_gpu
        result = loop(
            inputs,
            state,
            *(weight.value for weight in (cell.kernel, cell.recurrent_kernel, cell.bias)),
            cell.activation,
            input_masks,
            state_masks,
            self.return_sequences,
            self.data,
        )
        last, states = (result[-1], result) if self.return_sequences else (result, result[None])
        return last, ops.transpose(states, (1, 0, 2)), [last]


def by_cudnn(layer, masked: bool = False) -> bool:
    """Whether Keras computes the recurrent layer by cuDNN: on a GPU, an LSTM; with TensorFlow a GRU too.

    That needs the default activations and no dropout of the state, and with JAX no mask.
    """
    kinds = [keras.layers.LSTM]
    if keras.backend.backend() == "tensorflow":
        kinds.append(keras.layers.GRU)
    return (
        not backend.on_processor()
        and not (masked and keras.backend.backend() == "jax")
        and isinstance(layer, tuple(kinds))
        and layer.activation is keras.activations.tanh
        and layer.recurrent_activation is keras.activations.sigmoid
        and layer.use_bias
        and getattr(layer, "reset_after", True)
        and not layer.recurrent_dropout
        and not layer.unroll
        and layer.use_cudnn in ("auto", True)
    )


def implementation(layer, masked: bool = False) -> str:
    """What computes a recurrent layer: "own loop", "own loop for a GPU", "cuDNN" or "Keras".

    ``masked`` says whether a mask leaves out some times of its inputs.
    """
    if isinstance(layer, GRU) and layer.supported() and not masked:
        return "own loop" if backend.on_processor() else "own loop for a GPU"
    return "cuDNN" if by_cudnn(layer, masked) else "Keras"


def note(model: keras.Model) -> None:
    """Put what computes the model's recurrent layers into the record of this job."""
    for layer in model.layers:
        one_way = getattr(layer, "forward_layer", layer)  # of both directions
        if isinstance(one_way, keras.layers.RNN):
            # Keras passes a mask as one more input.
            masked = any(tensor.dtype == "bool" for tensor in keras.tree.flatten(layer.input))
            backend.RECURRENT.add(implementation(one_way, masked))


def learns_from_data(layer) -> None:
    """Say that the inputs of the layer are data; of one that works in both directions, too.

    TensorFlow does not know that, and would compute the gradient by them in a tenth of each step.
    """
    for way in (getattr(layer, name, layer) for name in ("forward_layer", "backward_layer")):
        if isinstance(way, GRU):
            way.data = True


def gru(
    inputs,
    state,
    kernel,
    recurrent_kernel,
    bias,
    activation,
    input_masks,
    state_masks,
    sequences,
    data=False,
):
    """The last state, (batch, units), or with ``sequences`` all states, (times, batch, units).

    ``inputs`` (times, batch, features), initial ``state`` (batch, units), ``kernel`` (features,
    3 units), ``recurrent_kernel`` (units, 3 units), ``bias`` (2, 3 units): the gates update, reset and
    candidate in this order, with the reset applied after the matrix product (`reset_after`), as in
    Keras' GRUCell. The dropout masks are lists of one for each gate, (batch, features) and (batch,
    units), or empty. The gradient by the inputs is 0 if these are ``data``.
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
            from_state = gates(h, recurrent_kernel, state_bias, state_masks_)
            values = next_state(h, from_input, from_state, activation)
            arrays = zip(saved, values, strict=True)
            return values[0], *(put(array, value, time) for array, value in arrays)

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
                if not data:
                    d_inputs = put(d_inputs, d_input, time)
                return d_h * z + d_before, d_inputs, *sums

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


def next_state(h, from_input, from_state, activation) -> tuple:
    """The state after ``h``, the gates update and reset, the candidate, and its part from the state.

    ``from_input`` and ``from_state`` are those of :func:`gates`; all are (batch, units).
    """
    *from_state, m = from_state
    z, r = (ops.sigmoid(x + y) for x, y in zip(from_input, from_state, strict=False))
    c = activation(from_input[2] + r * m)
    return z * h + (1 - z) * c, z, r, c, m


def shares_inputs(layer) -> bool:
    """Whether :func:`of_windows` computes the layer: our GRU, alone or in both directions."""
    if isinstance(layer, keras.layers.Bidirectional):
        both = layer.forward_layer, layer.backward_layer
        return layer.merge_mode == "concat" and all(map(shares_inputs, both))
    ours = isinstance(layer, GRU) and layer.supported() and not layer.return_state
    return ours and layer.compute_dtype == "float32"


def of_windows(layer, rows, starts, windows: int):
    """The outputs of ``layer`` for windows that overlap, without dropout: those of `layer(inputs)`.

    Window w, from 0 to ``windows`` - 1, reads the rows w + ``starts``, (times,), of ``rows``, (rows,
    features). A row's product with the kernel is computed once for all windows that read the row.
    """
    if isinstance(layer, keras.layers.Bidirectional):
        both = layer.forward_layer, layer.backward_layer
        ahead, back = (of_windows(way, rows, starts, windows) for way in both)
        return ops.concatenate([ahead, ops.flip(back, 1) if layer.return_sequences else back], -1)
    cell = layer.cell
    times, units = len(starts), cell.units
    starts = ops.convert_to_tensor(starts[::-1] if layer.go_backwards else starts, "int32")

    def run(rows, kernel, recurrent_kernel, bias):
        products = gates(rows, kernel, bias[0], [])

        def forward(time, carry):
            h, *states = carry
            from_input = [
                ops.slice(product, [starts[time], 0], [windows, units]) for product in products
            ]
            from_state = gates(h, recurrent_kernel, bias[1], [])
            h, *_ = next_state(h, from_input, from_state, cell.activation)
            return h, *(put(array, h, time) for array in states)

        states = [ops.zeros((times, windows, units))] * layer.return_sequences
        start = ops.zeros((windows, units)), *states
        last, *states = ops.fori_loop(0, times, forward, start)
        return states[0] if states else last

    weights = (weight.value for weight in (cell.kernel, cell.recurrent_kernel, cell.bias))
    result = backend.xla_compiled(run)(rows, *weights)
    # Not inside, so that TensorFlow drops it where the next layer transposes back.
    return ops.transpose(result, (1, 0, 2)) if layer.return_sequences else result


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


def gru_on_gpu(
    inputs,
    state,
    kernel,
    recurrent_kernel,
    bias,
    activation,
    input_masks,
    state_masks,
    sequences,
    data=False,
):
    """:func:`gru` with few and large computations, in the same arguments and results.

    The forward loop keeps the states alone. From them, all gates follow at once before the backward
    loop, and so does what its gradients d_h by the states are multiplied by: those by the gates are
    d_h times a factor. After the loop these give the gradients by weights and inputs, in one product
    each for all times.
    """
    slope = SLOPES[activation]

    @ops.custom_gradient
    def run(inputs, state, kernel, recurrent_kernel, bias, *masks):
        of_input = [ops.stack(masks[: len(input_masks)])] if input_masks else []
        of_state = [ops.stack(masks[len(input_masks) :])] if state_masks else []
        from_input = all_gates(inputs, kernel, bias[0], *of_input)  # three of (times, batch, units)

        def values(h, from_input):
            *from_state, m = all_gates(h, recurrent_kernel, bias[1], *of_state)
            z, r = (ops.sigmoid(x + y) for x, y in zip(from_input, from_state, strict=False))
            return z, r, activation(from_input[2] + r * m), m

        def forward(h, from_input):
            z, _, c, _ = values(h, from_input)
            h = z * h + (1 - z) * c
            return h, h

        last, states = ops.scan(forward, state, from_input, unroll=UNROLL)

        def gradient(upstream):
            before = ops.concatenate([state[None], states[:-1]])
            z, r, c, m = values(before, from_input)
            by_z, by_c = (before - c) * z * (1 - z), (1 - z) * slope(c)
            by_r = by_c * m * r * (1 - r)
            factors = by_z, by_r, by_c * r

            def backward(d_h, at_time):
                z, factors, *upstream = at_time
                d_h = d_h + upstream[0] if upstream else d_h
                d_gates = [d_h * factor for factor in factors]
                return d_h * z + all_gates_back(d_gates, recurrent_kernel, *of_state), d_h

            d_last, by_time = (ops.zeros_like(state), [upstream]) if sequences else (upstream, [])
            d_state, d_h = ops.scan(
                backward, d_last, [z, factors, *by_time], reverse=True, unroll=UNROLL
            )
            d_from_state = [d_h * factor for factor in factors]
            d_from_input = [*d_from_state[:2], d_h * by_c]
            d_inputs = ops.zeros_like(inputs)
            if not data:
                d_inputs = all_gates_back(d_from_input, kernel, *of_input)
            d_kernel = kernel_gradient(d_from_input, inputs, *of_input)
            d_recurrent = kernel_gradient(d_from_state, before, *of_state)
            d_bias = [
                ops.concatenate([ops.sum(d_gate, (0, 1)) for d_gate in d_gates])
                for d_gates in (d_from_input, d_from_state)
            ]
            d_masks = [ops.zeros_like(mask) for mask in masks]
            return d_inputs, d_state, d_kernel, d_recurrent, ops.stack(d_bias), *d_masks

        return states if sequences else last, gradient

    masks = [*input_masks, *state_masks]
    return backend.xla_compiled(run)(inputs, state, kernel, recurrent_kernel, bias, *masks)


def all_gates(values, kernel, bias, masks=None) -> list:
    """:func:`gates` in one product, with ``masks`` (3, batch, n); ``values`` (..., batch, n)."""
    if masks is None:
        return ops.split(ops.matmul(values, kernel) + bias, 3, -1)
    masked = ops.stack([values * mask for mask in ops.unstack(masks)])
    products = ops.einsum("g...n,gnu->g...u", masked, by_gate(kernel))
    return [x + y for x, y in zip(ops.unstack(products), ops.split(bias, 3), strict=True)]


def all_gates_back(d_gates, kernel, masks=None):
    """The gradient by the values of :func:`all_gates`, from those by its three results."""
    if masks is None:
        return ops.matmul(ops.concatenate(d_gates, -1), ops.transpose(kernel))
    products = ops.einsum("g...u,gnu->g...n", ops.stack(d_gates), by_gate(kernel))
    return sum(x * mask for x, mask in zip(ops.unstack(products), ops.unstack(masks), strict=True))


def kernel_gradient(d_gates, values, masks=None):
    """The gradient by the kernel of :func:`all_gates`, (n, 3 units), summed over times and batch."""
    if masks is None:
        return ops.einsum("tbn,tbu->nu", values, ops.concatenate(d_gates, -1))
    masked = ops.stack([values * mask for mask in ops.unstack(masks)])
    products = ops.einsum("gtbn,gtbu->gnu", masked, ops.stack(d_gates))
    return ops.concatenate(ops.unstack(products), -1)


def by_gate(kernel):
    """The kernel (n, 3 units) as (3, n, units)."""
    return ops.stack(ops.split(kernel, 3, -1))
