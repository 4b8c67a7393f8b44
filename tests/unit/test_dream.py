"""Octaves, objective and ascent against plain NumPy and finite differences."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reverie.dream import ascent, networks, octaves
from reverie.errors import ReverieError

PICTURE = np.random.default_rng(0).uniform(0, 1, (24, 32, 3)).astype(np.float32)


def test_octaves_are_the_slides():
    """`int(side / 1.4 ** n)`, from small to large."""
    assert octaves.shapes(350, 700, 3, 1.4) == [(178, 357), (250, 500), (350, 700)]


@settings(deadline=None)
@given(st.integers(50, 2000), st.integers(50, 2000), st.integers(1, 6), st.floats(1.1, 2.5))
def test_octaves_grow_to_the_picture(height, width, number, scale):
    found = octaves.shapes(height, width, number, scale)
    assert len(found) == number
    assert found == sorted(found)
    assert found[-1] == (height, width)


def test_too_small_an_octave_is_refused():
    octaves.refuse_small((128, 300), 128, "dream.sky")
    with pytest.raises(ReverieError, match="dream.sky: its smallest octave would have 127 × 300"):
        octaves.refuse_small((127, 300), 128, "dream.sky")


def test_lost_detail_is_what_shrinking_took():
    """Nothing where nothing shrank; with it the enlarged picture is the original again."""
    assert np.allclose(octaves.lost_detail(PICTURE, (24, 32), (24, 32)), 0, atol=1e-5)
    smaller = octaves.resized(PICTURE, (12, 16))
    detail = octaves.lost_detail(PICTURE, (12, 16), (24, 32))
    whole = np.array(octaves.resized(smaller, (24, 32))) + np.array(detail)
    assert np.allclose(whole, PICTURE, atol=1e-5)
    flat = np.full((24, 32, 3), 0.3, np.float32)
    assert np.allclose(octaves.lost_detail(flat, (12, 16), (24, 32)), 0, atol=1e-5)


@pytest.mark.parametrize("border", [0, 2])
def test_the_objective_in_plain_numpy(border):
    generator = np.random.default_rng(1)
    layers = [generator.normal(size=(1, 9, 8, 5)), generator.normal(size=(1, 6, 7, 3))]
    expected = 0
    for layer, weight in zip(layers, [0.5, 3], strict=True):
        height, width = layer.shape[1:3]
        inner = layer[0, border : height - border, border : width - border]
        expected += weight * (inner**2).mean()
    assert float(ascent.activation(layers, [0.5, 3], border)) == pytest.approx(expected)


def small_network():
    keras.utils.set_random_seed(0)
    picture = keras.Input((None, None, 3))
    first = keras.layers.Conv2D(4, 3, activation="tanh")(picture)
    return keras.Model(picture, [first, keras.layers.Conv2D(2, 3, strides=2)(first)])


def dreamer_of(model, seed=0, **settings):
    def objective(features):
        return ascent.activation(features, [1.0, 2.0], 1)

    chosen = ascent.Ascent(**({"steps": 1, "step_size": 0.01} | settings))
    return ascent.Dreamer(model, objective, chosen, seed)


def value(model, picture) -> float:
    features = [np.asarray(layer, float) for layer in model(picture[None])]
    return float(ascent.activation(features, [1.0, 2.0], 1))


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


@pytest.mark.parametrize("name", ["InceptionV3", "VGG16", "VGG19"])
def test_a_cut_network_is_the_whole_one(name, tmp_path):
    """Without batch normalisation, and from colours of 0 to 1, as `keras.applications` has it."""
    layers = {"InceptionV3": ["mixed0", "mixed2"]}.get(name, ["block1_conv1", "block2_conv2"])
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
    module = {"InceptionV3": "inception_v3"}.get(name, name.lower())
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
    with pytest.raises(ReverieError, match=f"{name} gives no layer 'deep': it has none such"):
        networks.load(name, ["deep"], tmp_path / "whole.weights.h5")
