"""What the matrix products of a network come to, and how fast a core multiplies large matrices.

A product multiplies and adds each weight once at each position: 2 operations. Nothing else is counted.
"""

import math
import time
from statistics import median

import keras
import numpy as np
from reverie import backend, recurrent
from reverie.forecast import models

SIZE, REPETITIONS = 1024, 20  # of the large product


def weights(layer) -> tuple[int, int, int]:
    """At how many positions of a window the layer multiplies, and how many weights.

    First the weights by which it multiplies its inputs, then those for its states. Both directions
    count together. Positions are times of a recurrent layer, else those of the outputs.
    """
    recurrent_layer = isinstance(layer, keras.layers.RNN | keras.layers.Bidirectional)
    positions = layer.input.shape[1] if recurrent_layer else math.prod(layer.output.shape[1:-1])
    sizes = {"kernel": 0, "recurrent_kernel": 0}
    for weight in layer.weights:
        if weight.name in sizes:
            sizes[weight.name] += math.prod(weight.shape)
    return positions, *sizes.values()


def training(model: keras.Model) -> int:
    """Operations of a training step for one window.

    A product forward makes two backward, one for each factor, but for the first layer's inputs.
    """
    counted = [weights(layer) for layer in model.layers]
    forward = [
        (2 * positions * inputs, 2 * positions * states) for positions, inputs, states in counted
    ]
    first = next(inputs for inputs, _ in forward if inputs)
    return 3 * sum(map(sum, forward)) - first


def evaluation(loop: backend.Loop) -> int:
    """Operations of a forecast for one window; what windows share counts once for each row."""
    layers, shared = loop.model.layers, 0
    if loop.evaluated[0] is not loop.model:
        shared = len(models.sliding_layers(loop.model))
        shared += recurrent.shares_inputs(layers[shared])
    total = 0
    for index, layer in enumerate(layers):
        positions, inputs, states = weights(layer)
        total += 2 * inputs * (1 if index < shared else positions) + 2 * states * positions
    return total


def speed() -> float:
    """Operations a second of a large float32 product, on the cores that this process may use."""
    matrix = keras.ops.convert_to_tensor(np.ones((SIZE, SIZE), np.float32))
    seconds = []
    for _ in range(REPETITIONS):
        start = time.perf_counter()
        keras.ops.convert_to_numpy(keras.ops.matmul(matrix, matrix))
        seconds.append(time.perf_counter() - start)
    return 2 * SIZE**3 / median(seconds)
