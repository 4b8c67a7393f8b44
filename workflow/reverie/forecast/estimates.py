"""How long the trainings of the forecast will take."""

from collections.abc import Iterator
from pathlib import Path

from reverie import estimates
from reverie.durations import minutes
from reverie.forecast import variants

# Milliseconds of a training step on 128 windows of 240 time steps, on one core of a server: of every
# network, of a convolution, of one direction of a recurrent layer, and of its multiplications
# per window and time step.
NETWORK, CONVOLUTION, RECURRENT, MULTIPLICATION = 1.2, 3.8, 4.2, 0.0035
GATES = {"GRU": 3, "LSTM": 4, "SimpleRNN": 1}
COLUMNS = 13  # of the lecture's series


def jobs(settings: dict, folder: Path) -> Iterator[tuple[str, dict, float]]:
    """Rule, wildcards and core-seconds of every training; ``settings`` is the configuration.

    Blends take seconds after them.
    """
    networks, fitted = variants.networks(settings), variants.fitted(settings)
    for name, seeds in variants.seeds(settings).items():
        for seed in seeds:
            if name in networks:
                wildcards = {"variant": name, "seed": str(seed)}
                yield "train_forecaster", wildcards, training_seconds(networks[name])
            elif name in fitted:
                seconds = estimates.fit_seconds(fitted[name])
                yield "fit_forecaster", {"fit": f"{name}/seed{seed}"}, seconds


def training_seconds(network: dict) -> float:
    """Core-seconds of a training with the settings that its rule has as parameter."""
    return estimates.seconds(network, step_ms(network))


def step_ms(network: dict) -> float:
    """Milliseconds of a training step on a batch of 128, on one core."""
    columns = sum(feature["column"] == "all" for feature in network["features"])
    width, steps = COLUMNS * (1 + columns), minutes(network["lookback"]) / minutes(network["step"])
    length, total = steps / 240, NETWORK
    for spec in network["layers"]:
        ((kind, options),) = spec.items()
        directions = 1
        if kind == "Bidirectional":
            ((kind, options),) = options["layer"].items()
            directions = 2
        if kind in ("Conv1D", "SeparableConv1D"):
            # With kernels of 5, 7 and 9, the full run's convnets took 84, 96 and 104 s.
            total += CONVOLUTION * length * (0.64 + 0.072 * (count(options, "kernel_size") or 5))
            width = count(options, "filters")
        elif kind in GATES:
            units = count(options, "units")
            products = GATES[kind] * units * (units + width)
            total += directions * length * (RECURRENT + MULTIPLICATION * products)
            width = directions * units
        elif kind in ("MaxPooling1D", "AveragePooling1D"):
            length /= count(options, "pool_size") or 2  # the default
    return total


def count(options: dict, name: str) -> int:
    """A layer's option; 0 where it is missing or no count, which Keras will refuse."""
    value = options.get(name)
    return value if isinstance(value, int) and value > 0 else 0
