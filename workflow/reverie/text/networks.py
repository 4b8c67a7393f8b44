"""From the configuration to what a training on the corpus depends on."""

TRAINING = ("layers", "optimizer", "window", "step", "batch", "epochs", "steps")


def network(settings: dict) -> dict:
    """All that a training depends on besides its corpus and seed, in plain values."""
    return {key: settings["text"][key] for key in TRAINING} | {"backend": settings["backend"]}


def estimated_steps(network: dict, characters: int, held_out: float) -> int:
    """Steps of an epoch on a text of about this length, before it was read."""
    windows = characters * (1 - held_out) / network["step"]
    return network["steps"] or max(round(windows / network["batch"]), 1)
