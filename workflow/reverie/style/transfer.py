"""Style transfer: the picture itself is what is learned."""

from collections.abc import Callable
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
SAID = 50  # steps between two lines about progress
SMALLEST = 1e-6  # variation of a picture without any


class Judge:
    """The loss of pictures against a content and a style, whose targets are computed once.

    ``model`` gives the content layer first, then the style layers; ``content`` and ``style`` are
    (height, width, 3) from 0 to 1; ``weights`` are those of content, style and variation.
    """

    def __init__(self, model: keras.Model, weights: list[float]):
        self.model = model
        shapes = [(1, None, None, layer.shape[-1]) for layer in networks.features(model.outputs)]
        grams = [(shape[-1], shape[-1]) for shape in shapes[1:]]

        def judged(predict, picture, content, variation, *targets):
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

        self.judged = backend.compiled(model, judged, [(None, None, 3), shapes[0], (), *grams])

    def aim(self, content: np.ndarray, style: np.ndarray) -> None:
        """Compute the targets."""
        deep, *_ = networks.features(self.model(content[None]))
        _, *layers = networks.features(self.model(style[None]))
        variation = max(float(losses.variation(content)), SMALLEST)
        variation = keras.ops.convert_to_tensor(np.float32(variation))
        self.targets = [deep, variation, *map(losses.gram, layers)]

    def __call__(self, picture) -> tuple:
        """The weighted terms, (3,), and the gradient of their sum."""
        (_, terms), gradient = self.judged(keras.ops.convert_to_tensor(picture), *self.targets)
        return keras.ops.convert_to_numpy(terms).astype(float), gradient


def adam(judge: Judge, start: np.ndarray, steps: int, size: float, note: Callable) -> np.ndarray:
    """The picture after Adam's steps of about ``size``; ``note(terms)`` is told before each."""
    picture = keras.Variable(start)
    optimizer = keras.optimizers.Adam(size)
    for _ in range(steps):
        terms, gradient = judge(picture.value)
        note(terms)
        optimizer.apply([gradient], [picture])
        picture.assign(keras.ops.clip(picture, 0, 1))
    return keras.ops.convert_to_numpy(picture.value)


def lbfgs(judge: Judge, start: np.ndarray, steps: int, note: Callable) -> np.ndarray:
    """The picture after SciPy's L-BFGS-B within the range of colours; ``note`` as of :func:`adam`."""
    last, taken = None, 0

    def loss(flat):
        nonlocal last
        first = last is None
        last, gradient = judge(flat.reshape(start.shape).astype(np.float32))
        if first:
            note(last)
        return last.sum(), keras.ops.convert_to_numpy(gradient).ravel().astype(float)

    def step(_):
        nonlocal taken
        taken += 1
        if taken < steps:
            note(last)

    found = minimize(
        loss,
        start.ravel().astype(float),
        jac=True,
        method="L-BFGS-B",
        bounds=Bounds(0, 1),
        callback=step,
        options={"maxiter": steps, "maxfun": 2 * steps},
    )
    return found.x.reshape(start.shape).astype(np.float32)


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
    """Paint the picture; write it, the losses of every step (.csv), and the two it was made of.

    ``settings`` are those of `style.pictures.<name>`; the weights end with the layer ``to``, if given;
    ``sources`` are the records or files behind `weights`, `picture` and `style`.
    """
    given = [source_of(sources[key])[0] for key in ("picture", "style")]
    layers = [settings["content_layer"], *settings["style_layers"]]
    model = networks.of_record(settings["network"], layers, to, sources["weights"])
    judge = Judge(model, [settings[f"{term}_weight"] for term in ("content", "style", "variation")])
    lines: list[tuple] = []

    def note(terms):
        lines.append((len(lines) + 1, *(f"{value:.9g}" for value in (*terms, sum(terms)))))
        if not np.all(np.isfinite(terms)):
            raise ReverieError(
                f"style.pictures.{name}: the loss is not a number from step {len(lines)} on; use smaller weights or, with Adam, a smaller step_size."
            )
        if len(lines) % SAID == 0:
            print(f"{name}: step {len(lines)}, loss {lines[-1][-1]}", flush=True)

    picture = None
    for size in settings["sizes"]:
        content, style = (images.read(file, size) for file in given)
        for shape, what in ((content.shape, "picture"), (style.shape, "style")):
            where, advice = f"style.pictures.{name}: a {what}", "use a larger size"
            networks.refuse_small(model, [shape[:2]], 0, where, advice)
        if picture is None:
            picture = first(settings, content, style)
        picture = keras.ops.convert_to_numpy(resized(picture, content.shape[:2]))
        picture = np.clip(picture, 0, 1).astype(np.float32)
        judge.aim(content, style)
        begin = len(lines)
        if settings["optimizer"] == "Adam":
            picture = adam(judge, picture, settings["steps"], settings["step_size"], note)
        else:
            picture = lbfgs(judge, picture, settings["steps"], note)
        if lines[begin:]:
            print(
                f"{name}: {content.shape[1]} × {content.shape[0]}, {len(lines) - begin} steps, "
                f"loss {lines[begin][-1]} to {lines[-1][-1]}",
                flush=True,
            )
    if settings["keep_colours"]:
        picture = with_colours_of(content, picture)
    write_table(losses_file, COLUMNS, lines, line_end="\r\n")
    images.write(content_file, content, {})
    images.write(style_file, style, {})
    images.write(picture_file, picture, settings_of(name, settings, sources))


def first(settings: dict, content: np.ndarray, style: np.ndarray) -> np.ndarray:
    """What the smallest size starts from."""
    if settings["start"] == "noise":
        generator = np.random.default_rng(settings["seed"])
        return generator.uniform(0, 1, content.shape).astype(np.float32)
    return content if settings["start"] == "content" else style


def with_colours_of(content: np.ndarray, picture: np.ndarray) -> np.ndarray:
    """The picture's light with the content's colours (Gatys et al. 2016, luminance only)."""
    _, blue, red = images.image(content).convert("YCbCr").split()
    light = images.image(picture).convert("YCbCr").getchannel(0)
    merged = Image.merge("YCbCr", (light, blue, red)).convert("RGB")
    return np.asarray(merged, np.float32) / 255
