"""DeepDream beside a plain loop.

The plain loop is written as keras.io's example does it: a feature extractor, a compiled step of
gradient ascent, one picture size after the other. Both have all cores, dream the sample's sky by the
lecture's layers, and load the same weights, drawn at random.
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
    """Octave by octave with TensorFlow as it comes."""
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
            here = tf.image.resize(original, shape)
            x = tf.image.resize(x, shape)
            for _ in range(STEPS):
                loss, x = step(x)
            if shrunk is not None:
                x += here - tf.image.resize(shrunk, shape)
            shrunk = here
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
    """Seconds from the loaded network to the dream, compilation included, and peak memory."""
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
    found = rounds("dream", ["plain", "reverie"], count)
    WEIGHTS.unlink()
    times = [[one["seconds"] for one in found[way]] for way in ("plain", "reverie")]
    memory = [[one["mb"] for one in found[way]] for way in ("plain", "reverie")]
    return [
        row("dream of 640 × 360, 3 octaves of 20 steps", "s", *times, "1.5"),
        row("its memory", "MB", *memory),
    ]


if __name__ == "__main__":
    way = sys.argv[1]
    print(json.dumps(draw_weights() if way == "weights" else measure(way)))
