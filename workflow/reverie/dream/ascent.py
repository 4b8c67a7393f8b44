"""DeepDream: gradient ascent on a picture, which raises the activation of a network's layers.

Mordvintsev, Olah and Tyka 2015; the lecture follows Chollet's book (8.2).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import keras
import numpy as np

from reverie import backend
from reverie.pictures import networks, octaves

SMALLEST = 1e-7  # least divisor of a gradient, so that a vanishing one is not amplified
BORDER = 2  # cells at a layer's border that the objective ignores, since padding distorts them
HALO = 96  # pixels of context around the part of a tile whose gradient is used
STRIDE = 32  # tiles start at its multiples, where the cells of all layers align

NORMS: dict[str, Callable] = {
    "mean": lambda gradient: keras.ops.mean(keras.ops.abs(gradient)),
    "l2": lambda gradient: keras.ops.sqrt(keras.ops.sum(keras.ops.square(gradient))),
    "std": keras.ops.std,
}


def inner(layer):
    """A layer, (1, height, width, channels), without BORDER cells on each side."""
    return layer[:, BORDER:-BORDER, BORDER:-BORDER]


def activation(features: list, weights: list[float], channels: list[int] | None = None):
    """The objective: the weighted sum over layers of the mean squared activation.

    ``features`` are (1, height, width, channels) for each layer; ``channels`` selects some of theirs.
    """
    if channels:
        features = [keras.ops.take(layer, channels, axis=-1) for layer in features]
    return sum(
        weight * keras.ops.mean(keras.ops.square(inner(layer)))
        for layer, weight in zip(features, weights, strict=True)
    )


def likeness(features: list, weights: list[float], guides: list[np.ndarray]):
    """The objective of a guided dream: the weighted sum over layers of the similarity to a guide.

    ``guides`` are the guide picture's features, (cells, channels) for each layer. The similarity is
    the mean, over cells, of the largest dot product with a guide's cell, divided by the channels.
    """
    return sum(
        weight
        * keras.ops.mean(
            keras.ops.max(keras.ops.matmul(inner(layer), keras.ops.transpose(guide)), axis=-1)
        )
        / guide.shape[-1]
        for layer, guide, weight in zip(features, guides, weights, strict=True)
    )


@dataclass
class Ascent:
    """Settings of the gradient ascent in an octave.

    Each of ``steps`` adds ``step_size`` (colours are from 0 to 1) times the gradient divided by its
    ``norm``: "mean" absolute, "l2" or "std". For each step the picture is rolled by up to ``jitter``
    pixels and the gradient smoothed by a Gaussian of deviation ``smoothing``, in pixels. The octave
    ends early where the objective exceeds ``max_loss``. Gradients of pictures larger than ``tile``
    are computed in tiles of about ``tile`` pixels a side.
    """

    steps: int
    step_size: float
    norm: str = "mean"
    jitter: int = 0
    smoothing: float = 0.0
    max_loss: float | None = None
    tile: int | None = None


class Dreamer:
    """Gradient ascent on pictures, whose objective is computed from a network's features.

    ``objective(features)`` takes the model's outputs for a picture, (1, height, width, channels) for
    each layer, and returns a scalar. ``pause(picture, losses)`` is called after every step.
    """

    def __init__(self, model: keras.Model, objective: Callable, ascent: Ascent, seed: int):
        self.model, self.ascent = model, ascent
        self.generator = np.random.default_rng(seed)
        self.pause: Callable = lambda picture, losses: None
        self.whole = backend.compiled(
            model,
            lambda predict, picture: backend.value_and_gradient(
                lambda pixels: (objective(networks.features(predict(pixels[None]))), ()), picture
            ),
            [(None, None, 3)],
        )

    def climb(self, picture, losses: Sequence[float] = ()) -> tuple:
        """The picture, (height, width, 3), after the ascent, and the objective before each step.

        To resume an ascent, ``losses`` are the objectives before the steps that it has taken.
        """
        ops, ascent, losses = keras.ops, self.ascent, list(losses)
        for _ in range(len(losses), ascent.steps):
            shift = self.generator.integers(-ascent.jitter, ascent.jitter + 1, 2).tolist()
            loss, gradient = self.gradient(ops.roll(picture, shift, axis=(0, 1)))
            if ascent.max_loss is not None and float(loss) > ascent.max_loss:
                break
            gradient = ops.roll(gradient, [-pixels for pixels in shift], axis=(0, 1))
            if ascent.smoothing:
                gradient = smoothed(gradient, ascent.smoothing)
            norm = ops.maximum(NORMS[ascent.norm](gradient), SMALLEST)
            picture = picture + ascent.step_size * gradient / norm
            losses.append(float(loss))
            self.pause(picture, losses)
        return picture, losses

    def gradient(self, picture) -> tuple:
        """The objective and its gradient, (height, width, 3); large pictures are computed tile by tile.

        The tiles' boundaries are drawn at random in each call, so that seams do not build up.
        """
        height, width, _ = picture.shape
        tile = self.ascent.tile
        if tile is None or max(height, width) <= tile:
            (loss, _), gradient = self.whole(picture)
            return loss, gradient
        sides = [spans(side, tile, self.generator) for side in (height, width)]
        joined, losses = np.empty(picture.shape, np.float32), []
        for top, bottom, above, below in sides[0]:
            for left, right, before, after in sides[1]:
                (loss, _), gradient = self.whole(picture[above:below, before:after])
                core = gradient[top - above : bottom - above, left - before : right - before]
                joined[top:bottom, left:right] = keras.ops.convert_to_numpy(core)
                losses.append((float(loss), (bottom - top) * (right - left)))
        values, areas = zip(*losses, strict=True)
        return np.average(values, weights=areas), keras.ops.convert_to_tensor(joined)


def spans(side: int, tile: int, generator: np.random.Generator) -> list[tuple]:
    """Cut a side, in pixels, into parts `(start, end, first, last)`.

    The gradient of `start:end` is computed from the pixels `first:last`, equally many for each part.
    """
    if side <= tile:
        return [(0, side, 0, side)]
    length = tile + (side - tile) % STRIDE  # so that the last tile, too, starts at a multiple
    halo = min(HALO, tile // 4)
    core = tile - 2 * halo - STRIDE  # leaves room to round `first` down to a multiple
    cuts = [*range(int(generator.integers(1, core + 1)), side, core)]
    parts = []
    for start, end in zip([0, *cuts], [*cuts, side], strict=True):
        first = min(max(start - halo, 0) // STRIDE * STRIDE, side - length)
        parts.append((start, end, first, first + length))
    return parts


def smoothed(gradient, deviation: float):
    """The gradient, (height, width, 3), convolved with a Gaussian, with zeros beyond its border.

    ``deviation`` is the Gaussian's standard deviation in pixels.
    """
    radius = int(np.ceil(3 * deviation))
    gaussian = np.exp(-0.5 * (np.arange(-radius, radius + 1) / deviation) ** 2)
    kernel = np.outer(gaussian, gaussian) / gaussian.sum() ** 2
    kernel = np.repeat(kernel[:, :, None, None], 3, axis=2).astype(np.float32)
    return keras.ops.depthwise_conv(gradient[None], kernel, padding="same")[0]


@dataclass
class Progress:
    """Where a dream was interrupted: the octave, counted from 0, its picture and its losses so far."""

    octave: int
    picture: np.ndarray
    losses: list[float]


def dream(
    dreamer: Dreamer,
    original,
    shapes: list[tuple[int, int]],
    details: bool = True,
    progress: Progress | None = None,
):
    """Dream octave by octave: yields `(shape, picture, losses)` for each.

    ``original`` is (height, width, 3) from 0 to 1. With ``details``, each octave ends by adding the
    detail that the original lost by shrinking. An interrupted dream resumes from its ``progress``.
    """
    original = keras.ops.convert_to_tensor(original)
    picture = original
    for number, shape in enumerate(shapes):
        if progress and number < progress.octave:
            continue
        picture, losses = ascend(
            dreamer, number, progress, lambda p=picture, s=shape: octaves.resized(p, s)
        )
        if details:
            smaller = shapes[max(number - 1, 0)]
            picture = picture + octaves.lost_detail(original, smaller, shape)
        yield shape, keras.ops.convert_to_numpy(picture), losses


def blended(
    dreamer: Dreamer,
    original,
    shapes: list[tuple[int, int]],
    share: float,
    progress: Progress | None = None,
):
    """The recursive variant of :func:`dream`, which blends each octave's dream into the next.

    The original is shrunk octave by octave; each octave then starts as ``share`` times the original
    at its size plus (1 - ``share``) times the dream of the smaller octave. (`deep_dream_vgg` of the
    PyTorch article.)
    """
    levels = [keras.ops.convert_to_tensor(original)]
    for shape in reversed(shapes[:-1]):
        levels.append(octaves.resized(levels[-1], shape))
    picture = levels[-1]
    for number, (level, shape) in enumerate(zip(reversed(levels), shapes, strict=True)):
        if progress and number < progress.octave:
            continue

        def start(level=level, picture=picture, shape=shape):
            return share * level + (1 - share) * octaves.resized(picture, shape)

        picture, losses = ascend(dreamer, number, progress, start)
        yield shape, keras.ops.convert_to_numpy(picture), losses


def ascend(dreamer: Dreamer, octave: int, progress: Progress | None, start: Callable) -> tuple:
    """The octave's ascent from the picture ``start()``, or from its ``progress``."""
    if progress and octave == progress.octave:
        return dreamer.climb(keras.ops.convert_to_tensor(progress.picture), progress.losses)
    return dreamer.climb(start())


def endless(
    dreamer: Dreamer, picture, frames: int, zoom: float, rotation: float, shift: list[float]
) -> Iterator[np.ndarray]:
    """Yield the frames of an endless dream: each is the one before, moved and then dreamt on.

    ``zoom`` is a factor a frame, ``rotation`` is in degrees, ``shift`` in pixels to the right and down.
    """
    picture = keras.ops.convert_to_tensor(picture)
    for _ in range(frames):
        picture, _ = dreamer.climb(moved(picture, zoom, rotation, shift))
        picture = keras.ops.clip(
            picture, 0, 1
        )  # every frame feeds the next, so colours would drift away
        yield keras.ops.convert_to_numpy(picture)


def moved(picture, zoom: float, rotation: float, shift: list[float]):
    """The picture, (height, width, 3), zoomed and turned about its centre, then shifted."""
    height, width, _ = picture.shape
    cosine = np.cos(np.radians(rotation)) / zoom
    sine = np.sin(np.radians(rotation)) / zoom
    x, y = (width - 1) / 2, (height - 1) / 2
    right, down = shift
    # The affine map from pixels of the result to pixels of the picture.
    to_x = [cosine, sine, x - cosine * (x + right) - sine * (y + down)]
    to_y = [-sine, cosine, y + sine * (x + right) - cosine * (y + down)]
    matrix = np.array([*to_x, *to_y, 0, 0], np.float32)
    return keras.ops.image.affine_transform(picture, matrix, "bilinear", "reflect")
