"""Keras layers and optimizers in the configuration, by name and from lists of allowed names.

So a configuration cannot make Keras run arbitrary code (no Lambda, no custom objects).
"""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from reverie.config.fields import did_you_mean

LAYERS = [
    "Activation",
    "AveragePooling1D",
    "BatchNormalization",
    "Bidirectional",
    "Conv1D",
    "Dense",
    "Dropout",
    "Flatten",
    "GRU",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalMaxPooling1D",
    "LSTM",
    "LayerNormalization",
    "MaxPooling1D",
    "SeparableConv1D",
    "SimpleRNN",
    "SpatialDropout1D",
]
OPTIMIZERS = ["Adam", "AdamW", "Adamax", "Nadam", "RMSprop", "SGD"]


def refuse_numbers_as_text(arguments: dict) -> None:
    """Raise ValueError for a number in quotes, or one such as 1e-3, which YAML reads as text."""
    for name, value in arguments.items():
        if isinstance(value, str) and re.fullmatch(
            r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", value, re.I
        ):
            number = int(value) if value.isdecimal() else float(value)
            raise ValueError(f"{name} is the text {value!r}; write the number {number}")


def layer(value: Any) -> dict[str, dict]:
    """`GRU` or `{GRU: {units: 32}}` as `{"GRU": {...}}`; raises ValueError for anything else.

    The layer that Bidirectional wraps is checked in the same way.
    """
    value = {value: {}} if isinstance(value, str) else value
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError(f"must be one layer such as {{GRU: {{units: 32}}}}, not {value!r}")
    ((name, arguments),) = value.items()
    if name not in LAYERS:
        raise ValueError(f"layer {name!r} is not known{did_you_mean(name, LAYERS)}")
    arguments = {} if arguments is None else arguments
    if not isinstance(arguments, dict) or not all(isinstance(key, str) for key in arguments):
        raise ValueError(f"the arguments of {name} must be `name: value`, not {arguments!r}")
    refuse_numbers_as_text(arguments)
    if name == "Bidirectional":
        if "layer" not in arguments:
            raise ValueError("Bidirectional needs the layer it wraps: {Bidirectional: {layer: …}}")
        arguments = {**arguments, "layer": layer(arguments["layer"])}
    return {name: arguments}


def optimizer(value: Any) -> dict:
    """`RMSprop` or `{name: RMSprop, learning_rate: 0.001}` as a dict; ValueError for anything else."""
    value = {"name": value} if isinstance(value, str) else value
    if not isinstance(value, dict) or "name" not in value:
        raise ValueError(
            "must be a name such as RMSprop, or {name: RMSprop, learning_rate: 0.001}, "
            f"not {value!r}"
        )
    if value["name"] not in OPTIMIZERS:
        name = value["name"]
        raise ValueError(f"optimizer {name!r} is not known{did_you_mean(name, OPTIMIZERS)}")
    refuse_numbers_as_text(value)
    if averages := [name for name in value if name == "use_ema" or name.startswith("ema_")]:
        raise ValueError(
            f"{averages[0]} has no effect here; `average` of a network, where it has that setting, keeps "
            "moving averages of its weights"
        )
    return value


NameOrArguments = WithJsonSchema({"type": ["string", "object"]})
Layers = Annotated[
    list[Annotated[dict, BeforeValidator(layer), NameOrArguments]],
    Field(min_length=1, max_length=100),
]
Optimizer = Annotated[dict, BeforeValidator(optimizer), NameOrArguments]
