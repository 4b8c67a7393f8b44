"""Trained networks as .keras files that plain Keras opens, each with a .json about its inputs."""

import json
from pathlib import Path

import keras

from reverie import recurrent
from reverie.files import replacing


def plain(model: keras.Sequential, name: str) -> keras.Sequential:
    """The model with Keras' own layers in place of ours, with the same weights and a new name."""
    copied = keras.Sequential.from_config(renamed(model.get_config()) | {"name": name})
    copied.set_weights(model.get_weights())
    return copied


def renamed(config):
    """The configuration of a model or of a part of it, with Keras' GRU in place of ours."""
    if isinstance(config, list | tuple):
        return [renamed(part) for part in config]
    if not isinstance(config, dict):
        return config
    if config.get("registered_name") == keras.saving.get_registered_name(recurrent.GRU):
        config = config | {"module": "keras.layers", "registered_name": None}
    return {key: renamed(part) for key, part in config.items()}


def save(model: keras.Model, facts: dict, folder: Path, name: str) -> Path:
    """Write ``name``.keras and, with the ``facts``, ``name``.json into the folder; gives the former."""
    file = folder / f"{name}.keras"
    with replacing(file) as part:
        model.save(part)
    with replacing(file.with_suffix(".json")) as part:
        part.write_text(json.dumps(facts, indent=2) + "\n")
    return file
