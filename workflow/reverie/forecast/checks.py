"""Build every network and take a training step with it before any network is trained.

Each network has its own check, on which its training depends, so that a change of one network does not
retrain the others. Since Keras takes seconds to import, the first check builds all networks and
saves the results for the others.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import numpy as np
from filelock import FileLock

from reverie import durations
from reverie.checkpoints import key
from reverie.errors import ReverieError
from reverie.files import replacing

WINDOWS = 2  # in the training step


def check(
    name: str,
    networks: dict[str, dict],
    series_file: Path,
    cache_file: Path,
    file: Path,
    start: Callable[[], None],
    code: str,
) -> None:
    """Write the facts of the network ``name``; raises ReverieError if Keras refuses any network.

    ``networks`` are the settings of all networks by name, ``code`` is the hash of the code. ``start``
    is called before Keras is imported. ``cache_file`` holds the facts of all networks. ``file``
    (JSON) receives `parameters`, and `outputs`: name, output shape and parameters of each layer.
    """
    with np.load(series_file, allow_pickle=False) as series:
        columns, interval = series["columns"].tolist(), float(series["interval_minutes"])
    keras = metadata.version("keras")
    cache_key = key(networks=networks, columns=columns, interval=interval, code=code, keras=keras)
    lock = cache_file.with_suffix(".lock")
    with FileLock(lock):
        cache = {}
        with suppress(OSError, ValueError):  # missing or damaged
            cache = json.loads(cache_file.read_text())
        if cache.get("key") != cache_key:
            start()
            facts = {
                variant: build(variant, network, columns, interval)
                for variant, network in networks.items()
            }
            cache = {"key": cache_key, "networks": facts}
            with replacing(cache_file) as part:
                part.write_text(json.dumps(cache, indent=2) + "\n")
    lock.unlink(missing_ok=True)
    facts = cache["networks"]
    # A refused network fails the checks of all; the sentence is about this one if possible.
    for network_facts in (facts[name], *facts.values()):
        if "refused" in network_facts:
            raise ReverieError(network_facts["refused"])
    file.write_text(json.dumps(facts[name], indent=2) + "\n")


def build(name: str, network: dict, columns: list[str], interval: float) -> dict:
    """Facts of one network, or `refused` with the sentence about why Keras cannot build or train it.

    The network takes one step on windows of a random series with these ``columns`` and rows ``interval``
    minutes apart, and predicts them.
    """
    from reverie import backend, layers
    from reverie.forecast import models

    path = f"forecast.variants.{name}"
    lookback, step, delay = (
        durations.rows(network[span], interval, f"forecast.{span}")
        for span in ("lookback", "step", "delay")
    )
    windows = np.arange(lookback, lookback + WINDOWS, dtype=np.int32)
    rows = lookback + WINDOWS + delay
    series = {
        "values": np.random.default_rng(0).normal(size=(rows, len(columns))).astype(np.float32),
        "time": 60 * interval * np.arange(rows),
        "columns": columns,
        "target": 0,
        "measured": np.ones(rows, bool),
        "unmeasured": np.zeros(rows, bool),
        "interval_minutes": interval,
        "train_end": rows,
    }
    try:
        with layers.refusal(f"{path}: Keras cannot train this network"), backend.without_xla():
            loop = models.loop(network, lookback, step, delay, series, path)
            model = loop.model
            if len(model.output_shape) != (3 if network["replication"] else 2):
                raise ReverieError(
                    f"{path}.layers: the output has shape {model.output_shape[1:]} and should be one "
                    "number; end with Flatten, a pooling, or a recurrent layer without "
                    "return_sequences."
                )
            loop.train(windows[None])
            loop.predict(windows)
    except ReverieError as error:
        return {"refused": str(error)}
    return {
        "parameters": model.count_params(),
        "outputs": [
            [layer.name, list(layer.output.shape[1:]), layer.count_params()]
            for layer in model.layers
        ],
    }
