"""How long the trainings on the text will take."""

import json
from collections.abc import Iterator
from pathlib import Path

from reverie import estimates
from reverie.text import networks

STEP_MS = 42  # of a training step on 128 windows, for each recurrent layer, on one core
RECURRENT = {"GRU", "LSTM", "SimpleRNN", "Bidirectional"}


def jobs(settings: dict, folder: Path) -> Iterator[tuple[str, dict, float]]:
    """Rule, wildcards and core-seconds of every training; ``settings`` is the configuration.

    The text's length is that of its asset, or where that is unknown that of the run in ``folder``.
    """
    text, network = settings["text"], networks.network(settings)
    characters = not text["corpus"] and settings["assets"][text["asset"]]["bytes"]
    if not characters:
        characters = json.loads((folder / "text" / "corpus.json").read_text())["characters"]
    seconds = training_seconds(network, characters, text["held_out"])
    for seed in text["seeds"]:
        yield "train_writer", {"seed": str(seed)}, seconds


def training_seconds(network: dict, characters: int, held_out: float) -> float:
    """Core-seconds of a training on a text of so many characters."""
    steps = networks.estimated_steps(network, characters, held_out)
    layers = sum(name in RECURRENT for spec in network["layers"] for name in spec)
    return estimates.seconds(network | {"steps": steps}, STEP_MS * max(layers, 1))
