"""Losses of style transfer: content, style and total variation (Gatys, Ecker and Bethge 2015).

The losses of content and style are relative to their targets, so that a weight means the same for
any picture size, network and layer: features that are all zero have a loss of 1.
"""

import keras

SMALLEST = 1e-12


def content(features, target):
    """Relative squared error of a layer's features, (1, height, width, channels), to the content's."""
    error = keras.ops.mean(keras.ops.square(features - target))
    return error / (keras.ops.mean(keras.ops.square(target)) + SMALLEST)


def gram(features):
    """The Gram matrix, (channels, channels): products of channels, averaged over all cells."""
    channels = features.shape[-1]
    cells = keras.ops.reshape(features, (-1, channels))
    count = keras.ops.cast(keras.ops.shape(cells)[0], cells.dtype)
    return keras.ops.matmul(keras.ops.transpose(cells), cells) / count


def style(layers: list, targets: list):
    """Mean over layers of the relative squared error of Gram matrices to the ``targets``."""
    terms = [
        keras.ops.sum(keras.ops.square(gram(features) - target))
        / (keras.ops.sum(keras.ops.square(target)) + SMALLEST)
        for features, target in zip(layers, targets, strict=True)
    ]
    return sum(terms) / len(terms)


def variation(picture):
    """Total variation of a picture (height, width, 3): mean absolute difference of neighbours."""
    down = keras.ops.mean(keras.ops.abs(picture[1:] - picture[:-1]))
    right = keras.ops.mean(keras.ops.abs(picture[:, 1:] - picture[:, :-1]))
    return down + right
