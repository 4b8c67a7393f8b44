"""How long the trainings of the forecast will take."""

from collections.abc import Iterator
from pathlib import Path

from reverie import estimates
from reverie.forecast import variants


def jobs(settings: dict, folder: Path) -> Iterator[tuple[str, dict, float]]:
    """Rule, wildcards and core-seconds of every training; ``settings`` is the configuration.

    Blends take seconds after them.
    """
    networks, fitted = variants.networks(settings), variants.fitted(settings)
    for name, seeds in variants.seeds(settings).items():
        for seed in seeds:
            if name in networks:
                wildcards = {"variant": name, "seed": str(seed)}
                yield "train_forecaster", wildcards, estimates.seconds(networks[name])
            elif name in fitted:
                seconds = estimates.FIT_SECONDS[fitted[name]["kind"]]
                yield "fit_forecaster", {"fit": f"{name}/seed{seed}"}, seconds
