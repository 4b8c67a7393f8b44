"""Networks from data: Keras layers by name with their arguments."""

import re
from contextlib import contextmanager

import keras

from reverie import recurrent
from reverie.errors import ReverieError

OURS = {"GRU": recurrent.GRU}


def layer(spec: dict[str, dict]):
    """The Keras layer of `{GRU: {units: 32}}`; Bidirectional may wrap another spec."""
    ((name, arguments),) = spec.items()
    if "layer" in arguments:
        arguments = {**arguments, "layer": layer(arguments["layer"])}
    return (OURS.get(name) or getattr(keras.layers, name))(**arguments)


def network(specs: list[dict], shape: tuple, path: str) -> keras.Model:
    """The built network for inputs of ``shape`` (without the batch).

    Raises ReverieError, naming the layer under ``path``, when Keras refuses one.
    """
    model = keras.Sequential([keras.Input(shape)])
    for index, spec in enumerate(specs):
        with refusal(f"{path}.layers.{index}: Keras refuses {spec}"):
            model.add(layer(spec))
    return model


def optimizer(spec: dict, path: str) -> keras.optimizers.Optimizer:
    """The Keras optimizer of `{name: RMSprop, learning_rate: 0.001}`."""
    arguments = {name: value for name, value in spec.items() if name != "name"}
    with refusal(f"{path}.optimizer: Keras refuses {spec}"):
        return getattr(keras.optimizers, spec["name"])(**arguments)


@contextmanager
def refusal(what: str):
    """Turn any error inside into a ReverieError that says ``what``, and the reason."""
    try:
        yield
    except ReverieError:
        raise
    except Exception as error:  # Keras raises whatever comes to hand
        raise ReverieError(f"{what}: {reason(error)}") from None


def reason(error: Exception) -> str:
    """What the error says, in one line, without the frames that TensorFlow lists before it."""
    *frames, said = re.split(r'File ".*", line \d+, in .*', str(error))
    if frames:  # a line of code may follow on the last one
        _, _, said = said.partition("\n\n")
    return " ".join(re.sub(r"\x1b\[\d+m", "", said).split())[:300]
