"""DeepDream compared with a plain loop.

The plain loop follows keras.io's example: a feature extractor, a compiled step of gradient ascent, one
octave after the other. Both use all cores, the sky of the samples, the lecture's layers and the same
random weights.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path

from benchmarks.rounds import Row, rounds, row

WEIGHTS, TO = Path(__file__).parents[1] / "results" / "bench" / "inception.weights.h5", "mixed8"
LAYERS = {"mixed2": 0.2, "mixed3": 3.0, "mixed4": 2.0, "mixed5": 1.5}
OCTAVES, SCALE, STEPS = 3, 1.4, 20


def plain(picture, weights: Path, to: str):
    """Octave by octave in plain TensorFlow."""
    import keras
    import tensorflow as tf

    network = keras.applications.InceptionV3(weights=None, include_top=False)
    keras.Model(network.input, network.get_layer(to).output).load_weights(weights)
    extract = keras.Model(network.input, {name: network.get_layer(name).output for name in LAYERS})
    original = tf.constant(2 * picture[None] - 1)
    height, width = picture.shape[:2]

    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            features = extract(x)
            loss = sum(
                weight * tf.reduce_mean(tf.square(features[name][:, 2:-2, 2:-2]))
                for name, weight in LAYERS.items()
            )
        gradient = tape.gradient(loss, x)
        gradient /= tf.maximum(tf.reduce_mean(tf.abs(gradient)), 1e-6)
        return loss, x + 0.01 * gradient

    def run():
        x = original
        shrunk = None
        for number in reversed(range(OCTAVES)):
            shape = int(height / SCALE**number), int(width / SCALE**number)
            resized = tf.image.resize(original, shape)
            x = tf.image.resize(x, shape)
            for _ in range(STEPS):
                loss, x = step(x)
            if shrunk is not None:
                x += resized - tf.image.resize(shrunk, shape)
            shrunk = resized
            yield float(loss)

    return run


def reverie(picture, weights: Path, to: str):
    """The same with Reverie's own functions."""
    from reverie.dream import ascent
    from reverie.pictures import networks, octaves

    model = networks.load("InceptionV3", list(LAYERS), weights, to)
    dreamer = ascent.Dreamer(
        model,
        lambda features: ascent.activation(features, list(LAYERS.values())),
        ascent.Ascent(STEPS, 0.005),
        0,
    )
    shapes = octaves.shapes(*picture.shape[:2], OCTAVES, SCALE)

    def run():
        for _, _, losses in ascent.dream(dreamer, picture, shapes):
            yield losses[-1]

    return run


def measure(way: str) -> dict:
    """`seconds` from the loaded network to the dream, compilation included, and `mb`, peak memory."""
    from reverie import devices

    if way == "reverie":
        devices.use("tensorflow", os.cpu_count())
    from reverie.samples import drawings

    picture = drawings.sky().astype("float32")
    run = {"plain": plain, "reverie": reverie}[way](picture, WEIGHTS, TO)
    start = time.perf_counter()
    list(run())
    seconds = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "mb": memory}


def draw_weights() -> dict:
    import keras

    keras.utils.set_random_seed(0)
    network = keras.applications.InceptionV3(weights=None, include_top=False)
    WEIGHTS.parent.mkdir(parents=True, exist_ok=True)
    keras.Model(network.input, network.get_layer(TO).output).save_weights(WEIGHTS)
    return {}


def rows(count: int) -> list[Row]:
    rounds("dream", ["weights"], 1)
    measured = rounds("dream", ["plain", "reverie"], count).values()
    WEIGHTS.unlink()
    times, memory = (
        [[result[key] for result in results] for results in measured] for key in ("seconds", "mb")
    )
    return [
        row("dream of 640 × 360, 3 octaves of 20 steps", "s", *times, "1.5"),
        row("its memory", "MB", *memory),
    ]


if __name__ == "__main__":
    way = sys.argv[1]
    print(json.dumps(draw_weights() if way == "weights" else measure(way)))
