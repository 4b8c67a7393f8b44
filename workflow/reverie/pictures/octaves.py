"""Octaves: sizes of a picture from small to large, and the detail lost by shrinking it."""

import keras


def shapes(height: int, width: int, octaves: int, scale: float) -> list[tuple[int, int]]:
    """Height and width of every octave, from the smallest to the picture's own.

    Each is computed from the picture's size, as on the slides: `int(side / scale ** n)`.
    """
    return [
        (int(height / scale**number), int(width / scale**number))
        for number in reversed(range(octaves))
    ]


def resized(picture, shape: tuple[int, int]):
    """The picture, (height, width, 3), resized to ``shape`` (height, width), with antialiasing."""
    return keras.ops.image.resize(picture, shape, "bicubic", antialias=True)


def lost_detail(original, smaller: tuple[int, int], shape: tuple[int, int]):
    """Detail of the original at ``shape``, (*shape, 3), that shrinking to ``smaller`` removes."""
    return resized(original, shape) - resized(resized(original, smaller), shape)
