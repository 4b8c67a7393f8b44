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


def test_pictures_that_cannot_be_dreamt(tmp_path):
    with pytest.raises(ReverieError, match="too narrow for a network, 2000 × 20 pixels; crop it."):
        guessed(tmp_path / "sky.png", 2000, 20)
    (tmp_path / "none.jpg").write_text("a text")
    with pytest.raises(ReverieError, match="is not a JPEG, PNG or WebP picture"):
        picture.guesses({"PICTURE": str(tmp_path / "none.jpg")}, BASE)
