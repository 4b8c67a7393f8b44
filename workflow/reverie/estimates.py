"""How long a run will take, before it starts: from a built-in table, corrected by earlier runs."""

import json
from contextlib import suppress
from pathlib import Path
from statistics import median

from reverie.durations import in_words

# Milliseconds of one training step of 128 windows of 240 inputs on one core of a
# server processor, rounded up.
RECURRENT = {"GRU", "LSTM", "SimpleRNN", "Bidirectional"}
STEP_MS = {True: 50, False: 10}
# Seconds of one step of ascent on a million pixels on one core; the deeper the layers, the more.
PIXEL_STEP = {"InceptionV3": 3, "VGG16": 9, "VGG19": 12}
STARTING = 15  # seconds until a job with a network begins


def seconds(network: dict) -> float:
    """Core-seconds to train the network, whose plain settings are those of its training rule."""
    recurrent = [name for spec in network["layers"] for name in spec if name in RECURRENT]
    step = STEP_MS[bool(recurrent)] * max(len(recurrent), 1) / 1000
    return network["epochs"] * network["steps"] * step * network["batch"] / 128 + STARTING


def picture_seconds(network: str, pixels: float) -> float:
    """Core-seconds of a job whose steps on square pictures go over so many pixels in all."""
    return PIXEL_STEP[network] * pixels * 0.6 / 1e6 + STARTING  # most pictures are no squares


def identity(rule: str, wildcards: dict) -> str:
    """What jobs that take the same time share: seeds differ, networks and pictures do not."""
    return " ".join([rule, *(str(wildcards[name]) for name in wildcards if name != "seed")])


def corrections(results: Path, gpu: bool) -> dict[str, float]:
    """How many times the estimate earlier jobs took, by identity; "" stands for all others.

    From the records below ``results`` of jobs on a GPU, or of those on a processor. One that began
    from a checkpoint has no estimate in its record.
    """
    ratios: dict[str, list[float]] = {}
    for file in results.glob("*/logs/**/*.json"):
        with suppress(OSError, ValueError):
            record = json.loads(file.read_text())
            if record.get("estimate") and bool(record.get("gpu")) == gpu:
                ratio = record["seconds"] / record["estimate"]
                for name in (identity(record["rule"], record["wildcards"]), ""):
                    ratios.setdefault(name, []).append(ratio)
    return {name: median(found) for name, found in ratios.items()}


def sentence(
    jobs: list[tuple[str, float]], known: dict[str, float], at_once: int, gpu: bool
) -> str:
    """What is to be trained and drawn, and how long that will take, in one line.

    ``jobs`` have an identity and an estimate in seconds; ``known`` are :func:`corrections`.
    """
    if not jobs:
        return "Every network is trained and every picture drawn already."
    seconds = [guess * known.get(name, known.get("", 1)) for name, guess in jobs]
    at_once = min(at_once, len(jobs))
    trained = sum(name.startswith("train") for name, _ in jobs)
    counts = [counted(trained, "network to train"), counted(len(jobs) - trained, "picture to draw")]
    work = " and ".join(filter(None, counts))
    needed = f"{in_words(sum(seconds))} of {'GPU' if gpu else 'processor core'} time"
    if at_once > 1:
        needed += (
            f", {in_words(max(sum(seconds) / at_once, *seconds))} with {at_once} jobs at a time"
        )
    source = "judged by earlier runs" if known else "a rough guess"
    return f"To do: {work}, about {needed} ({source})."


def counted(count: int, what: str) -> str:
    """ "2 networks to train", or nothing for none."""
    noun, *rest = what.split(" ", 1)
    return f"{count} {noun}{'s' * (count > 1)} {' '.join(rest)}" if count else ""
