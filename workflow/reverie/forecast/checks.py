"""Build every network, and take a step with it, before any is trained.

Each network has a check of its own, on which its training depends, so that a change of one trains
no other again. But Keras takes seconds to start: the first check builds all networks and leaves
its findings for the others.
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

WINDOWS = 2  # of the step; more take longer and tell nothing more


def check(
    name: str,
    networks: dict[str, dict],
    series_file: Path,
    found_file: Path,
    file: Path,
    start: Callable[[], None],
    code: str,
) -> None:
    """Write the facts of the network ``name``, or raise ReverieError when any was refused.

    ``networks`` are all networks in plain settings, ``code`` identifies the code. ``start`` is
    called before Keras is imported; ``found_file`` keeps the findings. ``file`` receives `parameters`, and `outputs`: for each
    layer its name, the shape of its output, its parameters.
    """
    with np.load(series_file, allow_pickle=False) as series:
        columns, interval = series["columns"].tolist(), float(series["interval_minutes"])
    this = key(
        networks=networks,
        columns=columns,
        interval=interval,
        code=code,
        keras=metadata.version("keras"),
    )
    lock = found_file.with_suffix(".lock")
    with FileLock(lock):
        known = {}
        with suppress(OSError, ValueError):  # absent, or cut off by a kill
            known = json.loads(found_file.read_text())
        if known.get("key") != this:
            start()
            built = {
                n: build(n, network, len(columns), interval) for n, network in networks.items()
            }
            known = {"key": this, "networks": built}
            with replacing(found_file) as part:
                part.write_text(json.dumps(known, indent=2) + "\n")
    lock.unlink(missing_ok=True)
    facts = known["networks"]
    # Its own refusal first; another's ends this check too, in the same words.
    for network in (facts[name], *facts.values()):
        if "refused" in network:
            raise ReverieError(network["refused"])
    file.write_text(json.dumps(facts[name], indent=2) + "\n")


def build(name: str, network: dict, columns: int, interval: float) -> dict:
    """Facts of one network; instead `refused` with the sentence when Keras cannot build or train it.

    It takes one step on windows of a made-up series, and forecasts them.
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
    values = np.random.default_rng(0).normal(size=(rows, columns)).astype(np.float32)
    series = {"values": values, "time": 60 * interval * np.arange(rows), "target": 0}
    try:
        with layers.refusal(f"{path}: Keras cannot train this network"), backend.without_xla():
            loop = models.loop(network, lookback, step, delay, series, path)
            model = loop.model
            if model.output_shape != (None, 1):
                raise ReverieError(
                    f"{path}.layers: the output has shape {model.output_shape[1:]} and should be one "
                    "number; end with Flatten, a pooling, or a recurrent layer without "
                    "return_sequences."
                )
            loop.train(windows[None])
            loop.predict(windows)
    except ReverieError as refused:
        return {"refused": str(refused)}
    return {
        "parameters": model.count_params(),
        "outputs": [
            [layer.name, list(layer.output.shape[1:]), layer.count_params()]
            for layer in model.layers
        ],
    }
