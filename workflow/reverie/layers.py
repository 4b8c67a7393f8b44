"""Keras networks and optimizers from the names and arguments in the configuration."""

import re
from contextlib import contextmanager

import keras

from reverie import recurrent
from reverie.errors import ReverieError

OURS = {"GRU": recurrent.GRU}  # used instead of Keras' layer of that name


def layer(spec: dict[str, dict]):
    """The Keras layer of `{GRU: {units: 32}}`; the argument `layer` of Bidirectional is a spec too."""
    ((name, arguments),) = spec.items()
    if "layer" in arguments:
        arguments = {**arguments, "layer": layer(arguments["layer"])}
    return (OURS.get(name) or getattr(keras.layers, name))(**arguments)


def network(specs: list[dict], shape: tuple, path: str) -> keras.Model:
    """The built network for inputs of ``shape`` (without the batch dimension).

    Raises ReverieError for a layer that Keras refuses; ``path`` is the setting that holds `layers`.
    """
    model = keras.Sequential([keras.Input(shape)])
    for index, spec in enumerate(specs):
        with refusal(f"{path}.layers.{index}: Keras refuses {spec}"):
            model.add(layer(spec))
    recurrent.learns_from_data(model.layers[0])
    return model


def optimizer(spec: dict, path: str) -> keras.optimizers.Optimizer:
    """The Keras optimizer of `{name: RMSprop, learning_rate: 0.001}`; raises like :func:`network`."""
    arguments = {name: value for name, value in spec.items() if name != "name"}
    with refusal(f"{path}.optimizer: Keras refuses {spec}"):
        return getattr(keras.optimizers, spec["name"])(**arguments)


@contextmanager
def refusal(problem: str):
    """Turn any error inside into the ReverieError "problem: reason"."""
    try:
        yield
    except ReverieError:
        raise
    except Exception as error:  # Keras raises exceptions of many types
        raise ReverieError(f"{problem}: {reason(error)}") from None


def reason(error: Exception) -> str:
    """The message of the error in one line, without the stack frames that TensorFlow puts before it."""
    *frames, message = re.split(r'File ".*", line \d+, in .*', str(error))
    if frames:  # the last frame's line of code comes first
        _, _, message = message.partition("\n\n")
    return " ".join(re.sub(r"\x1b\[\d+m", "", message).split())[:300]
