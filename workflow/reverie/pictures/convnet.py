"""A small convnet in the place of pretrained networks; `samples/convnet.py` trains it."""

import keras

KINDS = 10  # classes of drawings that it is trained on
FILTERS = (24, 40, 64, 80, 96)  # of stage1, stage2, …
WINDOW = 17  # pixels a side over which contrast is normalised
LEAST_DEVIATION = 0.03  # local contrast well below it is not amplified, since it is noise


def model() -> keras.Model:
    """The convnet: contrast-normalised pictures (batch, height, width, 3) to logits (batch, KINDS).

    Each stage about doubles the receptive field. Average pooling passes the gradient to every cell,
    where max pooling would pass it to one, and so makes smoother dreams.
    """
    picture = keras.Input((None, None, 3))
    features = picture
    for number, filters in enumerate(FILTERS, 1):
        features = keras.layers.Conv2D(
            filters, 3, padding="same", use_bias=False, name=f"convolution{number}"
        )(features)
        normalisation = keras.layers.BatchNormalization(momentum=0.9, name=f"normalisation{number}")
        features = keras.layers.ReLU(4.0, name=f"stage{number}")(normalisation(features))
        if number < len(FILTERS):
            features = keras.layers.AveragePooling2D(2)(features)
    logits = keras.layers.Conv2D(KINDS, 1, name="kinds")(features)  # of each cell
    return keras.Model(picture, keras.layers.GlobalAveragePooling2D()(logits))


def normalised_contrast(picture):
    """Local contrast normalisation of colours from 0 to 1, (batch, height, width, 3).

    Subtracts the local mean and divides by the local standard deviation, so that a pale cloud counts
    as much as a black line; without it, dreams grow along the strongest edges alone.
    """
    ops = keras.ops

    def local_mean(values):  # at the border, of the pixels inside the picture only
        rows = ops.average_pool(values, (WINDOW, 1), 1, "same")
        return ops.average_pool(rows, (1, WINDOW), 1, "same")

    centred = picture - local_mean(picture)
    variance = local_mean(ops.mean(ops.square(centred), axis=-1, keepdims=True))
    return centred / ops.sqrt(variance + LEAST_DEVIATION**2)
