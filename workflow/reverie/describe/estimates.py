"""How long the features and trainings of the sentences for pictures will take."""

from collections.abc import Iterator
from pathlib import Path

from reverie.describe import selection
from reverie.estimates import STARTING, table_rows

# Of Flickr8k, and of the drawn scenes that stand in for it.
PICTURES, TRAINED, SENTENCES, WORDS = 8_000, 6_000, 5, 2_500
# Core-seconds of a million pixels; of a billion multiplications and additions, there and back, word by word and in
# one product; of a million agreements of regions and words, or log odds of words; and of a training step besides.
MEGAPIXEL = {"InceptionV3": 0.7, "VGG16": 4, "VGG19": 5, "SqueezeNet": 0.7}
WORD_BY_WORD, AT_ONCE, MILLION, STEP = 0.15, 0.05, 0.005, 0.01
DIRECTIONS = {"bag": 0, "rnn": 1, "brnn": 2}  # in which a sentence is read
MATRICES = {"rnn": 2, "gru": 6, "lstm": 8}  # of the units, in a cell


def trained(settings: dict) -> float:
    """About how many pictures the networks learn from."""
    describe = settings["describe"]
    count = TRAINED
    if describe["table"]:  # with as many sentences each as the paper's pictures
        count = TRAINED / PICTURES * table_rows(describe["table"]) / SENTENCES
    return min(count, describe["most"] or count)


def feature_seconds(settings: dict) -> float:
    """Core-seconds to compute the features of all pictures."""
    chosen = settings["describe"]["features"]
    megapixels = chosen["size"] ** 2 / 1e6 * trained(settings) * PICTURES / TRAINED
    return megapixels * MEGAPIXEL[chosen["network"]] + STARTING


def alignment_seconds(network: dict, settings: dict) -> float:
    """Core-seconds to train an alignment model with the settings of :func:`selection.networks`."""
    batch, units, words = network["batch"], network["units"], settings["describe"]["longest"]
    agreements = batch**2 * words * sum(level**2 for level in network["levels"])
    reading = batch * words * units**2 * DIRECTIONS[network["reader"]]
    return seconds(network, reading, agreements, settings)


def writing_seconds(network: dict, settings: dict) -> float:
    """Core-seconds to train a network that writes, likewise."""
    batch, units, words = network["batch"], network["units"], settings["describe"]["longest"]
    odds = batch * words * WORDS
    cells = batch * words * units**2 * MATRICES[network["kind"]]
    trials = len(network["rates"] or [])  # of an epoch each
    return seconds(network | {"epochs": network["epochs"] + trials}, cells, odds, settings)


def seconds(network: dict, recurrent: float, values: float, settings: dict) -> float:
    """Core-seconds of a training, from the products of one step's recurrence, and its agreements or log odds."""
    steps = trained(settings) * SENTENCES / network["batch"]
    products = recurrent * WORD_BY_WORD + values * network["units"] * AT_ONCE
    step = products / 1e9 + values / 1e6 * MILLION + STEP
    return network["epochs"] * steps * step + STARTING


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
