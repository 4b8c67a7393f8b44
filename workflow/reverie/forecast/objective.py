"""What a network of the forecast learns, and what of its outputs is the forecast.

The outputs of a network are those of the target, one or one for each quantile, and behind them the
auxiliary ones. With target replication it gives them at every input time.
"""

import keras
import numpy as np
from keras import ops

READERS = {"GRU", "LSTM", "SimpleRNN"}  # layers that can give an output at every time


def outputs(network: dict, columns: int) -> int:
    """How many outputs the network has; ``columns`` counts its auxiliary targets."""
    return len(network["quantiles"] or [0.5]) + columns


def with_sequences(specs: list[dict]) -> list[dict]:
    """The layers, of which the last recurrent one gives its output at every time."""
    last = max(place for place, spec in enumerate(specs) if READERS & spec.keys())
    ((name, arguments),) = specs[last].items()
    replaced = {name: arguments | {"return_sequences": True}}
    return [*specs[:last], replaced, *specs[last + 1 :]]


def plain(network: dict) -> bool:
    """Whether the network has one output, which learns the absolute error and nothing else."""
    return not (network["quantiles"] or network["auxiliary"] or network["replication"])


def loss(network: dict):
    """The loss of each window: `loss(targets, outputs)`, (batch,).

    ``targets`` (batch, 1 + auxiliary ones), NaN for an auxiliary one that was not measured; ``outputs``
    (batch, outputs) or with replication (batch, times, outputs). The absolute error, or with quantiles
    their mean :func:`pinball` loss, plus the weighted mean absolute error of the auxiliary outputs.
    With target replication (Lipton et al. 2016, "Learning to diagnose with LSTM recurrent neural
    networks") the losses at all times and at the last one are mixed.
    """
    if plain(network):
        return keras.losses.mean_absolute_error
    levels, auxiliary, share = (network[key] for key in ("quantiles", "auxiliary", "replication"))

    def of_outputs(targets, outputs):
        outputs = ops.cast(outputs, "float32")
        main, others = outputs[..., : len(levels or [0.5])], outputs[..., len(levels or [0.5]) :]
        truth = targets[..., :1]
        if levels:
            error = pinball(truth, ops.sort(main, axis=-1), levels)
        else:
            error = ops.mean(ops.abs(truth - main), axis=-1)
        if auxiliary:
            error = error + auxiliary["weight"] * mean_known_error(targets[..., 1:], others)
        return error

    def of_windows(targets, outputs):
        if not share:
            return of_outputs(targets, outputs)
        errors = of_outputs(targets[:, None], outputs)  # (batch, times)
        return share * ops.mean(errors, axis=1) + (1 - share) * errors[:, -1]

    return of_windows


def pinball(truth, forecasts, levels: list[float]):
    """Twice the mean pinball loss of the quantiles ``levels``, so that the median's is its absolute error.

    ``truth`` (..., 1), ``forecasts`` (..., quantiles); gives (...,).
    """
    levels = np.array(levels, np.float32)
    error = truth - forecasts
    return 2 * ops.mean(ops.maximum(levels * error, (levels - 1) * error), axis=-1)


def mean_known_error(truth, forecasts):
    """The mean absolute error over the last axis of where ``truth`` is a number; 0 where it never is."""
    known = ops.isfinite(truth)
    # Without this, the gradient of what is not counted would be NaN.
    errors = ops.abs(ops.where(known, truth, 0.0) - forecasts)
    count = ops.sum(ops.cast(known, "float32"), axis=-1)
    return ops.sum(ops.where(known, errors, 0.0), axis=-1) / ops.maximum(count, 1.0)


def forecasts(network: dict, outputs):
    """The forecasts among the outputs: (batch, 1), or in ascending order (batch, quantiles)."""
    levels = network["quantiles"]
    last = outputs[:, -1] if network["replication"] else outputs
    return ops.sort(last[:, : len(levels)], axis=-1) if levels else last[:, :1]


def median(network: dict) -> int:
    """The place of the forecast that is scored among those of :func:`forecasts`."""
    return network["quantiles"].index(0.5) if network["quantiles"] else 0


def scored(network: dict):
    """What is predicted and scored: `(targets, outputs)` to forecasts and absolute errors, (batch,).

    None for a :func:`plain` network, whose outputs and losses these are.
    """
    if plain(network):
        return None
    place = median(network)

    def of_windows(targets, outputs):
        predicted = forecasts(network, ops.cast(outputs, "float32"))
        return predicted, ops.abs(targets[:, 0] - predicted[:, place])

    return of_windows
