"""Pretrained networks as feature extractors: their preprocessing, weights and outputs."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from reverie.errors import ReverieError
from reverie.pictures.squeezenet import LEVELS, TYPICAL, SqueezeNet
from reverie.records import source_of
from reverie.weights import load as read_weights

BGR_MEAN = np.array([103.939, 116.779, 123.68], np.float32)


@dataclass(frozen=True)
class Network:
    """A network of `keras.applications`, and its preprocessing of colours from 0 to 1."""

    build: Callable
    preprocess: Callable


def from_minus_one(picture):
    """Colours from -1 to 1."""
    return 2 * picture - 1


def blue_first(picture):
    """Colours from 0 to 255 in the order blue, green, red, less ImageNet's mean."""
    return 255 * keras.ops.flip(picture, axis=-1) - BGR_MEAN


NETWORKS = {
    "InceptionV3": Network(keras.applications.InceptionV3, from_minus_one),
    "VGG16": Network(keras.applications.VGG16, blue_first),
    "VGG19": Network(keras.applications.VGG19, blue_first),
    "SqueezeNet": Network(SqueezeNet, blue_first),
}
SIDE = 512  # pixels of a picture by which layers of two networks are compared


def load(
    name: str, layers: list[str], weights: Path, to: str | None = None, sample: bool = False
) -> keras.Model:
    """A feature extractor: pictures, (1, height, width, 3) from 0 to 1, to the outputs of ``layers``.

    It ends with the deepest of the ``layers``. ``weights`` is a file of the whole network without its
    top or, with ``to``, of its part up to that layer. If it is a ``sample``, it holds the weights of
    SqueezeNet, which stands in for each layer as :func:`stand_in` says. Raises ReverieError for a
    layer that the network or the file lacks.
    """
    network = NETWORKS[name]
    keras.utils.clear_session()  # so that automatic names, such as conv2d_5, count from the start
    shape = (SIDE, SIDE, 3) if sample else None
    whole = network.build(weights=None, include_top=False, input_shape=shape)
    names = [layer.name for layer in whole.layers]
    if to and to not in names:
        raise ReverieError(f"weights.{name}.to: {name} has no layer {to!r}; correct the name.")
    end = names.index(to) + 1 if to and not sample else len(names)
    for layer in layers:
        if layer not in names:
            raise ReverieError(f"{name} has no layer {layer!r}; choose another.")
        if layer not in names[:end]:
            raise ReverieError(
                f"{name} gives no layer {layer!r}: the weights in {weights} end with {to}; choose "
                "another."
            )
    if sample:
        return small_network([stand_in(whole, layer) for layer in layers], weights)
    part = keras.Model(whole.input, whole.get_layer(to).output) if to else whole
    advice = f"correct weights.{name}: its asset, or `to`, the last layer of a file that ends early"
    read_weights(part, weights, f"{name} up to {to}" if to else name, advice)
    outputs = [whole.get_layer(layer).output for layer in layers]
    return preprocessed(network.preprocess, keras.Model(whole.input, outputs))


def small_network(layers: list[str], weights: Path) -> keras.Model:
    """The :func:`evened` outputs of SqueezeNet's ``layers``, in the place of another network's."""
    small = SqueezeNet()
    read_weights(small, weights, "SqueezeNet", "fetch the file anew with git")
    outputs = [small.get_layer(layer).output for layer in layers]
    model = preprocessed(blue_first, keras.Model(small.input, outputs))
    outputs = zip(features(model.output), layers, strict=True)
    return keras.Model(model.input, [evened(output / TYPICAL[layer]) for output, layer in outputs])


def evened(cells):
    """Features, (batch, height, width, channels), with strong cells toned down.

    A cell's mean square becomes about its fourth root where it is large, and stays where it is small.
    Dreams of a small network would otherwise grow, and burn out, only where it responds first.
    """
    strength = keras.ops.mean(keras.ops.square(cells), axis=-1, keepdims=True)
    return cells / (1 + strength) ** 0.375


def preprocessed(preprocess: Callable, model: keras.Model) -> keras.Model:
    """The :func:`folded` model behind its preprocessing: its inputs are colours from 0 to 1."""
    picture = keras.Input((None, None, 3))
    return keras.Model(picture, folded(model)(preprocess(picture)))


def features(outputs) -> list:
    """A model's outputs as a list, also where Keras returns a single output bare."""
    return outputs if isinstance(outputs, (list, tuple)) else [outputs]


def of_record(name: str, layers: list[str], to: str | None, record: Path) -> keras.Model:
    """The network of :func:`load`, with the weights that the asset's ``record`` (.json) names."""
    file, origin = source_of(record)
    return load(name, layers, file, to, origin["sample"])


def refuse_small(
    model: keras.Model, shapes: list[tuple[int, int]], border: int, where: str, advice: str
) -> None:
    """Raise ReverieError if pictures of the ``shapes`` leave a layer no cells inside its ``border``.

    ``border`` is in cells; ``where`` begins the sentence of the error, ``advice`` ends it.
    """
    for height, width in shapes:
        try:
            output = model.compute_output_shape((1, height, width, 3))
            layers = [output] if isinstance(output[0], int) else output
            small = min(side for layer in layers for side in layer[1:3]) <= 2 * border
        except ValueError:  # from Keras, where a layer would have no cells at all
            small = True
        if small:
            raise ReverieError(
                f"{where} of {height} × {width} pixels is too small for its layers; {advice}."
            )


def stand_in(whole: keras.Model, layer: str) -> str:
    """The layer of SqueezeNet in the place of a ``layer``: as coarse, and among those as deep.

    ``whole`` is the network for pictures of SIDE pixels a side.
    """
    levels = {
        each.name: min(round(math.log2(SIDE / each.output.shape[1])), len(LEVELS) - 1)
        for each in whole.layers
    }
    names = LEVELS[levels[layer]]
    peers = [name for name, level in levels.items() if level == levels[layer]]
    depth = peers.index(layer) / max(len(peers) - 1, 1)
    return names[round(depth * (len(names) - 1))]


def folded(model: keras.Model) -> keras.Model:
    """The model with each batch normalisation folded into the weights of the convolution before it.

    That saves time: normalisations take as much memory traffic as convolutions, and are constant here.
    A normalisation stays where the convolution before it is itself an output of the model.
    """
    normalised, outputs = {}, {output._keras_history.operation.name for output in model.outputs}
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            (before,) = [node.operation for node in layer._inbound_nodes[0].parent_nodes]
            if before.name not in outputs:
                normalised[before.name] = layer
    removed = {layer.name for layer in normalised.values()}

    def copied(layer):
        if layer.name in removed:
            return keras.layers.Identity(name=layer.name)
        settings = layer.get_config()
        if layer.name in normalised:
            settings["use_bias"] = True
        return type(layer).from_config(settings)

    clone = keras.models.clone_model(
        model, clone_function=copied, call_function=lambda layer, *inputs, **_: layer(*inputs)
    )
    for layer in model.layers:
        if layer.name in normalised:
            norm = normalised[layer.name]
            gain = np.array(norm.gamma) if norm.scale else 1.0
            gain = gain / np.sqrt(np.array(norm.moving_variance) + norm.epsilon)
            offset = np.array(norm.beta) - np.array(norm.moving_mean) * gain
            kernel, *bias = layer.get_weights()
            bias = bias[0] if bias else 0.0
            clone.get_layer(layer.name).set_weights([kernel * gain, bias * gain + offset])
        elif layer.weights and layer.name not in removed:
            clone.get_layer(layer.name).set_weights(layer.get_weights())
    return clone
