"""Build every network before any is trained."""

import json
from pathlib import Path

import numpy as np

from reverie import durations, layers
from reverie.errors import ReverieError
from reverie.forecast import models


def check(networks: dict[str, dict], series_file: Path, file: Path) -> None:
    """Write `{name: {parameters, outputs}}` of every network; ReverieError lists all refusals.

    ``outputs`` has a line a layer: its name, the shape of its output, its parameters.
    """
    with np.load(series_file, allow_pickle=False) as series:
        features, interval = len(series["columns"]), float(series["interval_minutes"])
    built, refusals = {}, []
    for name, network in networks.items():
        path = f"forecast.variants.{name}"
        lookback, step = (
            durations.rows(network[key], interval, f"forecast.{key}")
            for key in ("lookback", "step")
        )
        try:
            layers.optimizer(network["optimizer"], path)
            model = models.build(network["layers"], lookback, step, features, path)
            if model.output_shape != (None, 1):
                raise ReverieError(
                    f"{path}.layers: the output has shape {model.output_shape[1:]} and should be one "
                    "number; end with Flatten, a pooling, or a recurrent layer without "
                    "return_sequences."
                )
        except ReverieError as refusal:
            refusals.append(str(refusal))
            continue
        built[name] = {
            "parameters": model.count_params(),
            "outputs": [
                [layer.name, list(layer.output.shape[1:]), layer.count_params()]
                for layer in model.layers
            ],
        }
    if refusals:
        raise ReverieError("; ".join(refusals))
    file.write_text(json.dumps(built, indent=2) + "\n")
