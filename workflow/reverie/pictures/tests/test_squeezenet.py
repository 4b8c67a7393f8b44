"""SqueezeNet: its embedded weights, its features against plain NumPy, and for what it stands in."""

import h5py
import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reverie.assets import embedded
from reverie.checkpoints import Checkpoints
from reverie.dream import dreams
from reverie.dream.config import Dream
from reverie.pictures import images, networks, squeezenet
from reverie.pictures.config import SMALLEST_SIDE
from reverie.samples import drawings
from reverie.weights import load

WEIGHTS = embedded("squeezenet_1_1_notop.weights.h5").absolute()
LAYERS = [layer for level in squeezenet.LEVELS for layer in level]


@pytest.fixture(scope="module")
def network():
    """The model with the embedded weights."""
    model = squeezenet.SqueezeNet()
    load(model, WEIGHTS, "SqueezeNet", "")
    return model


@pytest.fixture(scope="module")
def features():
    """Pictures to the outputs of LAYERS."""
    return networks.load("SqueezeNet", LAYERS, WEIGHTS)


def test_it_is_squeezenet_1_1(network):
    assert network.count_params() == 722_496
    assert network.compute_output_shape((1, 224, 224, 3)) == (1, 13, 13, 512)


def test_the_embedded_weights_are_those_of_the_mirror(network, mirror):
    """In 16 bits; there, layers are called `fire2/squeeze1x1`, `fire2/expand3x3`, …."""
    parts = {"_squeeze": "/squeeze1x1", "_expand1": "/expand1x1", "_expand3": "/expand3x3"}
    compared = 0
    with h5py.File(mirror / "squeezenet_notop.h5") as file:
        for layer in network.layers:
            if layer.weights:
                name = layer.name
                for part, theirs in parts.items():
                    name = name.replace(part, theirs)
                group = file[name]
                expected = [np.array(group[key]) for key in group.attrs["weight_names"]]
                for one, two in zip(layer.get_weights(), expected, strict=True):
                    assert np.array_equal(one, two.astype(np.float16)), name
                    compared += one.size
    assert compared == 722_496


def convolved(picture, kernel, bias, stride=1):
    """The picture, (height, width, channels), convolved, padded as "same" has it, and rectified."""
    size = len(kernel)
    for axis in (0, 1):
        side = picture.shape[axis]
        missing = max((-(-side // stride) - 1) * stride + size - side, 0)
        padding = [(0, 0)] * 3
        padding[axis] = (missing // 2, missing - missing // 2)
        picture = np.pad(picture, padding)
    patches = np.lib.stride_tricks.sliding_window_view(picture, (size, size), (0, 1))
    found = np.einsum("hwcij,ijco->hwo", patches[::stride, ::stride], kernel)
    return np.maximum(found + bias, 0)


def test_features_in_plain_numpy(network, features):
    """conv1 and fire2 of a picture with odd and even sides, from colours from 0 to 1."""
    picture = np.random.default_rng(0).uniform(0, 1, (33, 38, 3)).astype(np.float32)
    weights = {layer.name: layer.get_weights() for layer in network.layers}
    prepared = 255 * picture[..., ::-1].astype(float) - [103.939, 116.779, 123.68]
    conv1 = convolved(prepared, *weights["conv1"], stride=2)
    pooled = np.lib.stride_tricks.sliding_window_view(conv1, (3, 3), (0, 1))[::2, ::2].max((3, 4))
    squeezed = convolved(pooled, *weights["fire2_squeeze"])
    fire2 = [convolved(squeezed, *weights[f"fire2_expand{size}"]) for size in (1, 3)]
    expected = [conv1, np.concatenate(fire2, axis=-1)]
    for one, two in zip(features(picture[None])[:2], expected, strict=True):
        assert np.allclose(one[0], two, rtol=1e-4, atol=1e-3)


def test_typical_values_are_typical(features, tmp_path):
    """Within a factor of three for each of two very different pictures."""
    for name in ("sky", "meadow"):
        drawings.write(tmp_path / "a.png", getattr(drawings, name)())
        for layer, output in zip(
            LAYERS, features(images.read(tmp_path / "a.png", 320)[None]), strict=True
        ):
            root = np.sqrt(np.square(output).mean())
            assert 1 / 3 < root / squeezenet.TYPICAL[layer] < 3, (name, layer)


def whole(name: str, side=networks.SIDE) -> keras.Model:
    keras.utils.clear_session()
    return networks.NETWORKS[name].build(
        weights=None, include_top=False, input_shape=(side, side, 3)
    )


@pytest.mark.parametrize("name", ["InceptionV3", "VGG16", "VGG19"])
def test_deeper_layers_have_deeper_stand_ins(name):
    """No layer's place is taken by one that comes before the stand-ins for its inputs."""
    network = whole(name)
    places = {
        layer.name: LAYERS.index(networks.stand_in(network, layer.name)) for layer in network.layers
    }
    for layer in network.layers[1:]:
        for node in layer._inbound_nodes[0].parent_nodes:
            assert places[node.operation.name] <= places[layer.name], layer.name
    assert max(places.values()) == len(LAYERS) - 1


def test_each_block_of_vgg_has_a_stand_in_of_its_own():
    network = whole("VGG19")
    found = [networks.stand_in(network, f"block{block}_conv1") for block in range(1, 6)]
    assert found == ["conv1", "fire2", "fire3", "fire4", "fire7"]


def test_a_stand_in_gives_squeezenets_features_scaled_and_evened():
    """Each as often as it is asked for: both layers of VGG16's first block have the same one."""
    picture = drawings.sky()[None, :96, :128].astype(np.float32)
    layers = ["block1_conv2", "block5_pool", "block1_conv1"]
    found = networks.load("VGG16", layers, WEIGHTS, "block3_conv1", sample=True)(picture)
    names = ["conv1", "fire9", "conv1"]
    plain = networks.load("SqueezeNet", names, WEIGHTS)(picture)
    for one, two, name in zip(found, plain, names, strict=True):
        expected = networks.evened(np.array(two) / squeezenet.TYPICAL[name])
        assert np.allclose(one, expected, rtol=1e-4, atol=1e-5)


@given(st.floats(1e-3, 1e3), st.integers(0, 99))
def test_strong_cells_are_toned_down_and_no_direction_changes(size, seed):
    """Of a cell's mean square at most the fourth root remains."""
    cell = np.abs(np.random.default_rng(seed).normal(size=8))
    cell *= size / np.sqrt(np.square(cell).mean())
    found = np.array(networks.evened(cell[None, None, None]))[0, 0, 0]
    ratio = found / cell
    assert np.allclose(ratio, ratio[0])
    energy = np.square(found).mean()
    assert 0.59 < energy / min(size**2, size**0.5) <= 1


@pytest.mark.parametrize("name", ["SqueezeNet", "VGG16"])
def test_the_smallest_side_leaves_cells(name):
    """Of half of it, no cell would be left in the deepest layer."""
    side = SMALLEST_SIDE[name]
    network = networks.NETWORKS[name].build(weights=None, include_top=False)
    assert min(network.compute_output_shape((1, side, side, 3))[1:3]) >= 1
    with pytest.raises(ValueError):
        network.compute_output_shape((1, side // 2, side // 2, 3))


def test_a_dream_of_squeezenet(tmp_path):
    given = {"network": "SqueezeNet", "layers": {"fire5": 1}, "picture": "noise"}
    dream = Dream(**given, size=128, octaves=2, steps=3).model_dump()
    files = [tmp_path / name for name in ("x.png", "x.csv", "octaves.png", "original.png")]
    dreams.render(
        "x", dream, None, {"weights": WEIGHTS}, Checkpoints(tmp_path / "checkpoints", ""), *files
    )
    losses = [float(line.split(",")[-1]) for line in files[1].read_text().split()[1:]]
    assert losses[2] > losses[0] and losses[5] > losses[3]
