"""How long pictures take, by the network and the depth of its layers."""

import math

import keras
import pytest
from reverie import estimates
from reverie.pictures import networks

SIDE = 512  # pixels of a picture by which multiplications are counted


def test_every_network_has_an_estimate():
    assert estimates.PIXEL_STEP.keys() == networks.NETWORKS.keys()


@pytest.mark.parametrize("name", estimates.DEPTH)
def test_the_depth_is_the_share_of_multiplications(name):
    """As counted from the shapes of Keras' own network."""
    keras.utils.clear_session()
    whole = networks.NETWORKS[name].build(
        weights=None, include_top=False, input_shape=(SIDE, SIDE, 3)
    )
    multiplications, until = 0, {}
    for layer in whole.layers:
        if hasattr(layer, "kernel"):
            cells = math.prod(layer.output.shape[1:3])
            multiplications += math.prod(layer.kernel.shape) * cells
        until[layer.name] = multiplications
    ends = [block if block in until else f"{block}_pool" for block in estimates.DEPTH[name]]
    shares = [until[end] / multiplications for end in ends]
    assert list(estimates.DEPTH[name].values()) == pytest.approx(shares, abs=0.01)


def test_the_deepest_layer_decides():
    assert estimates.depth("VGG19", ["block3_conv1", "block1_conv1"]) == 0.57
    assert estimates.depth("InceptionV3", ["mixed9_1"]) == 0.93
    assert estimates.depth("InceptionV3", ["mixed2", "conv2d_90"]) == 1  # in no known block
    assert estimates.depth("SqueezeNet", ["fire2"]) == 1
