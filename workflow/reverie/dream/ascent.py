"""Gradient ascent on a picture: what a network sees in it, there shall be more of.

Mordvintsev, Olah and Tyka 2015; the lecture follows Chollet's book (8.2).
"""

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np

from reverie import backend
from reverie.dream import octaves

SMALLEST = 1e-7  # a gradient below it is not blown up

NORMS: dict[str, Callable] = {
    "mean": lambda gradient: keras.ops.mean(keras.ops.abs(gradient)),
    "l2": lambda gradient: keras.ops.sqrt(keras.ops.sum(keras.ops.square(gradient))),
    "std": keras.ops.std,
}


def activation(features: list, weights: list[float], border: int):
    """The objective: the weighted sum of each layer's mean squared activation.

    ``features`` are (1, height, width, channels); ``border`` pixels of each side do not count, since
    padding makes the border special.
    """
    inner = slice(border, -border or None)
    return sum(
        weight * keras.ops.mean(keras.ops.square(layer[:, inner, inner]))
        for layer, weight in zip(features, weights, strict=True)
    )


@dataclass
class Ascent:
    """How the ascent goes: steps of ``step_size`` (of the range of colours), and when it ends.

    ``norm`` makes gradients alike ("mean" absolute, "l2" or "std"); ``jitter`` is how many pixels
    the picture is rolled at most before each step; ``max_loss`` ends an octave when it is exceeded.
    """

    steps: int
    step_size: float
    norm: str = "mean"
    jitter: int = 0
    max_loss: float | None = None


class Dreamer:
    """An objective of a network and the compiled step that climbs it.

    ``objective(features)`` takes what the model gives for a picture, (1, height, width, 3), and
    returns a number.
    """

    def __init__(self, model: keras.Model, objective: Callable, ascent: Ascent, seed: int):
        self.model, self.ascent = model, ascent
        self.generator = np.random.default_rng(seed)

        def climbed(predict, picture, shift):
            value, gradient = backend.value_and_gradient(
                lambda rolled: objective(predict(rolled[None])),
                keras.ops.roll(picture, shift, axis=(0, 1)),
            )
            gradient = keras.ops.roll(gradient, -shift, axis=(0, 1))
            size = keras.ops.maximum(NORMS[ascent.norm](gradient), SMALLEST)
            return picture + ascent.step_size * gradient / size, value

        self.climbed = backend.compiled(model, climbed)

    def climb(self, picture) -> tuple:
        """The picture after all steps, and the objective before each step that was taken."""
        losses = []
        for _ in range(self.ascent.steps):
            most = self.ascent.jitter
            shift = self.generator.integers(-most, most + 1, 2).astype(np.int32)
            higher, loss = self.climbed(picture, keras.ops.convert_to_tensor(shift))
            if self.ascent.max_loss is not None and float(loss) > self.ascent.max_loss:
                break
            picture = higher
            losses.append(float(loss))
        return picture, losses


def dream(dreamer: Dreamer, original: np.ndarray, shapes: list[tuple[int, int]], details: bool):
    """A picture for every octave, and its losses: `(shape, picture, losses)`, one by one.

    ``original`` is (height, width, 3) from 0 to 1. After each octave the detail that shrinking took
    from the original is put back, unless ``details`` is off.
    """
    original = keras.ops.convert_to_tensor(original)
    picture, before = original, shapes[0]
    for shape in shapes:
        picture, losses = dreamer.climb(octaves.resized(picture, shape))
        if details:
            picture = picture + octaves.lost_detail(original, before, shape)
        before = shape
        yield shape, keras.ops.convert_to_numpy(picture), losses
