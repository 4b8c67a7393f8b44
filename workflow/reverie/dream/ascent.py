"""Gradient ascent on a picture: what a network sees in it, there shall be more of.

Mordvintsev, Olah and Tyka 2015; the lecture follows Chollet's book (8.2).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import keras
import numpy as np

from reverie import backend
from reverie.pictures import networks, octaves

SMALLEST = 1e-7  # a gradient below it is not blown up
BORDER = 2  # cells of a layer's border that do not count: padding makes them special
HALO = 96  # pixels that a tile sees beyond those that it gives the gradient of
STRIDE = 32  # tiles begin at its multiples, where the cells of all layers begin

NORMS: dict[str, Callable] = {
    "mean": lambda gradient: keras.ops.mean(keras.ops.abs(gradient)),
    "l2": lambda gradient: keras.ops.sqrt(keras.ops.sum(keras.ops.square(gradient))),
    "std": keras.ops.std,
}


def inner(layer):
    """A layer's cells, (1, height, width, channels), without those of the border."""
    return layer[:, BORDER:-BORDER, BORDER:-BORDER]


def activation(features: list, weights: list[float], channels: list[int] | None = None):
    """The objective: the weighted sum of each layer's mean squared activation.

    ``features`` are (1, height, width, channels); of these only ``channels`` count, if given.
    """
    if channels:
        features = [keras.ops.take(layer, channels, axis=-1) for layer in features]
    return sum(
        weight * keras.ops.mean(keras.ops.square(inner(layer)))
        for layer, weight in zip(features, weights, strict=True)
    )


def likeness(features: list, weights: list[float], guides: list[np.ndarray]):
    """The objective of a guided dream: every cell becomes more like the guide's best match for it.

    ``guides`` are the guide's features, (cells, channels) for each layer; a match is the largest dot
    product, divided by the number of channels.
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
    """How the ascent goes: steps of ``step_size`` (of the range of colours), and when it ends.

    ``norm`` makes gradients alike ("mean" absolute, "l2" or "std"); ``jitter`` is how many pixels
    the picture is rolled at most before each step; ``smoothing`` is the standard deviation in pixels
    of the Gaussian that smooths the gradient; ``max_loss`` ends an octave when it is exceeded. With
    ``tile``, gradients of larger pictures are computed by tiles of about as many pixels a side.
    """

    steps: int
    step_size: float
    norm: str = "mean"
    jitter: int = 0
    smoothing: float = 0.0
    max_loss: float | None = None
    tile: int | None = None


class Dreamer:
    """An objective of a network and the ascent that climbs it.

    ``objective(features)`` takes what the model gives for a picture, (1, height, width, 3), and
    returns a number. ``pause(picture, losses)`` is called after every step.
    """

    def __init__(self, model: keras.Model, objective: Callable, ascent: Ascent, seed: int):
        self.model, self.ascent = model, ascent
        self.generator = np.random.default_rng(seed)
        self.pause: Callable = lambda picture, losses: None
        self.whole = backend.compiled(
            model,
            lambda predict, picture: backend.value_and_gradient(
                lambda it: (objective(networks.features(predict(it[None]))), ()), picture
            ),
            [(None, None, 3)],
        )

    def climb(self, picture, taken: Sequence[float] = ()) -> tuple:
        """The picture after all steps, and the objective before each step that was taken.

        ``taken`` has the objectives of steps that were taken before.
        """
        ops, ascent, losses = keras.ops, self.ascent, list(taken)
        for _ in range(len(losses), ascent.steps):
            shift = self.generator.integers(-ascent.jitter, ascent.jitter + 1, 2).tolist()
            loss, gradient = self.gradient(ops.roll(picture, shift, axis=(0, 1)))
            if ascent.max_loss is not None and float(loss) > ascent.max_loss:
                break
            gradient = ops.roll(gradient, [-by for by in shift], axis=(0, 1))
            if ascent.smoothing:
                gradient = smoothed(gradient, ascent.smoothing)
            size = ops.maximum(NORMS[ascent.norm](gradient), SMALLEST)
            picture = picture + ascent.step_size * gradient / size
            losses.append(float(loss))
            self.pause(picture, losses)
        return picture, losses

    def gradient(self, picture) -> tuple:
        """The objective and its gradient; of a large picture by tiles, whose memory is bounded.

        The tiles' cuts are drawn anew at each call, so that no seam can grow.
        """
        height, width, _ = picture.shape
        tile = self.ascent.tile
        if tile is None or max(height, width) <= tile:
            (loss, _), gradient = self.whole(picture)
            return loss, gradient
        sides = [spans(side, tile, self.generator) for side in (height, width)]
        found, losses = np.empty(picture.shape, np.float32), []
        for top, bottom, above, below in sides[0]:
            for left, right, before, after in sides[1]:
                (loss, _), gradient = self.whole(picture[above:below, before:after])
                core = gradient[top - above : bottom - above, left - before : right - before]
                found[top:bottom, left:right] = keras.ops.convert_to_numpy(core)
                losses.append((float(loss), (bottom - top) * (right - left)))
        values, areas = zip(*losses, strict=True)
        return np.average(values, weights=areas), keras.ops.convert_to_tensor(found)


def spans(side: int, tile: int, generator: np.random.Generator) -> list[tuple]:
    """A side cut into parts `(start, end, seen from, seen to)`; all see equally many pixels."""
    if side <= tile:
        return [(0, side, 0, side)]
    seen = tile + (side - tile) % STRIDE  # so that the last tile, too, begins at a multiple
    halo = min(HALO, tile // 4)
    core = tile - 2 * halo - STRIDE  # what is rounded away below is seen even so
    cuts = [*range(int(generator.integers(1, core + 1)), side, core)]
    found = []
    for start, end in zip([0, *cuts], [*cuts, side], strict=True):
        begin = max(start - halo, 0) // STRIDE * STRIDE
        begin = min(begin, side - seen)
        found.append((start, end, begin, begin + seen))
    return found


def smoothed(gradient, deviation: float):
    """The gradient, (height, width, 3), convolved with a Gaussian; zero lies beyond its border."""
    reach = int(np.ceil(3 * deviation))
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    kernel = np.outer(bell, bell) / bell.sum() ** 2
    kernel = np.repeat(kernel[:, :, None, None], 3, axis=2).astype(np.float32)
    return keras.ops.depthwise_conv(gradient[None], kernel, padding="same")[0]


@dataclass
class Begun:
    """A dream that was interrupted in an octave, counted from 0: its picture and losses there."""

    octave: int
    picture: np.ndarray
    losses: list[float]


def dream(
    dreamer: Dreamer,
    original,
    shapes: list[tuple[int, int]],
    details: bool = True,
    begun: Begun | None = None,
):
    """A picture for every octave, and its losses: `(shape, picture, losses)`, one by one.

    ``original`` is (height, width, 3) from 0 to 1. After each octave the detail that shrinking took
    from the original is put back, unless ``details`` is off. With ``begun`` it goes on from there.
    """
    original = keras.ops.convert_to_tensor(original)
    picture = original
    for number, shape in enumerate(shapes):
        if begun and number < begun.octave:
            continue
        picture, losses = climbed(
            dreamer, number, begun, lambda p=picture, s=shape: octaves.resized(p, s)
        )
        if details:
            before = shapes[max(number - 1, 0)]
            picture = picture + octaves.lost_detail(original, before, shape)
        yield shape, keras.ops.convert_to_numpy(picture), losses


def blended(
    dreamer: Dreamer,
    original,
    shapes: list[tuple[int, int]],
    share: float,
    begun: Begun | None = None,
):
    """The recursive variant, as :func:`dream`: the smaller dream is blended into the larger picture.

    The original is halved again and again (by the factor of the octaves); coming back, each size
    starts as ``share`` of itself and the rest of the dream below. (The PyTorch article's
    `deep_dream_vgg`.)
    """
    levels = [keras.ops.convert_to_tensor(original)]
    for shape in reversed(shapes[:-1]):
        levels.append(octaves.resized(levels[-1], shape))
    picture = levels[-1]
    for number, (level, shape) in enumerate(zip(reversed(levels), shapes, strict=True)):
        if begun and number < begun.octave:
            continue

        def start(level=level, picture=picture, shape=shape):
            return share * level + (1 - share) * octaves.resized(picture, shape)

        picture, losses = climbed(dreamer, number, begun, start)
        yield shape, keras.ops.convert_to_numpy(picture), losses


def climbed(dreamer: Dreamer, octave: int, begun: Begun | None, start: Callable) -> tuple:
    """The octave's ascent from ``start()``, or from where it was interrupted."""
    if begun and octave == begun.octave:
        return dreamer.climb(keras.ops.convert_to_tensor(begun.picture), begun.losses)
    return dreamer.climb(start())


def endless(
    dreamer: Dreamer, picture, frames: int, zoom: float, rotation: float, shift: list[float]
) -> Iterator[np.ndarray]:
    """The endless dream: each frame is dreamt from the one before, a little zoomed.

    ``rotation`` is in degrees a frame, ``shift`` in pixels a frame to the right and down.
    """
    picture = keras.ops.convert_to_tensor(picture)
    for _ in range(frames):
        picture, _ = dreamer.climb(moved(picture, zoom, rotation, shift))
        picture = keras.ops.clip(picture, 0, 1)  # it comes back and back: colours must not run away
        yield keras.ops.convert_to_numpy(picture)


def moved(picture, zoom: float, rotation: float, shift: list[float]):
    """The picture, (height, width, 3), zoomed and turned about its centre, then shifted."""
    height, width, _ = picture.shape
    cosine = np.cos(np.radians(rotation)) / zoom
    sine = np.sin(np.radians(rotation)) / zoom
    x, y = (width - 1) / 2, (height - 1) / 2
    right, down = shift
    # Where each pixel of the result lies in the picture, as `affine_transform` wants it.
    to_x = [cosine, sine, x - cosine * (x + right) - sine * (y + down)]
    to_y = [-sine, cosine, y + sine * (x + right) - cosine * (y + down)]
    matrix = np.array([*to_x, *to_y, 0, 0], np.float32)
    return keras.ops.image.affine_transform(picture, matrix, "bilinear", "reflect")
