"""DeepDream beside a plain loop: `python benchmarks/dream.py PICTURE WEIGHTS TO`.

The plain loop is written as keras.io's example does it: a feature extractor, a compiled step of
gradient ascent, one picture size after the other. Both have both cores, dream the same picture by the
lecture's layers, and load the same weights, which end with the layer TO.
Both run in turn in processes of their own; medians over the rounds.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 3
LAYERS = {"mixed2": 0.2, "mixed3": 3.0, "mixed4": 2.0, "mixed5": 1.5}
SIZE, OCTAVES, SCALE, STEPS = 640, 3, 1.4, 20


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
    from reverie.dream import ascent, networks, octaves

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


def measure(way: str, file: Path, weights: Path, to: str) -> dict:
    """Seconds from the loaded network to the dream, compilation included, and peak memory."""
    from reverie import devices

    if way == "reverie":
        devices.use("tensorflow", os.cpu_count(), convolutions=True)
    from reverie.dream import pictures

    picture = pictures.read(file, SIZE)
    run = {"plain": plain, "reverie": reverie}[way](picture, weights, to)
    start = time.perf_counter()
    losses = list(run())
    seconds = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "losses": losses, "mb": memory}


def main(*arguments: str) -> None:
    found = {"plain": [], "reverie": []}
    for _ in range(ROUNDS):
        for way, lines in found.items():
            command = [sys.executable, __file__, *arguments, way]
            quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
            done = subprocess.run(command, capture_output=True, text=True, check=True, env=quiet)
            lines.append(json.loads(done.stdout.splitlines()[-1]))
    ratios = [one["seconds"] / two["seconds"] for one, two in zip(*found.values(), strict=True)]
    for way, lines in found.items():
        seconds = statistics.median(line["seconds"] for line in lines)
        losses = ", ".join(f"{loss:.3g}" for loss in lines[0]["losses"])
        memory = max(line["mb"] for line in lines)
        print(f"{way:8} {seconds:6.1f} s  {memory:5.0f} MB  objective by octave: {losses}")
    print(
        f"plain / reverie: {statistics.median(ratios):.2f} (rounds: {min(ratios):.2f} to {max(ratios):.2f})"
    )


if __name__ == "__main__":
    picture, weights, to, *way = sys.argv[1:]
    if way:
        print(json.dumps(measure(way[0], Path(picture), Path(weights), to)))
    else:
        main(picture, weights, to)
