"""Octaves, objective and ascent against plain NumPy and finite differences."""

import h5py
import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras.src.legacy.saving import legacy_h5_format
from reverie.dream import ascent
from reverie.errors import ReverieError
from reverie.pictures import networks, octaves
from scipy import ndimage

PICTURE = np.random.default_rng(0).uniform(0, 1, (24, 32, 3)).astype(np.float32)


def test_octaves_are_the_slides():
    """`int(side / 1.4 ** n)`, from small to large."""
    assert octaves.shapes(350, 700, 3, 1.4) == [(178, 357), (250, 500), (350, 700)]


@given(st.integers(50, 2000), st.integers(50, 2000), st.integers(1, 6), st.floats(1.1, 2.5))
def test_octaves_grow_to_the_picture(height, width, number, scale):
    found = octaves.shapes(height, width, number, scale)
    assert len(found) == number
    assert found == sorted(found)
    assert found[-1] == (height, width)


def test_too_small_an_octave_is_refused():
    """Of 21 pixels the second layer has 9 cells, of 12 it has 4: nothing inside the border."""
    model = small_network()

    def refuse(model, *shapes):
        networks.refuse_small(model, list(shapes), 2, "dream.sky: an octave", "enlarge it")

    refuse(model, (21, 21))
    sentence = "dream.sky: an octave of 12 × 30 pixels is too small for its layers; enlarge it."
    with pytest.raises(ReverieError, match=sentence):
        refuse(model, (12, 30), (21, 42))
    with pytest.raises(ReverieError, match="too small"):  # a model with one output
        refuse(keras.Model(model.input, model.outputs[0]), (6, 6))
    with pytest.raises(
        ReverieError, match="too small"
    ):  # Keras itself refuses a layer without cells
        refuse(model, (1, 640))


def test_lost_detail_is_what_shrinking_took():
    """Nothing where nothing shrank; with it the enlarged picture is the original again."""
    assert np.allclose(octaves.lost_detail(PICTURE, (24, 32), (24, 32)), 0, atol=1e-5)
    smaller = octaves.resized(PICTURE, (12, 16))
    detail = octaves.lost_detail(PICTURE, (12, 16), (24, 32))
    whole = np.array(octaves.resized(smaller, (24, 32))) + np.array(detail)
    assert np.allclose(whole, PICTURE, atol=1e-5)
    flat = np.full((24, 32, 3), 0.3, np.float32)
    assert np.allclose(octaves.lost_detail(flat, (12, 16), (24, 32)), 0, atol=1e-5)


def test_the_objective_in_plain_numpy():
    generator = np.random.default_rng(1)
    layers = [generator.normal(size=(1, 9, 8, 5)), generator.normal(size=(1, 6, 7, 3))]
    expected = sum(
        weight * (layer[0, 2:-2, 2:-2] ** 2).mean()
        for layer, weight in zip(layers, [0.5, 3], strict=True)
    )
    assert float(ascent.activation(layers, [0.5, 3])) == pytest.approx(expected)
    expected = (layers[0][0, 2:-2, 2:-2][..., [4, 1]] ** 2).mean()
    assert float(ascent.activation(layers[:1], [1], [4, 1])) == pytest.approx(expected)


def test_likeness_in_plain_numpy():
    """Every cell is compared with the cell of the guide that fits it best."""
    generator = np.random.default_rng(1)
    layer, guide = generator.normal(size=(1, 7, 6, 5)), generator.normal(size=(11, 5))
    best = [
        max(float(cell @ other) for other in guide) for cell in layer[0, 2:-2, 2:-2].reshape(-1, 5)
    ]
    found = ascent.likeness([layer], [2.0], [guide])
    assert float(found) == pytest.approx(2 * np.mean(best) / 5)


def small_network():
    keras.utils.set_random_seed(0)
    picture = keras.Input((None, None, 3))
    first = keras.layers.Conv2D(4, 3, activation="tanh")(picture)
    return keras.Model(picture, [first, keras.layers.Conv2D(2, 3, strides=2)(first)])


def dreamer_of(model, seed=0, **settings):
    def objective(features):
        return ascent.activation(features, [1.0, 2.0])

    chosen = ascent.Ascent(**({"steps": 1, "step_size": 0.01} | settings))
    return ascent.Dreamer(model, objective, chosen, seed)


def value(model, picture) -> float:
    features = [np.asarray(layer, float) for layer in model(picture[None])]
    return float(ascent.activation(features, [1.0, 2.0]))


@pytest.mark.parametrize("norm", ["mean", "l2", "std"])
def test_a_step_follows_finite_differences(norm):
    """The step is the gradient over its size: all directions agree on that one factor."""
    model, generator = small_network(), np.random.default_rng(2)
    climbed, losses = dreamer_of(model, norm=norm).climb(PICTURE)
    assert losses == [pytest.approx(value(model, PICTURE), rel=1e-5)]
    step = (np.array(climbed, float) - PICTURE) / 0.01
    sizes = {"mean": np.abs(step).mean(), "l2": np.sqrt((step**2).sum()), "std": step.std()}
    assert sizes[norm] == pytest.approx(1, rel=1e-3)
    factors = []
    for _ in range(4):
        direction = generator.normal(size=PICTURE.shape).astype(np.float32)
        ahead, behind = (value(model, PICTURE + side * direction) for side in (0.01, -0.01))
        factors.append((ahead - behind) / 0.02 / (step * direction).sum())
    assert min(factors) > 0
    assert factors == pytest.approx([factors[0]] * 4, rel=0.05)


def test_every_octave_raises_the_objective():
    dreamer = dreamer_of(small_network(), steps=8)
    found = list(ascent.dream(dreamer, PICTURE, octaves.shapes(24, 32, 2, 1.4), details=True))
    assert [shape for shape, _, _ in found] == [(17, 22), (24, 32)]
    for shape, picture, losses in found:
        assert picture.shape == (*shape, 3)
        assert len(losses) == 8
        assert losses[-1] > losses[0]


def test_without_steps_a_dream_is_the_picture():
    """All detail that shrinking lost is put back."""
    shapes = octaves.shapes(24, 32, 3, 1.4)
    *_, (_, with_details, _) = ascent.dream(
        dreamer_of(small_network(), steps=0), PICTURE, shapes, True
    )
    assert np.allclose(with_details, PICTURE, atol=1e-4)


def test_the_ascent_ends_at_the_largest_loss():
    model = small_network()
    _, free = dreamer_of(model, steps=12).climb(PICTURE)
    _, ended = dreamer_of(model, steps=12, max_loss=free[5]).climb(PICTURE)
    assert ended == free[:6]


def test_jitter_is_drawn_from_the_seed():
    model = small_network()
    one, two, other = (
        np.array(dreamer_of(model, seed, steps=3, jitter=5).climb(PICTURE)[0]) for seed in (1, 1, 2)
    )
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(("side", "tile"), [(700, 256), (1000, 300), (257, 256), (640, 640)])
def test_tiles_cover_a_side_once(side, tile):
    """Each pixel has its gradient from one tile, which sees a halo around it; all are as large."""
    for seed in range(20):
        spans = ascent.spans(side, tile, np.random.default_rng(seed))
        assert [start for start, *_ in spans[1:]] == [end for _, end, *_ in spans[:-1]]
        assert (spans[0][0], spans[-1][1]) == (0, side)
        assert len({last - first for *_, first, last in spans}) == 1
        for start, end, first, last in spans:
            assert first % ascent.STRIDE == 0
            assert first <= max(start - min(ascent.HALO, tile // 4), 0)
            assert last >= min(end + min(ascent.HALO, tile // 4), side)
            assert last <= side
            assert last - first < tile + ascent.STRIDE


def test_tiles_give_the_gradient_of_the_whole():
    """A network that sees less far than the halo: tiled and whole go the same way, without a seam."""
    model = small_network()
    picture = np.random.default_rng(3).uniform(0, 1, (520, 600, 3)).astype(np.float32)
    whole, tiled = (dreamer_of(model, tile=tile).gradient(picture) for tile in (None, 256))
    one, two = (np.array(gradient) / np.abs(gradient).mean() for _, gradient in (whole, tiled))
    inside = np.abs(one - two)[
        16:-16, 16:-16
    ]  # at the border a tile counts what the whole does not
    assert inside.max() < 0.01 * np.abs(one).max()
    assert float(tiled[0]) == pytest.approx(float(whole[0]), rel=0.01)


def test_tiles_show_no_seam():
    """Where tiles meet, neighbouring pixels differ as much as elsewhere."""
    model = small_network()
    smooth = ndimage.gaussian_filter(
        np.random.default_rng(3).uniform(0, 1, (300, 520, 3)), (6, 6, 0)
    ).astype(np.float32)
    cuts = [end for _, end, *_ in ascent.spans(520, 256, np.random.default_rng([0]))][:-1]
    found, _ = dreamer_of(model, tile=256, steps=1, step_size=0.05).climb(smooth)
    steps = np.abs(np.diff(np.array(found) - smooth, axis=1)).mean((0, 2))
    assert max(steps[cut - 1] for cut in cuts) < 1.5 * np.percentile(steps, 95)


def test_smoothing_is_scipys():
    gradient = np.random.default_rng(0).normal(size=(30, 40, 3)).astype(np.float32)
    expected = ndimage.gaussian_filter(gradient, (1.5, 1.5, 0), mode="constant", radius=(5, 5, 0))
    assert np.allclose(ascent.smoothed(gradient, 1.5), expected, atol=1e-5)


def test_the_recursive_variant_blends_the_smaller_dream():
    """Without steps it is a mixture of the picture with its own blurred enlargement."""
    shapes = octaves.shapes(24, 32, 2, 1.4)
    (small, below, _), (_, found, _) = ascent.blended(
        dreamer_of(small_network(), steps=0), PICTURE, shapes, 0.25
    )
    assert small == (17, 22)
    assert np.allclose(below, octaves.resized(PICTURE, (17, 22)), atol=1e-5)
    expected = 0.25 * PICTURE + 0.75 * np.array(octaves.resized(below, (24, 32)))
    assert np.allclose(found, expected, atol=1e-5)


def test_the_endless_dream_moves():
    """As SciPy moves it: zoomed and turned about the centre, shifted to the right and down."""
    picture = ndimage.gaussian_filter(PICTURE, (2, 2, 0))
    assert np.allclose(ascent.moved(picture, 1, 0, [0, 0]), picture, atol=1e-5)
    shifted = np.array(ascent.moved(picture, 1, 0, [3, 2]))
    assert np.allclose(shifted[2:, 3:], picture[:-2, :-3], atol=1e-5)
    angle, zoom = np.radians(10), 1.2
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) / zoom
    centre = np.array([11.5, 15.5])
    for channel in range(3):
        expected = ndimage.affine_transform(
            picture[..., channel], turn, centre - turn @ centre, order=1
        )
        found = np.array(ascent.moved(picture, zoom, 10, [0, 0]))[..., channel]
        assert np.allclose(found[5:-5, 5:-5], expected[5:-5, 5:-5], atol=1e-4)


def test_frames_of_the_endless_dream_stay_colours():
    frames = list(
        ascent.endless(
            dreamer_of(small_network(), steps=2, step_size=0.2), PICTURE, 3, 1.1, 1, [1, 0]
        )
    )
    assert len(frames) == 3
    for frame in frames:
        assert frame.shape == PICTURE.shape
        assert frame.min() >= 0 and frame.max() <= 1


@pytest.mark.parametrize("name", networks.NETWORKS)
def test_a_cut_network_is_the_whole_one(name, tmp_path):
    """Without batch normalisation, and from colours of 0 to 1, as `keras.applications` has it."""
    layers = {"InceptionV3": ["mixed0", "mixed2"], "SqueezeNet": ["conv1", "fire3"]}.get(
        name, ["block1_conv1", "block2_conv2"]
    )
    keras.utils.set_random_seed(0)
    whole = networks.NETWORKS[name].build(weights=None, include_top=False)
    generator = np.random.default_rng(0)
    for layer in whole.layers:  # as if trained
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([generator.uniform(0.5, 1.5, w.shape) for w in layer.get_weights()])
    whole.save_weights(tmp_path / "whole.weights.h5")
    to = layers[-1]
    keras.Model(whole.input, whole.get_layer(to).output).save_weights(tmp_path / "cut.weights.h5")
    picture = generator.uniform(0, 1, (1, 150, 160, 3)).astype(np.float32)
    module = {"InceptionV3": "inception_v3", "VGG19": "vgg19"}.get(name, "vgg16")
    prepared = getattr(keras.applications, module).preprocess_input(255 * picture)
    expected = keras.Model(whole.input, [whole.get_layer(layer).output for layer in layers])(
        prepared
    )
    for file, end in (("whole", None), ("cut", to)):
        model = networks.load(name, layers, tmp_path / f"{file}.weights.h5", end)
        for one, two in zip(model(picture), expected, strict=True):
            one, two = np.array(one), np.array(two)
            assert np.abs(one - two).max() < 1e-4 * np.abs(two).max()
        assert not any("batch" in w.path for w in model.weights)


def test_a_layer_that_there_is_not(tmp_path):
    networks.NETWORKS["VGG19"].build(weights=None, include_top=False).save_weights(
        tmp_path / "whole.weights.h5"
    )
    with pytest.raises(ReverieError, match="VGG19 has no layer 'deep'; choose another"):
        networks.load("VGG19", ["deep"], tmp_path / "whole.weights.h5")


def test_the_downloads_of_keras_are_read(tmp_path):
    """They are in Keras' old format, which knows layers by their order."""
    whole = networks.NETWORKS["VGG16"].build(weights=None, include_top=False)
    save(whole, tmp_path / "old.h5")
    picture = np.random.default_rng(0).uniform(0, 1, (1, 40, 40, 3)).astype(np.float32)
    expected = keras.Model(whole.input, whole.get_layer("block2_conv1").output)(
        keras.applications.vgg16.preprocess_input(255 * picture)
    )
    found = networks.load("VGG16", ["block2_conv1"], tmp_path / "old.h5")(picture)
    assert np.allclose(found, expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("content", [b"", b"no weights"])
def test_what_holds_no_weights_gets_a_sentence(tmp_path, content):
    (tmp_path / "a.weights.h5").write_bytes(content)
    with pytest.raises(ReverieError) as error:
        networks.load("VGG19", ["block1_conv1"], tmp_path / "a.weights.h5")
    assert str(error.value) == (
        f"{tmp_path / 'a.weights.h5'} does not hold the weights of VGG19: it is damaged or no .h5 "
        "file; correct weights.VGG19: its asset, or `to`, the last layer of a file that ends early."
    )


@pytest.mark.parametrize("kind", ["weights.h5", "h5"])
def test_another_networks_weights_are_refused(tmp_path, kind):
    """VGG19 has every layer of VGG16, and more; up to block3_conv3 their shapes agree."""
    vgg19 = networks.NETWORKS["VGG19"].build(weights=None, include_top=False)
    save(vgg19, tmp_path / f"vgg19.{kind}")
    for to, held in ((None, 26), ("block3_conv3", 14)):
        sentence = f"the weights of VGG16.*: it holds 32 arrays instead of {held}; correct weights"
        with pytest.raises(ReverieError, match=sentence):
            networks.load("VGG16", ["block1_conv1"], tmp_path / f"vgg19.{kind}", to)
    layers = [layer.name for layer in vgg19.layers if "conv" in layer.name]
    wide = keras.Sequential([keras.Input((None, None, 3))])
    for number, name in enumerate(layers):  # as many arrays, of other shapes
        wide.add(keras.layers.Conv2D(4 + number, 1, name=name))
    save(wide, tmp_path / f"wide.{kind}")
    with pytest.raises(ReverieError, match="of VGG19: it lacks an array of 3 × 3 × 3 × 64 numbers"):
        networks.load("VGG19", ["block1_conv1"], tmp_path / f"wide.{kind}")


def test_a_layer_that_the_network_lacks_is_no_end_of_it(tmp_path):
    sentence = "weights.VGG16.to: VGG16 has no layer 'block9'; correct the name."
    with pytest.raises(ReverieError, match=sentence):
        networks.load("VGG16", ["block1_conv1"], tmp_path / "any.weights.h5", "block9")


def save(model, path):
    """Weights in Keras' format, or in its old one."""
    if path.name.endswith(".weights.h5"):
        return model.save_weights(path)
    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)


def test_automatic_names_count_from_the_start_each_time(tmp_path):
    """A contact sheet loads the network once for each layer."""
    keras.utils.set_random_seed(0)
    whole = networks.NETWORKS["InceptionV3"].build(weights=None, include_top=False)
    first = keras.Model(whole.input, whole.get_layer("mixed0").output)
    first.save_weights(tmp_path / "first.weights.h5")
    picture = np.random.default_rng(0).uniform(0, 1, (1, 100, 100, 3)).astype(np.float32)
    one, two = (
        networks.load("InceptionV3", ["conv2d_5"], tmp_path / "first.weights.h5", "mixed0")(picture)
        for _ in range(2)
    )
    assert np.array_equal(one, two)


def test_a_convolution_that_is_asked_for_is_not_folded():
    """Its features are its own, whatever else is asked for."""
    keras.utils.set_random_seed(0)
    picture = keras.Input((None, None, 3))
    convolution = keras.layers.Conv2D(4, 3)(picture)
    normal = keras.layers.BatchNormalization()(convolution)
    deep = keras.layers.Conv2D(2, 3)(normal)
    model = keras.Model(picture, [convolution, deep])
    generator = np.random.default_rng(0)
    model.layers[2].set_weights([generator.uniform(0.5, 1.5, 4) for _ in range(4)])
    for one, two in zip(networks.folded(model)(PICTURE[None]), model(PICTURE[None]), strict=True):
        assert np.allclose(one, two, atol=1e-5)
