"""Losses against plain NumPy, and whole transfers with a small network."""

import csv

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from reverie.errors import ReverieError
from reverie.pictures import images, networks
from reverie.style import losses, selection, transfer
from reverie.style.config import Style

GENERATOR = np.random.default_rng(0)
CONTENT = GENERATOR.uniform(0, 1, (20, 30, 3)).astype(np.float32)
STYLE = GENERATOR.uniform(0, 1, (26, 22, 3)).astype(np.float32)


@settings(max_examples=25)
@given(arrays(np.float32, (1, 4, 5, 3), elements=st.floats(-2, 2, width=16)))
def test_gram_in_plain_numpy(features):
    expected = np.zeros((3, 3))
    for row in features[0]:
        for cell in row:
            expected += np.outer(cell, cell) / 20
    found = np.array(losses.gram(features))
    assert np.allclose(found, expected, atol=1e-4)
    assert np.allclose(found, found.T)


def test_losses_are_relative():
    """0 at the target, 1 for nothing at all; the same for a picture repeated to four times its size."""
    features, other = GENERATOR.normal(size=(2, 1, 6, 8, 4))
    assert float(losses.content(features, features)) == 0
    assert float(losses.content(0 * features, features)) == pytest.approx(1)
    target = losses.gram(other)
    assert float(losses.style([other], [target])) == 0
    assert float(losses.style([0 * other], [target])) == pytest.approx(1)
    larger = [np.tile(one, (1, 2, 2, 1)) for one in (features, other)]
    assert float(losses.content(larger[0], larger[1])) == pytest.approx(
        float(losses.content(features, other))
    )
    assert float(losses.style([larger[0]], [losses.gram(larger[1])])) == pytest.approx(
        float(losses.style([features], [target]))
    )


def test_variation_in_plain_numpy():
    expected = np.abs(np.diff(CONTENT, axis=0)).mean() + np.abs(np.diff(CONTENT, axis=1)).mean()
    assert float(losses.variation(CONTENT)) == pytest.approx(expected, rel=1e-5)
    assert float(losses.variation(np.full((5, 5, 3), 0.3, np.float32))) == 0


def small_network():
    """Gives a layer for content and two for style."""
    keras.utils.set_random_seed(0)
    picture = keras.Input((None, None, 3))
    first = keras.layers.Conv2D(6, 3, activation="tanh")(picture)
    second = keras.layers.Conv2D(5, 3, strides=2, activation="tanh")(first)
    return keras.Model(picture, [second, first, second])


def test_the_gradient_is_that_of_finite_differences():
    loss = transfer.Loss(small_network(), [1.0, 10.0, 0.5])
    loss.aim(CONTENT, STYLE)
    picture = GENERATOR.uniform(0.2, 0.8, CONTENT.shape).astype(np.float32)
    terms, gradient = loss(picture)
    assert terms.shape == (3,) and (terms > 0).all()
    gradient = np.array(gradient)
    for _ in range(3):  # along it, where single precision sees the difference
        direction = gradient * GENERATOR.uniform(0, 2, picture.shape).astype(np.float32)
        direction *= 1e-2 / np.abs(direction).max()
        ahead, behind = (loss(picture + sign * direction)[0].sum() for sign in (1, -1))
        assert (gradient * direction).sum() == pytest.approx((ahead - behind) / 2, rel=0.02)


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_the_loss_falls_and_colours_stay_colours(optimizer):
    loss = transfer.Loss(small_network(), [1.0, 10.0, 0.1])
    loss.aim(CONTENT, STYLE)
    noted = []
    if optimizer == "adam":
        found = transfer.adam(loss, CONTENT, 30, 0.02, noted.append)
    else:
        found = transfer.lbfgs(loss, CONTENT, 30, noted.append)
    sums = [terms.sum() for terms in noted]
    assert len(sums) <= 30
    assert sums[-1] < 0.7 * sums[0]
    assert found.dtype == np.float32
    assert found.min() >= 0 and found.max() <= 1


def test_nothing_is_to_do_where_the_content_is_the_style():
    """Content, style and start are one picture: both losses are 0, whatever the weights."""
    loss = transfer.Loss(small_network(), [1.0, 100.0, 0.0])
    loss.aim(CONTENT, CONTENT)
    terms, gradient = loss(CONTENT)
    assert np.allclose(terms, 0, atol=1e-9)
    assert np.abs(gradient).max() < 1e-5
    noted = []
    assert np.allclose(transfer.lbfgs(loss, CONTENT, 5, noted.append), CONTENT)
    assert len(noted) >= 1  # the start, at least


def test_colours_of_the_content_are_kept():
    """Light is the picture's, colour the content's, as Pillow separates them."""
    found = transfer.with_colours_of(CONTENT, STYLE[:20, :20].repeat(2, 1)[:, :30])
    light, blue, red = images.image(found).convert("YCbCr").split()
    _, content_blue, content_red = images.image(CONTENT).convert("YCbCr").split()
    # Colours that no screen has are cut off, so not every pixel agrees.
    for one, two in ((blue, content_blue), (red, content_red)):
        apart = np.abs(np.asarray(one, int) - np.asarray(two, int))
        assert np.median(apart) <= 1


@pytest.fixture
def job(tmp_path, monkeypatch):
    """A transfer's arguments, with a small network in the place of VGG19."""
    for name, colours in (("content", CONTENT), ("style", STYLE)):
        images.write(tmp_path / f"{name}.png", colours, {})
    (tmp_path / "weights").write_bytes(b"x")
    monkeypatch.setattr(networks, "of_record", lambda *_: small_network())

    def run(folder, **changes):
        folder.mkdir()
        given = {"picture": "a.png", "style": "b.png", "sizes": [16, 24], "steps": 6}
        transfer.transfer(
            "night",
            Style.model_validate(given | changes).model_dump(),
            None,
            {
                key: tmp_path / f"{file}"
                for key, file in {
                    "weights": "weights",
                    "picture": "content.png",
                    "style": "style.png",
                }.items()
            },
            *(folder / name for name in ("night.png", "night.csv", "content.png", "style.png")),
        )
        with open(folder / "night.csv", newline="") as table:
            return list(csv.DictReader(table))

    return run


@pytest.mark.parametrize("start", ["content", "style", "noise"])
@pytest.mark.parametrize("optimizer", ["Adam", "L-BFGS"])
def test_a_transfer_leaves_what_the_contract_says(job, tmp_path, start, optimizer):
    lines = job(tmp_path / "one", start=start, optimizer=optimizer)
    assert list(lines[0]) == ["step", "content_loss", "style_loss", "variation_loss", "loss"]
    assert [int(line["step"]) for line in lines] == list(range(1, len(lines) + 1))
    for line in lines:
        terms = [float(line[f"{term}_loss"]) for term in ("content", "style", "variation")]
        assert float(line["loss"]) == pytest.approx(sum(terms), rel=1e-6)
    with Image.open(tmp_path / "one" / "night.png") as picture:
        assert picture.size == (24, 16)
        assert picture.text["name"] == "night"
        assert f'"start": "{start}"' in picture.text["settings"]
    again = job(tmp_path / "two", start=start, optimizer=optimizer)
    assert lines == again
    assert images.read(tmp_path / "one" / "night.png") == pytest.approx(
        images.read(tmp_path / "two" / "night.png"), abs=0
    )


def test_a_grid_of_weights_makes_transfers():
    section = {
        "select": None,
        "pictures": {
            "night": {
                "title": "N",
                "style_weight": 1.0,
                "grid": {"style_weight": [0.5, 1e6, 1e-6]},
            },
            "day.2": {"title": None, "style_weight": 1.0, "grid": {}},
        },
    }
    found = selection.styles({"style": section})
    assert {name: one["style_weight"] for name, one in found.items()} == {
        "night.style_weight-0.5": 0.5,
        "night.style_weight-1000000": 1e6,
        "night.style_weight-0.000001": 1e-6,
        "day.2": 1.0,
    }
    assert [one["title"] for one in found.values()] == [
        "N, style weight 0.5",
        "N, style weight 1000000",
        "N, style weight 0.000001",
        "day.2",
    ]
    assert list(selection.styles({"style": section | {"select": ["day.2"]}})) == ["day.2"]


@pytest.mark.parametrize("thin", ["content", "style"])
def test_too_small_a_picture_is_refused(job, tmp_path, thin):
    images.write(tmp_path / f"{thin}.png", np.zeros((2, 60, 3)), {})
    what = {"content": "picture", "style": "style"}[thin]
    sentence = (
        f"style.pictures.night: a {what} of 1 × 16 pixels is too small for its layers; use a larger"
    )
    with pytest.raises(ReverieError, match=sentence):
        job(tmp_path / "one")


def test_the_lectures_layers_are_vgg19s():
    whole = networks.NETWORKS["VGG19"].build(weights=None, include_top=False)
    names = {layer.name for layer in whole.layers}
    plain = Style(picture="a.png", style="b.png")
    assert {plain.content_layer, *plain.style_layers} <= names
