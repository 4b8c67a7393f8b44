"""What is guessed of a picture: a size and octaves that the network can see."""

import numpy as np
import pytest
import yaml
from checkouts import REPOSITORY
from PIL import Image
from reverie.config.files import merged
from reverie.config.model import load
from reverie.errors import ReverieError
from reverie.own import overlay, picture

BASE = yaml.safe_load((REPOSITORY / "config.yaml").read_text())


def guessed(path, width: int, height: int, **arguments):
    """The checked configuration for a picture of this size."""
    Image.fromarray(np.zeros((height, width, 3), np.uint8)).save(path)
    tree = picture.guesses({"PICTURE": str(path)} | arguments, BASE)
    return load(merged(BASE, yaml.safe_load(overlay.written(tree))))


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [(2000, 1500, 640), (480, 500, 500), (90, 60, 320), (1600, 200, 1024), (150, 1000, 854)],
)
def test_every_octave_is_large_enough(tmp_path, width, height, size):
    settings = guessed(tmp_path / "sky.png", width, height)
    assert settings.parts == ["dream"] and settings.dream.select == ["own-sky"]
    dream = settings.dream.pictures["own-sky"]
    assert (dream.size, dream.jitter) == (size, size // 2)
    shorter = size * min(width, height) / max(width, height)
    assert shorter / dream.octave_scale ** (dream.octaves - 1) >= picture.SHORTEST - 1


def test_a_painting_adds_a_transfer_of_style(tmp_path):
    path = tmp_path / "sky.png"
    settings = guessed(path, 300, 200, STYLE=str(path))
    assert settings.parts == ["dream", "style"] and settings.style.select == ["own-sky"]
    transfer = settings.style.pictures["own-sky"]
    assert (transfer.picture, transfer.style) == (str(path), str(path))
    assert transfer.sizes == [128, 256]


@pytest.mark.parametrize(("width", "height"), [(1600, 200), (150, 1000), (1500, 101)])
@pytest.mark.parametrize("narrow", ["picture", "painting"])
def test_a_narrow_picture_or_painting_is_painted_larger(tmp_path, width, height, narrow):
    path, other = tmp_path / "long.png", tmp_path / "other.png"
    Image.fromarray(np.zeros((300, 400, 3), np.uint8)).save(other)
    if narrow == "picture":
        settings = guessed(path, width, height, STYLE=str(other))
    else:
        Image.fromarray(np.zeros((height, width, 3), np.uint8)).save(path)
        settings = guessed(other, 400, 300, STYLE=str(path))
    transfer = settings.style.pictures[settings.style.select[0]]
    small, large = transfer.sizes
    assert small * min(width, height) / max(width, height) >= picture.NARROWEST
    assert large == 2 * small >= 256


def test_a_painting_that_is_too_narrow(tmp_path):
    path = tmp_path / "line.png"
    Image.fromarray(np.zeros((10, 3000, 3), np.uint8)).save(path)
    with pytest.raises(ReverieError, match="line.png is too narrow for a network, 3000 × 10"):
        guessed(tmp_path / "sky.png", 400, 300, STYLE=str(path))


def test_pictures_that_cannot_be_dreamt(tmp_path):
    with pytest.raises(ReverieError, match="too narrow for a network, 2000 × 20 pixels; crop it."):
        guessed(tmp_path / "sky.png", 2000, 20)
    (tmp_path / "none.jpg").write_text("a text")
    with pytest.raises(ReverieError, match="is not a JPEG, PNG or WebP picture"):
        picture.guesses({"PICTURE": str(tmp_path / "none.jpg")}, BASE)
