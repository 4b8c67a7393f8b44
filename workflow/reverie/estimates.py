"""How long a run will take: built-in estimates, corrected by the times of earlier runs."""

import json
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from statistics import median

from reverie.archives import open_table
from reverie.durations import in_words
from reverie.errors import ReverieError

# Seconds of one step of ascent on a million pixels through a whole network, on one core.
PIXEL_STEP = {"InceptionV3": 2, "VGG16": 9, "VGG19": 11, "SqueezeNet": 0.4}
# Share of a network's multiplications up to the end of a block, where dreams by its layers stop.
DEPTH = {
    "InceptionV3": {
        f"mixed{block}": share
        for block, share in enumerate(
            (0.28, 0.34, 0.40, 0.47, 0.54, 0.63, 0.71, 0.82, 0.88, 0.93, 1)
        )
    },
    "VGG16": {"block1": 0.13, "block2": 0.31, "block3": 0.61, "block4": 0.91, "block5": 1},
    "VGG19": {"block1": 0.10, "block2": 0.24, "block3": 0.57, "block4": 0.91, "block5": 1},
}
# Seconds to fit a forecaster that is no network to the lecture's series, on one core.
FIT_SECONDS = {"climatology": 2, "linear": 15, "ridge": 10, "trees": 30}
AGAIN = 0.3  # share of a fit's time that a second one takes, which chooses nothing
STARTING = 8  # seconds until a job has imported Keras and built its network


def seconds(network: dict, step_ms: float) -> float:
    """Core-seconds to train a network with the settings that its training rule has as parameter.

    ``step_ms`` are the milliseconds of a step on a batch of 128. With `refit` the network is trained
    twice; the second training is shorter where the best epoch comes early.
    """
    epochs = network["epochs"] * (2 if network.get("refit") else 1)
    return epochs * network["steps"] * step_ms / 1000 * network["batch"] / 128 + STARTING


def fit_seconds(settings: dict) -> float:
    """Core-seconds to fit a forecaster with the settings that its rule has as parameter."""
    return FIT_SECONDS[settings["kind"]] * (1 + AGAIN * settings["refit"])


def depth(network: str, layers: Iterable[str]) -> float:
    """The share of a network's multiplications up to the deepest of the ``layers``, by blocks."""
    shares = DEPTH.get(network, {})
    return max(shares.get(layer.split("_")[0], 1) for layer in layers)


def picture_seconds(network: str, pixels: float) -> float:
    """Core-seconds of a job whose steps, were its pictures square, cover ``pixels`` in total.

    Pixels of steps that end within the network count by its :func:`depth`.
    """
    return PIXEL_STEP[network] * pixels * 0.6 / 1e6 + STARTING  # most pictures are not square


@cache
def table_rows(path: str) -> int:
    """Rows of the user's own table; 0 of one that cannot be read, whose reader will say so."""
    with suppress(OSError, ReverieError), open_table(Path(path)) as file:
        return max(sum(1 for _ in file) - 1, 0)
    return 0


def identity(rule: str, wildcards: dict) -> str:
    """The rule and its wildcards without the seed: jobs with the same identity take the same time."""
    return " ".join([rule, *(str(wildcards[name]) for name in wildcards if name != "seed")])


def corrections(results: Path, gpu: bool) -> dict[str, float]:
    """The :func:`ratios` of the earlier jobs whose records are below ``results``."""
    records = []
    for file in results.glob("*/logs/**/*.json"):
        with suppress(OSError, ValueError):
            records.append(json.loads(file.read_text()))
    return ratios(records, gpu)


def ratios(records: Iterable[dict], gpu: bool) -> dict[str, float]:
    """Median ratio of actual to estimated time of jobs, by identity, and of all but fits as "".

    Of those on a GPU if ``gpu``, else of those on a CPU. The record of a job that resumed from a
    checkpoint has no estimate and is left out.
    """
    by_name: dict[str, list[float]] = {}
    for record in records:
        if record.get("estimate") and bool(record.get("gpu")) == gpu:
            ratio = record["seconds"] / record["estimate"]
            # What a fit takes tells nothing about networks and pictures.
            others = [""] if not record["rule"].startswith("fit_") else []
            for name in (identity(record["rule"], record["wildcards"]), *others):
                by_name.setdefault(name, []).append(ratio)
    return {name: median(values) for name, values in by_name.items()}


def corrected(jobs: Iterable[tuple[str, float]], known: dict[str, float]) -> list[float]:
    """Seconds of each job, a pair of identity and estimate, corrected by the :func:`ratios`."""
    return [guess * known.get(name, known.get("", 1)) for name, guess in jobs]


def elapsed(seconds: list[float], at_once: int) -> float:
    """Seconds until all jobs are done, ``at_once`` of them at a time."""
    return max(sum(seconds) / at_once, *seconds)


def sentence(
    jobs: list[tuple[str, float]], known: dict[str, float], at_once: int, gpu: bool
) -> str:
    """What is to be trained and drawn, and how long that will take, in one line.

    ``jobs`` are pairs of an identity and an estimate in seconds, ``known`` the :func:`corrections`.
    """
    if not jobs:
        return "Every network is trained and every picture drawn already."
    seconds = corrected(jobs, known)
    at_once = min(at_once, len(jobs))
    rules = [name.split()[0] for name, _ in jobs]
    trained, fitted, computed = (
        sum(verb in rule for rule in rules) for verb in ("train_", "fit_", "compute_")
    )
    pictures = len(jobs) - trained - fitted - computed
    forecasters = rules.count("fit_forecaster")
    counts = [
        counted(computed, "set of features to compute"),
        counted(trained, "network to train"),
        counted(forecasters, "forecaster to fit"),
        counted(fitted - forecasters, "model to fit"),
        counted(pictures, "picture to draw"),
    ]
    *others, last = filter(None, counts)
    work = " and ".join(filter(None, [", ".join(others), last]))
    needed = f"{in_words(sum(seconds))} of {'GPU' if gpu else 'processor core'} time"
    if at_once > 1:
        needed += f", {in_words(elapsed(seconds, at_once))} with {at_once} jobs at a time"
    source = "judged by earlier runs" if known else "a rough guess"
    return f"To do: {work}, about {needed} ({source})."


def counted(count: int, phrase: str) -> str:
    """ "2 networks to train" for 2 and "network to train"; "" for 0."""
    noun, rest = phrase.split(" ", 1)
    return f"{count} {noun}{'s' * (count > 1)} {rest}" if count else ""
