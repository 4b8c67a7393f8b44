"""Pictures of every kind people have, and every file that is none."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from reverie.errors import ReverieError
from reverie.pictures import images

RAMP = np.uint8(np.arange(40 * 60 * 3).reshape(40, 60, 3) % 251)


@pytest.mark.parametrize("kind", ["png", "webp", "jpg"])
def test_formats(tmp_path, kind):
    flat = np.full((40, 60, 3), (200, 100, 50), np.uint8)
    Image.fromarray(flat).save(tmp_path / f"a.{kind}")
    found = images.read(tmp_path / f"a.{kind}")
    assert found.shape == (40, 60, 3)
    assert found.dtype == np.float32
    assert np.allclose(found * 255, flat, atol=3)


def test_a_picture_stands_upright(tmp_path):
    """EXIF orientation 6: the camera was turned; the picture is to be turned by a quarter."""
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(RAMP).save(tmp_path / "a.png", exif=exif)
    assert np.allclose(images.read(tmp_path / "a.png") * 255, np.rot90(RAMP, -1))


def test_what_is_transparent_is_white(tmp_path):
    alpha = np.dstack([RAMP, np.zeros((40, 60), np.uint8)])
    alpha[:, :30, 3] = 255
    Image.fromarray(alpha).save(tmp_path / "a.png")
    found = images.read(tmp_path / "a.png")
    assert np.allclose(found[:, :30] * 255, RAMP[:, :30])
    assert np.all(found[:, 30:] == 1)


@pytest.mark.parametrize("mode", ["L", "1", "P", "LA", "I;16", "CMYK"])
def test_grey_and_other_modes_become_colour(tmp_path, mode):
    grey = Image.fromarray(np.uint8(np.arange(2400).reshape(40, 60) % 256))
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(grey, np.uint16) * 257)
    else:
        picture = grey.convert("RGB").convert(mode) if mode == "CMYK" else grey.convert(mode)
    file = tmp_path / ("a.jpg" if mode == "CMYK" else "a.png")
    picture.save(file)
    found = images.read(file)
    assert found.shape == (40, 60, 3)
    if mode in ("L", "LA", "I;16"):
        assert np.allclose(found[..., 0] * 255, np.asarray(grey), atol=0.51)


def test_the_longer_side_is_as_asked(tmp_path):
    Image.fromarray(RAMP).save(tmp_path / "a.png")
    assert images.read(tmp_path / "a.png", 30).shape == (20, 30, 3)
    assert images.read(tmp_path / "a.png", 90).shape == (60, 90, 3)


def claiming(width: int, height: int) -> bytes:
    """A .png of one pixel that claims to have more."""
    file = io.BytesIO()
    Image.new("RGB", (1, 1)).save(file, "png")
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    whole = file.getvalue()
    return whole[:12] + header + struct.pack(">I", zlib.crc32(header)) + whole[33:]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty; copy the picture again."),
        (b"GIF89a no picture", "is not a JPEG, PNG or WebP picture; convert it to one."),
        (b"<svg/>", "is not a JPEG, PNG or WebP picture"),
        (
            claiming(60000, 60000),
            "has more than the 100,000,000 pixels that are accepted; use a smaller picture.",
        ),
        (claiming(60, 60), "is damaged"),
    ],
    ids=["empty", "gif", "svg", "bomb", "header"],
)
def test_what_is_no_picture_gets_a_sentence(tmp_path, content, sentence):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(ReverieError) as error:
        images.read(tmp_path / "a.png")
    assert sentence in str(error.value)
    assert "a.png" in str(error.value)


@pytest.mark.parametrize("kind", ["png", "webp", "jpg"])
def test_a_truncated_picture_is_damaged(tmp_path, kind):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / f"a.{kind}")
    whole = (tmp_path / f"a.{kind}").read_bytes()
    (tmp_path / f"a.{kind}").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ReverieError, match="is damaged|is not a JPEG"):
        images.read(tmp_path / f"a.{kind}")


def test_a_written_picture_carries_its_settings(tmp_path):
    settings = {"network": "InceptionV3", "layers": {"mixed3": 3.0}, "größe": 640}
    values = np.random.default_rng(0).uniform(-0.2, 1.2, (20, 30, 3))
    images.write(tmp_path / "a.png", values, settings)
    assert np.allclose(images.read(tmp_path / "a.png"), np.clip(values, 0, 1), atol=0.5 / 255)
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.text == {
            "network": "InceptionV3",
            "layers": '{"mixed3": 3.0}',
            "größe": "640",
        }
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_metadata_that_make_no_sense_are_damage(tmp_path):
    """Orientation 6, and a compression that is a fraction, with which Pillow cannot turn it."""
    entries = struct.pack("<HHII", 0x0103, 11, 1, struct.unpack("<I", struct.pack("<f", 1.5))[0])
    entries += struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0)
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + entries + struct.pack("<I", 0)
    Image.fromarray(RAMP).save(tmp_path / "a.jpg", exif=exif)
    with pytest.raises(ReverieError, match=r"a\.jpg is damaged \(.*\); copy the picture again"):
        images.read(tmp_path / "a.jpg")


@pytest.mark.parametrize("kind", ["png", "webp", "jpg"])
def test_a_picture_of_which_some_bytes_are_wrong(tmp_path, recwarn, kind):
    """It can still be read or gets a sentence; no decoder's error comes through, and no warning."""
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(RAMP).save(
        tmp_path / "whole", format={"jpg": "jpeg"}.get(kind, kind), exif=exif
    )
    whole = (tmp_path / "whole").read_bytes()
    generator = np.random.default_rng(0)
    refused = 0
    for _ in range(200):
        damaged = bytearray(whole)
        for place in generator.integers(0, min(len(whole), 400), 3):
            damaged[place] = generator.integers(0, 256)
        (tmp_path / f"a.{kind}").write_bytes(damaged)
        try:
            images.read(tmp_path / f"a.{kind}", 40)
        except ReverieError:
            refused += 1
    assert refused > 20
    assert [warning for warning in recwarn if warning.category is UserWarning] == []
