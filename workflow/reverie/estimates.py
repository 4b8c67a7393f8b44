"""How long a run will take, before it starts."""

# Milliseconds of one training step of 128 windows of 240 inputs on one core of a
# server processor, rounded up.
RECURRENT = {"GRU", "LSTM", "SimpleRNN", "Bidirectional"}
STEP_MS = {True: 50, False: 10}


def seconds(network: dict) -> float:
    """Core-seconds to train the network, whose plain settings are those of its training rule."""
    recurrent = [name for spec in network["layers"] for name in spec if name in RECURRENT]
    step = STEP_MS[bool(recurrent)] * max(len(recurrent), 1) / 1000
    return network["epochs"] * network["steps"] * step * network["batch"] / 128 + 15


def sentence(networks: list[dict], cores: int) -> str:
    """What is to be trained, in one line."""
    if not networks:
        return "Every network is trained already."
    total = sum(map(seconds, networks))
    minutes = max(total / min(cores, len(networks)), max(map(seconds, networks))) / 60
    about = f"{minutes:.0f} minutes" if minutes < 100 else f"{minutes / 60:.1f} hours"
    count = "1 network" if len(networks) == 1 else f"{len(networks)} networks"
    return f"To train: {count}, about {about} on {cores} core{'s' * (cores > 1)} (a rough guess)."
