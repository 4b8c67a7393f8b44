"""A small convnet that dreams where no trained network can be had; `samples/convnet.py` trains it."""

import keras

KINDS = 10  # kinds of drawings that it tells apart
FILTERS = (24, 40, 64, 80, 96)  # of stage1, stage2, …
AROUND, FAINT = 17, 0.03  # pixels a side that contrast is evened over; what is too faint to be


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
    seen = keras.layers.Conv2D(KINDS, 1, name="kinds")(found)
    return keras.Model(picture, keras.layers.GlobalAveragePooling2D()(seen))


def even_contrast(picture):
    """Colours of 0 to 1, (pictures, height, width, 3), less their surroundings' mean, over their spread.

    A pale cloud then means as much as a black line: without this a dream grows along the strongest
    edges alone.
    """
    ops = keras.ops

    def around(values):  # the pool leaves out what lies beyond the border
        rows = ops.average_pool(values, (AROUND, 1), 1, "same")
        return ops.average_pool(rows, (1, AROUND), 1, "same")

    apart = picture - around(picture)
    spread = ops.sqrt(around(ops.mean(ops.square(apart), axis=-1, keepdims=True)) + FAINT**2)
    return apart / spread
