"""The settings that determine a training, taken from the configuration."""

TRAINING = ("layers", "optimizer", "window", "step", "batch", "epochs", "steps")


def network(settings: dict) -> dict:
    """The settings, as plain values, that determine a training together with corpus and seed."""
    return {key: settings["text"][key] for key in TRAINING} | {"backend": settings["backend"]}


def estimated_steps(network: dict, characters: int, held_out: float) -> int:
    """Training steps in an epoch, estimated from the text's length before the text is read."""
    windows = characters * (1 - held_out) / network["step"]
    possible = max(round(windows / network["batch"]), 1)
    return min(network["steps"] or possible, possible)
