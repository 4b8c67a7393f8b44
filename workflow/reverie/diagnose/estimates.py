"""How long the trainings and fits of the diagnoses will take."""

from collections.abc import Iterator
from pathlib import Path

from reverie.diagnose import models
from reverie.diagnose.tasks import BOTH_DAYS, FIRST_DAY
from reverie.estimates import STARTING, table_rows

STAYS = 4_000  # in a set of the Challenge
TRAINED = 0.8  # share of the episodes
HOURS = {"conditions": FIRST_DAY, "death": BOTH_DAYS}
# Microseconds on one core for an episode, an hour and a weight of a recurrent layer or for an episode and a
# weight of a perceptron, there and back; and milliseconds of a step of a recurrent network besides.
RECURRENT, DENSE, STEP_MS = 0.00007, 0.00009, 2.2
INPUTS = {"hours": 45, "decay": 120, "ends": 450, "features": 450}
# Seconds to fit a label to a thousand episodes, and besides to read them.
FITS, READING = {"base_rate": 0, "persistence": 0, "logistic": 0.05, "trees": 0.21}, 0.1
LABELS = {"conditions": 26, "death": 1}
OWN_LABELS = 5


def episodes(settings: dict) -> int:
    """About how many episodes the run has."""
    diagnose = settings["diagnose"]
    return table_rows(diagnose["labels"]) if diagnose["table"] else STAYS * len(diagnose["sets"])


def hours(settings: dict, task: str) -> int:
    return HOURS.get(task, settings["diagnose"]["hours"])


def training_seconds(network: dict, folder: str, settings: dict) -> float:
    """Core-seconds to train a network with the settings of :func:`models.network`."""
    count = TRAINED * episodes(settings)
    widths = [INPUTS[network["reads"]], *network["units"]]
    pairs = list(zip(widths, widths[1:], strict=False))
    if network["kind"] == "mlp":
        each, step = DENSE * sum(before * units for before, units in pairs), 0
    else:
        gates = {"lstm": 4, "gru_d": 3}[network["kind"]]
        weights = sum(gates * units * (before + units) for before, units in pairs)
        each, step = RECURRENT * weights * hours(settings, folder.partition("/")[0]), STEP_MS
    epoch = count * each / 1e6 + count / network["batch"] * step / 1e3
    return network["epochs"] * epoch + STARTING


def fit_seconds(model: dict, folder: str, settings: dict) -> float:
    """Core-seconds to fit a model that is no network, with its results in ``folder``."""
    labels = LABELS.get(folder.partition("/")[0], OWN_LABELS)
    return 1 + (READING + FITS[model["kind"]] * labels) * episodes(settings) / 1e3


def jobs(settings: dict, folder: Path) -> Iterator[tuple[str, dict, float]]:
    """Rule, wildcards and core-seconds of every training and fit; ``settings`` is the configuration."""
    for seed in settings["diagnose"]["seeds"]:
        for name, network in models.trained(settings).items():
            wildcards = {"diagnoser": name, "seed": str(seed)}
            yield "train_diagnoser", wildcards, training_seconds(network, name, settings)
        for name, model in models.fitted(settings).items():
            wildcards = {"fitted_diagnoser": name, "seed": str(seed)}
            yield "fit_diagnoser", wildcards, fit_seconds(model, name, settings)
