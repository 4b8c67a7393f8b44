"""Style transfer: an optimizer changes the picture itself until the losses are low."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import numpy as np
from PIL import Image
from scipy.optimize import Bounds, minimize

from reverie import backend
from reverie.errors import ReverieError
from reverie.pictures import images, networks
from reverie.pictures.files import settings_of
from reverie.pictures.octaves import resized
from reverie.records import source_of
from reverie.style import losses
from reverie.tables import write_table

COLUMNS = ["step", "content_loss", "style_loss", "variation_loss", "loss"]
LOGGED = 50  # steps between two printed lines
SMALLEST = 1e-6  # least divisor, for a content picture without variation


class Loss:
    """The loss of a picture with respect to a content and a style, and its gradient.

    ``model`` outputs the content layer first, then the style layers; ``weights`` are those of content,
    style and variation. Call :meth:`aim` first.
    """

    def __init__(self, model: keras.Model, weights: list[float]):
        self.model = model
        shapes = [(1, None, None, layer.shape[-1]) for layer in networks.features(model.outputs)]
        grams = [(shape[-1], shape[-1]) for shape in shapes[1:]]

        def compute(predict, picture, content, variation, *targets):
            def loss(picture):
                deep, *layers = networks.features(predict(picture[None]))
                terms = [
                    losses.content(deep, content),
                    losses.style(layers, targets),
                    losses.variation(picture) / variation,
                ]
                terms = [weight * term for weight, term in zip(weights, terms, strict=True)]
                return sum(terms), keras.ops.stack(terms)

            return backend.value_and_gradient(loss, picture)

        self.compute = backend.compiled(model, compute, [(None, None, 3), shapes[0], (), *grams])

    def aim(self, content: np.ndarray, style: np.ndarray) -> None:
        """Compute the targets from the content and the style, (height, width, 3) from 0 to 1."""
        deep, *_ = networks.features(self.model(content[None]))
        _, *layers = networks.features(self.model(style[None]))
        variation = max(float(losses.variation(content)), SMALLEST)
        variation = keras.ops.convert_to_tensor(np.float32(variation))
        self.targets = [deep, variation, *map(losses.gram, layers)]

    def __call__(self, picture) -> tuple:
        """The weighted losses, (3,), and the gradient of their sum, (height, width, 3)."""
        (_, terms), gradient = self.compute(keras.ops.convert_to_tensor(picture), *self.targets)
        return keras.ops.convert_to_numpy(terms).astype(float), gradient


def adam(loss: Loss, start: np.ndarray, steps: int, size: float, note: Callable) -> np.ndarray:
    """The picture, (height, width, 3), after ``steps`` of Adam with the learning rate ``size``.

    ``note`` is called with the weighted losses, (3,), before each step.
    """
    picture = keras.Variable(start)
    optimizer = keras.optimizers.Adam(size)
    for _ in range(steps):
        terms, gradient = loss(picture.value)
        note(terms)
        optimizer.apply([gradient], [picture])
        picture.assign(keras.ops.clip(picture, 0, 1))
    return keras.ops.convert_to_numpy(picture.value)


def lbfgs(loss: Loss, start: np.ndarray, steps: int, note: Callable) -> np.ndarray:
    """As :func:`adam`, by SciPy's L-BFGS-B, which is bounded to colours from 0 to 1."""
    last, taken = None, 0

    def value_and_gradient(flat):
        nonlocal last
        first = last is None
        last, gradient = loss(flat.reshape(start.shape).astype(np.float32))
        if first:
            note(last)
        return last.sum(), keras.ops.convert_to_numpy(gradient).ravel().astype(float)

    def step(_):
        nonlocal taken
        taken += 1
        if taken < steps:
            note(last)

    result = minimize(
        value_and_gradient,
        start.ravel().astype(float),
        jac=True,
        method="L-BFGS-B",
        bounds=Bounds(0, 1),
        callback=step,
        # No least gradient, since its scale is that of the weights.
        options={"maxiter": steps, "maxfun": 2 * steps, "gtol": 0},
    )
    return result.x.reshape(start.shape).astype(np.float32)


def transfer(
    name: str,
    settings: dict,
    to: str | None,
    sources: dict[str, Path],
    picture_file: Path,
    losses_file: Path,
    content_file: Path,
    style_file: Path,
) -> None:
    """Write the picture, the losses of every step (.csv), and the content and style as used.

    ``settings`` are those of `style.pictures.<name>`. The weights file ends with the layer ``to`` or,
    with None, holds the whole network. ``sources`` has the records or files of `weights`, `picture`
    and `style`. Raises ReverieError where the loss is not finite.
    """
    lines: list[tuple] = []

    def note(terms):
        lines.append((len(lines) + 1, *(f"{value:.9g}" for value in (*terms, sum(terms)))))
        if len(lines) % LOGGED == 0:
            print(f"{name}: step {len(lines)}, loss {lines[-1][-1]}", flush=True)

    begin = 0
    for painting in paintings(f"style.pictures.{name}", settings, to, sources, note):
        picture, content, style = painting
        if lines[begin:]:
            print(
                f"{name}: {content.shape[1]} × {content.shape[0]}, {len(lines) - begin} steps, "
                f"loss {lines[begin][-1]} to {lines[-1][-1]}",
                flush=True,
            )
        begin = len(lines)
    write_table(losses_file, COLUMNS, lines, line_end="\r\n")
    images.write(content_file, content, {})
    images.write(style_file, style, {})
    images.write(picture_file, picture, settings_of(name, settings, sources))


def paintings(
    where: str, settings: dict, to: str | None, sources: dict[str, Path], note: Callable
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield the picture, the content and the style, (height, width, 3), at each size in turn.

    ``note`` is called with the weighted losses, (3,), before each step. ``where`` begins the sentence of
    a ReverieError; other arguments as of :func:`transfer`.
    """
    files = [source_of(sources[key])[0] for key in ("picture", "style")]
    layers = [settings["content_layer"], *settings["style_layers"]]
    model = networks.of_record(settings["network"], layers, to, sources["weights"])
    loss = Loss(model, [settings[f"{term}_weight"] for term in ("content", "style", "variation")])
    taken, painted = itertools.count(1), None

    def checked(terms):
        note(terms)
        step = next(taken)
        if not np.all(np.isfinite(terms)):
            raise ReverieError(
                f"{where}: the loss is not a number from step {step} on; use smaller weights or, with "
                "Adam, a smaller step_size."
            )

    for size in settings["sizes"]:
        content, style = (images.read(file, size) for file in files)
        for key, used in (("picture", content), ("style", style)):
            networks.refuse_small(
                model, [used.shape[:2]], 0, f"{where}: a {key}", "use a larger size"
            )
        if painted is None:
            painted = initial(settings, content, style)
        painted = keras.ops.convert_to_numpy(resized(painted, content.shape[:2]))
        painted = np.clip(painted, 0, 1).astype(np.float32)
        loss.aim(content, style)
        if settings["optimizer"] == "Adam":
            painted = adam(loss, painted, settings["steps"], settings["step_size"], checked)
        else:
            painted = lbfgs(loss, painted, settings["steps"], checked)
        keep = settings["keep_colours"]
        yield with_colours_of(content, painted) if keep else painted, content, style


def initial(settings: dict, content: np.ndarray, style: np.ndarray) -> np.ndarray:
    """The picture from which the smallest size starts, (height, width, 3)."""
    if settings["start"] == "noise":
        generator = np.random.default_rng(settings["seed"])
        return generator.uniform(0, 1, content.shape).astype(np.float32)
    return content if settings["start"] == "content" else style


def with_colours_of(content: np.ndarray, picture: np.ndarray) -> np.ndarray:
    """The picture's luminance with the content's colours (Gatys et al. 2016)."""
    _, blue, red = images.image(content).convert("YCbCr").split()
    luminance = images.image(picture).convert("YCbCr").getchannel(0)
    merged = Image.merge("YCbCr", (luminance, blue, red)).convert("RGB")
    return np.asarray(merged, np.float32) / 255
