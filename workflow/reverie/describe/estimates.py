"""How long the features, trainings and searches of the sentences for pictures will take."""

from collections.abc import Iterator
from pathlib import Path

from reverie.describe import selection
from reverie.estimates import STARTING

# Of Flickr8k; nobody has counted the user's own yet.
TRAINED, PICTURES, SENTENCES, WORDS = 6_000, 8_000, 5, 2_500
# Core-seconds to compute the features of a million pixels.
MEGAPIXEL = {"InceptionV3": 1.7, "VGG16": 4, "VGG19": 5, "SqueezeNet": 0.4}


def share(settings: dict) -> float:
    """The share of the training pictures that the run uses."""
    return min((settings["describe"]["most"] or TRAINED) / TRAINED, 1)


def feature_seconds(settings: dict) -> float:
    """Core-seconds to compute the features of all pictures."""
    chosen = settings["describe"]["features"]
    megapixels = chosen["size"] ** 2 / 1e6 * PICTURES * share(settings)
    return megapixels * MEGAPIXEL[chosen["network"]] + STARTING


def alignment_seconds(network: dict, settings: dict) -> float:
    return STARTING


def writing_seconds(network: dict, settings: dict) -> float:
    return STARTING


def search_seconds(network: dict, settings: dict) -> float:
    return STARTING


def jobs(settings: dict, folder: Path) -> Iterator[tuple[str, dict, float]]:
    """Rule, wildcards and core-seconds of the long jobs; ``settings`` is the configuration."""
    yield "compute_features", {}, feature_seconds(settings)
    for seed in settings["describe"]["seeds"]:
        for name, network in selection.networks(settings, "models").items():
            wildcards = {"aligner": name, "seed": str(seed)}
            yield "train_aligner", wildcards, alignment_seconds(network, settings)
        for name, network in selection.networks(settings, "writers").items():
            wildcards = {"describer": name, "seed": str(seed)}
            yield "train_describer", wildcards, writing_seconds(network, settings)
