"""How long a run will take, before it starts."""

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


def dream_seconds(dream: dict, part: str) -> float:
    """Core-seconds of the picture, the `sheet` or the `film` of a dream."""
    if part == "film":
        film = dream["film"]
        pixels = film["size"] ** 2 * film["frames"] * film["steps"]
    elif part == "sheet":
        sheet = dream["sheet"]
        pixels = octave_pixels(sheet, dream["octave_scale"]) * len(sheet["layers"])
    else:
        pixels = octave_pixels(dream, dream["octave_scale"])
    return PIXEL_STEP[dream["network"]] * pixels * 0.6 / 1e6 + STARTING


def octave_pixels(settings: dict, scale: float) -> float:
    """Pixels of all steps of all octaves of a square picture; most are about 0.6 of that."""
    sides = (settings["size"] / scale**number for number in range(settings["octaves"]))
    return sum(side**2 for side in sides) * settings["steps"]


def style_seconds(style: dict) -> float:
    """Core-seconds of a transfer of style."""
    pixels = sum(size**2 for size in style["sizes"]) * style["steps"]
    return PIXEL_STEP[style["network"]] * pixels * 0.6 / 1e6 + STARTING


def sentence(trained: list[float], drawn: list[float], cores: int) -> str:
    """What is to be trained and drawn, of which the seconds are given, in one line."""
    jobs = [*trained, *drawn]
    if not jobs:
        return "Every network is trained and every picture drawn already."
    minutes = max(sum(jobs) / min(cores, len(jobs)), max(jobs)) / 60
    about = f"{minutes:.0f} minutes" if minutes < 100 else f"{minutes / 60:.1f} hours"
    counts = [counted(trained, "network to train"), counted(drawn, "picture to draw")]
    jobs_to_do = " and ".join(filter(None, counts))
    return f"To do: {jobs_to_do}, about {about} on {cores} core{'s' * (cores > 1)} (a rough guess)."


def counted(jobs: list, what: str) -> str:
    """ "2 networks to train", or nothing for none."""
    noun, *rest = what.split(" ", 1)
    return f"{len(jobs)} {noun}{'s' * (len(jobs) > 1)} {' '.join(rest)}" if jobs else ""
