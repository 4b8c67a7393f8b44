"""Networks from data: Keras layers by name with their arguments."""

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
        try:
            model.add(layer(spec))
        except Exception as error:  # Keras raises whatever comes to hand
            reason = " ".join(str(error).split())
            raise ReverieError(
                f"{path}.layers.{index}: Keras refuses {spec}: {reason[:300]}"
            ) from None
    return model


def optimizer(spec: dict, path: str) -> keras.optimizers.Optimizer:
    """The Keras optimizer of `{name: RMSprop, learning_rate: 0.001}`."""
    arguments = {name: value for name, value in spec.items() if name != "name"}
    try:
        return getattr(keras.optimizers, spec["name"])(**arguments)
    except Exception as error:
        reason = " ".join(str(error).split())
        raise ReverieError(f"{path}.optimizer: Keras refuses {spec}: {reason[:300]}") from None
