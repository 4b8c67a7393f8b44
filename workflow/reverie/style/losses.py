"""What a picture in the manner of another must keep and take over: Gatys, Ecker and Bethge 2015.

Every term is relative to its target, so that its weight means the same for any size of picture, any
network and any layer: 1 is as far off as nothing at all.
"""

import keras

SMALLEST = 1e-12


def content(features, target):
    """Squared distance of a layer's features, (1, height, width, channels), from the content's."""
    distance = keras.ops.mean(keras.ops.square(features - target))
    return distance / (keras.ops.mean(keras.ops.square(target)) + SMALLEST)


def gram(features):
    """How channels go together, (channels, channels): their products, averaged over all cells."""
    channels = features.shape[-1]
    cells = keras.ops.reshape(features, (-1, channels))
    count = keras.ops.cast(keras.ops.shape(cells)[0], cells.dtype)
    return keras.ops.matmul(keras.ops.transpose(cells), cells) / count


def style(layers: list, targets: list):
    """Mean over layers of the squared distance of Gram matrices from the style's."""
    terms = [
        keras.ops.sum(keras.ops.square(gram(features) - target))
        / (keras.ops.sum(keras.ops.square(target)) + SMALLEST)
        for features, target in zip(layers, targets, strict=True)
    ]
    return sum(terms) / len(terms)


def variation(picture):
    """Mean absolute difference of neighbouring pixels, of a picture (height, width, 3)."""
    down = keras.ops.mean(keras.ops.abs(picture[1:] - picture[:-1]))
    right = keras.ops.mean(keras.ops.abs(picture[:, 1:] - picture[:, :-1]))
    return down + right
