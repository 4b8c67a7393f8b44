"""The small convnet learns to tell drawings apart: what it has seen is `drawings.KINDS`."""

import sys
from pathlib import Path

import numpy as np

from reverie import backend, training
from reverie.backend import keras
from reverie.pictures.convnet import even_contrast, model
from reverie.samples import drawings

SIDE = 64  # pixels of a drawing
DRAWINGS, BATCH, STEPS = 3000, 64, 240
CHECKED = 500  # more drawings, on which it is tried
LEARNING_RATE = 3e-3
NOISE = 0.4  # at most, in colours of 0 to 1


def write(path: Path) -> None:
    """Train it, and write its weights in one go; the same machine gives the same weights."""
    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(0)
    count = DRAWINGS + CHECKED
    kinds = generator.integers(0, len(drawings.KINDS), count).astype(np.int32)
    shown = np.empty((count, SIDE, SIDE, 3), np.float32)
    for index, kind in enumerate(kinds):
        drawn = drawings.drawing(drawings.KINDS[kind], SIDE, generator)
        # Through noise it learns shapes: of clean drawings the finest traces would do.
        drawn += generator.normal(0, generator.uniform(0, NOISE), drawn.shape)
        shown[index] = np.clip(drawn, 0, 1)
    for start in range(0, count, BATCH):
        shown[start : start + BATCH] = even_contrast(shown[start : start + BATCH])

    def gather(data, rows):
        pictures, labels = data
        return keras.ops.take(pictures, rows, axis=0), keras.ops.take(labels, rows)

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
