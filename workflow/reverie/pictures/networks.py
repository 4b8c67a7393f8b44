"""The networks that dream: their layers, what they expect of a picture, and where they are cut."""

import math
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from reverie.errors import ReverieError
from reverie.pictures import convnet
from reverie.records import source_of
from reverie.weights import load as read_weights

BGR_MEAN = np.array([103.939, 116.779, 123.68], np.float32)


@dataclass(frozen=True)
class Network:
    """A network of `keras.applications`, and how it wants colours."""

    build: type
    colours: object


def from_minus_one(picture):
    """0 to 1 becomes -1 to 1."""
    return 2 * picture - 1


def blue_first(picture):
    """0 to 1 becomes 0 to 255 in the order blue, green, red, less the mean of ImageNet."""
    return 255 * keras.ops.flip(picture, axis=-1) - BGR_MEAN


NETWORKS = {
    "InceptionV3": Network(keras.applications.InceptionV3, from_minus_one),
    "VGG16": Network(keras.applications.VGG16, blue_first),
    "VGG19": Network(keras.applications.VGG19, blue_first),
}


def load(
    name: str, layers: list[str], weights: Path, to: str | None = None, sample: bool = False
) -> keras.Model:
    """From a picture, (1, height, width, 3) of 0 to 1, to the outputs of ``layers``.

    What lies behind the deepest of them is cut off. ``weights`` is a file of the whole network
    without its top or, with ``to``, of the part that ends with that layer. If it is a ``sample``, it
    belongs to the small convnet, which stands in for each layer as :func:`stand_in` says.
    Raises ReverieError for a layer that the network or the file lacks.
    """
    network = NETWORKS[name]
    keras.utils.clear_session()  # names such as conv2d_5 count from the start again
    whole = network.build(weights=None, include_top=False)
    known = [layer.name for layer in whole.layers]
    if to and to not in known:
        raise ReverieError(f"networks.{name}.to: {name} has no layer {to!r}; correct the name.")
    part = known.index(to) + 1 if to and not sample else len(known)
    for layer in layers:
        if layer not in known[:part]:
            reason = (
                f"the weights in {weights} end with {to}" if layer in known else "it has none such"
            )
            raise ReverieError(f"{name} gives no layer {layer!r}: {reason}; choose another.")
    if sample:
        small = convnet.model()
        read_weights(small, weights, "the small network", "delete it")
        stages = [stand_in(small, whole, layer) for layer in layers]
        return with_colours(convnet.even_contrast, keras.Model(small.input, stages))
    given = keras.Model(whole.input, whole.get_layer(to).output) if to else whole
    advice = f"correct weights.{name}: its asset, or `to`, the last layer of a file that ends early"
    read_weights(given, weights, f"{name} up to {to}" if to else name, advice)
    outputs = [whole.get_layer(layer).output for layer in layers]
    return with_colours(network.colours, keras.Model(whole.input, outputs))


def with_colours(colours, model: keras.Model) -> keras.Model:
    """The model, folded, from a picture of 0 to 1."""
    picture = keras.Input((None, None, 3))
    return keras.Model(picture, folded(model)(colours(picture)))


def features(outputs) -> list:
    """What a model gives as a list: Keras gives a single output alone."""
    return outputs if isinstance(outputs, (list, tuple)) else [outputs]


def of_record(name: str, layers: list[str], to: str | None, record: Path) -> keras.Model:
    """The network as of :func:`load` with the weights that an asset's record names."""
    file, origin = source_of(record)
    return load(name, layers, file, to, origin["sample"])


def refuse_small(
    model: keras.Model, shapes: list[tuple[int, int]], border: int, where: str, advice: str
) -> None:
    """Raise ReverieError for a picture of which a layer has nothing left inside its border."""
    for height, width in shapes:
        try:
            found = model.compute_output_shape((1, height, width, 3))
            layers = [found] if isinstance(found[0], int) else found
            small = min(side for layer in layers for side in layer[1:3]) <= 2 * border
        except ValueError:  # Keras: a layer would have no cell at all
            small = True
        if small:
            raise ReverieError(
                f"{where} of {height} × {width} pixels is too small for its layers; {advice}."
            )


def stand_in(small: keras.Model, whole: keras.Model, layer: str):
    """What the small convnet gives in the place of a layer: the stage with cells as coarse.

    Of the coarsest cells of InceptionV3, which know objects, it is what they take them for.
    """
    side = 512
    cells = keras.Model(whole.input, whole.get_layer(layer).output).compute_output_shape(
        (1, side, side, 3)
    )[1]
    stage = min(len(convnet.FILTERS), 1 + round(math.log2(side / cells)))
    if layer.startswith("mixed") and stage == len(convnet.FILTERS):
        return keras.layers.Softmax()(small.get_layer("kinds").output)
    # Scaled, so that beside shares from 0 to 1 it does not outweigh them.
    return keras.layers.Rescaling(0.1)(small.get_layer(f"stage{stage}").output)


def folded(model: keras.Model) -> keras.Model:
    """The same function without batch normalisations: each becomes part of the convolution before it.

    They cost a dreaming network as much memory traffic as its convolutions, and never learn here.
    Behind a convolution that is itself asked for they stay.
    """
    normalised, asked = {}, {output._keras_history.operation.name for output in model.outputs}
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            (before,) = [node.operation for node in layer._inbound_nodes[0].parent_nodes]
            if before.name not in asked:
                normalised[before.name] = layer
    bare = {layer.name for layer in normalised.values()}

    def without(layer):
        if layer.name in bare:
            return keras.layers.Identity(name=layer.name)
        settings = layer.get_config()
        if layer.name in normalised:
            settings["use_bias"] = True
        return type(layer).from_config(settings)

    clone = keras.models.clone_model(
        model, clone_function=without, call_function=lambda layer, *inputs, **_: layer(*inputs)
    )
    for layer in model.layers:
        if layer.name in normalised:
            after = normalised[layer.name]
            gain = np.array(after.gamma) if after.scale else 1.0
            gain = gain / np.sqrt(np.array(after.moving_variance) + after.epsilon)
            offset = np.array(after.beta) - np.array(after.moving_mean) * gain
            kernel, *bias = layer.get_weights()
            bias = bias[0] if bias else 0.0
            clone.get_layer(layer.name).set_weights([kernel * gain, bias * gain + offset])
        elif layer.weights and layer.name not in bare:
            clone.get_layer(layer.name).set_weights(layer.get_weights())
    return clone
