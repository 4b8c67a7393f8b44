"""Sizes of a picture from small to large, and the detail that is lost on the way."""

import keras


def shapes(height: int, width: int, octaves: int, scale: float) -> list[tuple[int, int]]:
    """Height and width of every octave, the smallest first, the last the picture's own.

    All are computed from the picture's size, as on the slides: `int(side / scale ** n)`.
    """
    return [
        (int(height / scale**number), int(width / scale**number))
        for number in reversed(range(octaves))
    ]


def resized(picture, shape: tuple[int, int]):
    """The picture, (height, width, 3), at another size; smoothed before it shrinks."""
    return keras.ops.image.resize(picture, shape, "bicubic", antialias=True)


def lost_detail(original, smaller: tuple[int, int], shape: tuple[int, int]):
    """What the original has at ``shape`` that it lacks when it comes from the ``smaller`` shape."""
    return resized(original, shape) - resized(resized(original, smaller), shape)
