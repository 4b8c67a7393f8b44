"""A small convnet that learns to tell drawings apart: it dreams where no trained network can be had.

What it has seen is `drawings.KINDS`, and its dreams show just that.
"""

import sys
from pathlib import Path

import keras
import numpy as np

from reverie import backend, training
from reverie.samples import drawings

SIDE = 64  # pixels of a drawing
DRAWINGS, BATCH, STEPS = 3000, 64, 240
CHECKED = 500  # more drawings, on which it is tried
LEARNING_RATE = 3e-3
NOISE = 0.4  # at most, in colours of 0 to 1
AROUND, FAINT = 17, 0.03  # pixels a side that contrast is evened over; what is too faint to be
FILTERS = (24, 40, 64, 80, 96)  # of stage1, stage2, …


def model() -> keras.Model:
    """From a picture of even contrast to a number for each kind of drawing.

    Every stage is a convolution that sees twice as far as the one before. Pooling is by the mean,
    which lets gradients through everywhere: a dream grows smoother.
    """
    picture = keras.Input((None, None, 3))
    found = picture
    for number, filters in enumerate(FILTERS, 1):
        found = keras.layers.Conv2D(
            filters, 3, padding="same", use_bias=False, name=f"convolution{number}"
        )(found)
        found = keras.layers.BatchNormalization(momentum=0.9, name=f"normalisation{number}")(found)
        found = keras.layers.ReLU(4.0, name=f"stage{number}")(found)
        if number < len(FILTERS):
            found = keras.layers.AveragePooling2D(2)(found)
    seen = keras.layers.Conv2D(len(drawings.KINDS), 1, name="kinds")(found)
    return keras.Model(picture, keras.layers.GlobalAveragePooling2D()(seen))


def even_contrast(picture):
    """Colours of 0 to 1, (pictures, height, width, 3), less their surroundings' mean, over their spread.

    A pale cloud then means as much as a black line: without this a dream grows along the strongest
    edges alone.
    """
    ops = keras.ops

    def around(values):  # the pool leaves out what lies beyond the border
        return ops.average_pool(values, AROUND, 1, "same")

    apart = picture - around(picture)
    spread = ops.sqrt(around(ops.mean(ops.square(apart), axis=-1, keepdims=True)) + FAINT**2)
    return apart / spread


def write(path: Path) -> None:
    """Train it, and write its weights in one go; the same machine gives the same weights."""
    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(0)
    count = DRAWINGS + CHECKED
    kinds = generator.integers(0, len(drawings.KINDS), count).astype(np.int32)
    shown = np.empty((count, SIDE, SIDE, 3), np.uint8)
    for index, kind in enumerate(kinds):
        drawn = drawings.drawing(drawings.KINDS[kind], SIDE, generator)
        # Through noise it learns shapes: of clean drawings the finest traces would do.
        drawn += generator.normal(0, generator.uniform(0, NOISE), drawn.shape)
        shown[index] = np.uint8(255 * np.clip(drawn, 0, 1) + 0.5)

    def gather(data, rows):
        pictures, labels = data
        found = keras.ops.cast(keras.ops.take(pictures, rows, axis=0), "float32") / 255
        return even_contrast(found), keras.ops.take(labels, rows)

    network = model()
    decay = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, STEPS)
    loop = backend.loop(
        network,
        keras.optimizers.Adam(decay),
        lambda labels, outputs: keras.losses.sparse_categorical_crossentropy(
            labels, outputs, from_logits=True
        ),
        gather,
        [shown, kinds],
        compiled=False,
    )
    loop.train(generator.integers(0, DRAWINGS, (STEPS, BATCH)).astype(np.int32))
    outputs, _ = training.predict(loop, np.arange(DRAWINGS, count, dtype=np.int32), 250)
    right = np.mean(outputs.argmax(-1) == kinds[DRAWINGS:])
    print(f"The small network names {100 * right:.0f} % of {CHECKED} new drawings rightly.")
    training.save_weights(network, path)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
