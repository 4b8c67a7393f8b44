"""How long the trainings of the forecast will take."""

from collections.abc import Iterator
from pathlib import Path

from reverie import estimates
from reverie.forecast import variants


def jobs(settings: dict, folder: Path) -> Iterator[tuple[str, dict, float]]:
    """Rule, wildcards and core-seconds of every training; ``settings`` is the configuration."""
    for name, network in variants.networks(settings).items():
        for seed in settings["forecast"]["seeds"]:
            wildcards = {"variant": name, "seed": str(seed)}
            yield "train_forecaster", wildcards, estimates.seconds(network)
