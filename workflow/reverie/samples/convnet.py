"""Train the small convnet, a stand-in for pretrained networks, to classify drawings."""

import sys
from pathlib import Path

import numpy as np

from reverie import backend, training
from reverie.backend import keras
from reverie.pictures.convnet import model, normalised_contrast
from reverie.samples import drawings

SIDE = 64  # pixels of a drawing
DRAWINGS, BATCH, STEPS = 3000, 64, 240
CHECKED = 500  # more drawings, on which its accuracy is measured
LEARNING_RATE = 3e-3
NOISE = 0.4  # largest standard deviation of noise, for colours from 0 to 1


def write(path: Path) -> None:
    """Train the convnet and write its weights (.h5); the same machine gives the same weights."""
    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(0)
    count = DRAWINGS + CHECKED
    kinds = generator.integers(0, len(drawings.KINDS), count).astype(np.int32)
    pictures = np.empty((count, SIDE, SIDE, 3), np.float32)
    for index, kind in enumerate(kinds):
        picture = drawings.drawing(drawings.KINDS[kind], SIDE, generator)
        # Noise makes it learn shapes; clean drawings could be told apart by their finest detail.
        picture += generator.normal(0, generator.uniform(0, NOISE), picture.shape)
        pictures[index] = np.clip(picture, 0, 1)
    for start in range(0, count, BATCH):
        pictures[start : start + BATCH] = normalised_contrast(pictures[start : start + BATCH])

    def gather(data, rows):
        inputs, labels = data
        return keras.ops.take(inputs, rows, axis=0), keras.ops.take(labels, rows)

    network = model()
    decay = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, STEPS)
    loop = backend.loop(
        network,
        keras.optimizers.Adam(decay),
        lambda labels, outputs: keras.losses.sparse_categorical_crossentropy(
            labels, outputs, from_logits=True
        ),
        gather,
        [pictures, kinds],
        compiled=False,
    )
    loop.train(generator.integers(0, DRAWINGS, (STEPS, BATCH)).astype(np.int32))
    outputs, _ = training.predict(loop, np.arange(DRAWINGS, count, dtype=np.int32), 250)
    accuracy = np.mean(outputs.argmax(-1) == kinds[DRAWINGS:])
    print(f"The small network names {100 * accuracy:.0f} % of {CHECKED} new drawings rightly.")
    training.save_weights(network, path)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
