"""The paper's networks: stacked LSTMs, perceptrons, and a GRU whose inputs and memory decay.

All give log odds, of the targets first and then of the auxiliary labels: (episodes, outputs), or with
target replication those at every hour, (episodes, hours, outputs).
"""

import keras
import numpy as np
from keras import ops

from reverie import layers


def build(network: dict, shape: tuple, outputs: int, means: np.ndarray | None = None):
    """The network for inputs of ``shape``, without the batch dimension; an LSTM takes them from 0 to 1.

    ``network`` has `kind` (lstm, gru_d or mlp), `units` of each layer, `dropout`, `decay` (L2 of all
    matrices) and `replication` (α, None for none). A gru_d needs ``means``, (variables,), the mean of each
    scaled variable over the training episodes. Dropout is between layers, never between hours.
    """
    decay = keras.regularizers.L2(network["decay"]) if network["decay"] else None
    regular = {"kernel_regularizer": decay}
    recurrent = network["kind"] != "mlp"
    # An LSTM learns faster from inputs around 0.
    stack = [keras.layers.Rescaling(2, offset=-1)] if network["kind"] == "lstm" else []
    for place, units in enumerate(network["units"]):
        last = place == len(network["units"]) - 1
        options = {"return_sequences": network["replication"] is not None or not last}
        if network["kind"] == "lstm":
            stack.append(
                keras.layers.LSTM(
                    units, recurrent_regularizer=decay, unroll=True, **regular, **options
                )
            )
        elif place == 0 and network["kind"] == "gru_d":
            cell = DecayCell(units, means=list(map(float, means)), decay=network["decay"])
            stack.append(keras.layers.RNN(cell, unroll=True, **options))
        elif recurrent:
            stack.append(
                layers.OURS["GRU"](units, recurrent_regularizer=decay, **regular, **options)
            )
        else:
            stack.append(keras.layers.Dense(units, activation="relu", **regular))
        if network["dropout"]:
            stack.append(keras.layers.Dropout(network["dropout"]))
    stack.append(keras.layers.Dense(outputs, **regular))
    return keras.Sequential([keras.Input(shape), *stack])


@keras.saving.register_keras_serializable("reverie")
class DecayCell(keras.layers.Layer):
    """A GRU for values with gaps (Che et al. 2018, "Recurrent neural networks for multivariate time
    series with missing values", GRU-D).

    The longer ago a variable was measured, the more its last value fades to its mean, and the more of
    the memory is lost; both rates are learned. Inputs (batch, 3 variables + others): last values, whether
    measured, time since the measurement before, and inputs that do not decay.
    """

    def __init__(self, units: int, means: list[float], decay: float = 0, **options):
        super().__init__(**options)
        self.units, self.means, self.decay = units, means, decay
        self.state_size = self.output_size = units

    def build(self, shape):
        variables, units = len(self.means), self.units
        regular = {"regularizer": keras.regularizers.L2(self.decay) if self.decay else None}
        inputs = shape[-1] - variables  # the times are no input
        self.kernel = self.add_weight(
            (inputs, 3 * units), "glorot_uniform", name="kernel", **regular
        )
        self.recurrent_kernel = self.add_weight(
            (units, 3 * units), "orthogonal", name="recurrent_kernel", **regular
        )
        self.bias = self.add_weight((3 * units,), "zeros", name="bias")
        # At 0, where the rectifier has no slope, it would stay.
        self.input_decay = self.add_weight((variables,), "ones", name="input_decay")
        self.input_decay_bias = self.add_weight((variables,), "zeros", name="input_decay_bias")
        self.state_decay = self.add_weight(
            (variables, units), "glorot_uniform", name="state_decay", **regular
        )
        self.state_decay_bias = self.add_weight((units,), "zeros", name="state_decay_bias")
        self.built = True

    def call(self, inputs, states, training=False):
        variables = len(self.means)
        value, measured, since, others = ops.split(
            inputs, [variables, 2 * variables, 3 * variables], axis=-1
        )
        faded = ops.exp(-ops.relu(since * self.input_decay + self.input_decay_bias))
        mean = ops.convert_to_tensor(self.means, inputs.dtype)
        value = ops.where(measured > 0, value, faded * value + (1 - faded) * mean)
        kept = ops.exp(-ops.relu(ops.matmul(since, self.state_decay) + self.state_decay_bias))
        state = kept * states[0]
        gates = ops.matmul(ops.concatenate([value, measured, others], -1), self.kernel) + self.bias
        z_input, r_input, c_input = ops.split(gates, 3, -1)
        z_state, r_state = ops.split(
            ops.matmul(state, self.recurrent_kernel[:, : 2 * self.units]), 2, -1
        )
        z, r = ops.sigmoid(z_input + z_state), ops.sigmoid(r_input + r_state)
        candidate = ops.tanh(
            c_input + ops.matmul(r * state, self.recurrent_kernel[:, 2 * self.units :])
        )
        state = (1 - z) * state + z * candidate
        return state, [state]

    def get_config(self):
        own = {"units": self.units, "means": self.means, "decay": self.decay}
        return super().get_config() | own


def cross_entropy(truth, logits):
    """The mean over the labels in nats, (…,), without those that are unknown, NaN."""
    known = ops.cast(ops.logical_not(ops.isnan(truth)), "float32")
    filled = ops.where(ops.isnan(truth), 0.0, truth)
    # log(1 + exp(logits)) - truth * logits, without overflow
    losses = ops.softplus(logits) - filled * logits
    return ops.sum(losses * known, -1) / ops.maximum(ops.sum(known, -1), 1.0)


def loss(network: dict, hours: int):
    """The loss of each episode, `loss(truth, logits)`, (batch,); ``truth`` (batch, outputs).

    With target replication α, α times the mean of the losses at all hours plus 1 − α times the
    loss at the last one. With linear gain the mean is weighted by the number of the hour, so that
    late hours, when more is known, count more. This is our reading: the slide has only the name.
    """
    share = network["replication"]
    if share is None:
        return cross_entropy
    gain = np.arange(1, hours + 1) if network["gain"] else np.ones(hours)
    weights = share * gain / gain.sum()
    weights[-1] += 1 - share
    weights = weights.astype(np.float32)

    def replicated(truth, logits):
        return ops.sum(cross_entropy(truth[:, None], logits) * weights, axis=1)

    return replicated


def scored(network: dict, targets: int):
    """The targets' log odds at the last hour, (batch, targets), and their loss, (batch,)."""

    def of(truth, logits):
        final = logits if network["replication"] is None else logits[:, -1]
        return final[:, :targets], cross_entropy(truth[:, :targets], final[:, :targets])

    return of
