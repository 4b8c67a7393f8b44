"""The commands that draw one picture, with a small network in the place of pretrained ones."""

import errno
import json
from pathlib import Path

import keras
import numpy as np
import pytest
import yaml
from PIL import Image
from reverie.pictures import images, networks

REPOSITORY = Path(__file__).parents[4]
DREAM = ("reverie.dream", "harbour.jpg", "--steps", "2", "--layers", "mixed4", "mixed5=0.5")
STYLE = ("reverie.style", "harbour.jpg", "--style", "painting.png", "--steps", "3")
SMALL = ("--size", "190", "--octaves", "2")


def small_network(network, layers, to, record):
    keras.utils.set_random_seed(0)
    picture = keras.Input((None, None, 3))
    outputs = [keras.layers.Conv2D(4, 3, activation="tanh", name=x)(picture) for x in layers]
    return keras.Model(picture, outputs)


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """A folder with pictures and a configuration whose weights lie in a mirror."""
    monkeypatch.setattr(networks, "of_record", small_network)
    config = yaml.safe_load((REPOSITORY / "config.yaml").read_text())
    config["mirrors"] = ["mirror"]
    for network, entry in config["weights"].items():
        config["assets"][entry["asset"]] = {"file": f"{network}.bin"}
        (tmp_path / "mirror").mkdir(exist_ok=True)
        (tmp_path / f"mirror/{network}.bin").write_bytes(b"weights")
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    colours = np.random.default_rng(0).uniform(0, 1, (90, 150, 3))
    images.image(colours).save(tmp_path / "harbour.jpg")
    images.image(colours[::-1]).save(tmp_path / "painting.png")
    Image.new("1", (20_000, 20_000)).save(tmp_path / "huge.png")
    return tmp_path


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_dream_lies_beside(here, typed):
    before = files(here)
    assert typed(here, *DREAM, *SMALL) == "harbour-dream.png\n"
    assert files(here) - before == {"harbour-dream.png"}
    with Image.open(here / "harbour-dream.png") as picture:
        assert picture.size == (190, 114)
        settings = json.loads(picture.text["settings"])
    assert settings["layers"] == {"mixed4": 1, "mixed5": 0.5}
    assert (settings["steps"], settings["octaves"], settings["norm"]) == (2, 2, "mean")
    # A drawing of its own may be drawn again.
    typed(here, "reverie.dream", "noise", *DREAM[2:], *SMALL, "--output", "harbour-dream.png")
    with Image.open(here / "harbour-dream.png") as picture:
        assert picture.text["name"] == "harbour-dream"
        assert json.loads(picture.text["settings"])["picture"] == "noise"


def test_a_painting_lies_beside(here, typed):
    assert typed(here, *STYLE, "--sizes", "40", "60") == "harbour-style.png\n"
    with Image.open(here / "harbour-style.png") as picture:
        assert picture.size == (60, 36)
        assert set(json.loads(picture.text["sha256"])) == {"weights", "picture", "style"}


def test_a_stand_in_is_announced_in_a_line(here, typed):
    (here / "overlay.yaml").write_text(
        "assets: {inception_v3: {file: gone.bin, sample: squeezenet}}"
    )
    first, second = typed(here, *DREAM, *SMALL, "--with", "overlay.yaml").splitlines()
    assert first == (
        "inception_v3: gone.bin cannot be reached, so the embedded sample squeezenet stands in for it."
    )
    assert second == "harbour-dream.png"


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (KeyboardInterrupt(), 130),
        (
            OSError(errno.ENOSPC, "No space left"),
            "reverie: cannot read or write the file: No space left.",
        ),
        (
            MemoryError("Unable to allocate 9 GiB"),
            "reverie: there is not enough memory; choose smaller sizes, batches or networks.",
        ),
    ],
)
def test_an_interrupted_drawing_leaves_nothing(here, typed, monkeypatch, event, code):
    def interrupted(picture, path, **_):
        Path(path).write_bytes(b"half")
        raise event

    before = files(here)
    monkeypatch.setattr(Image.Image, "save", interrupted)
    with pytest.raises(SystemExit) as ended:
        typed(here, *DREAM, *SMALL)
    assert ended.value.code == code
    assert files(here) == before


MISTAKES = [
    ((*DREAM, "mixed44"), "--layers: InceptionV3 has no layer 'mixed44'; did you mean 'mixed4'?"),
    ((*DREAM, "mixed4=much"), '--layers: must be a number, not "much"'),
    ((*DREAM, "--octave-scale", "9"), "--octave-scale: must be at most 4, not "),
    ((*DREAM, "--size", "120"), "its smallest octave would have 61 pixels"),
    ((*DREAM, "--output", "x.jpg"), "--output: x.jpg must end in .png."),
    ((*DREAM, "--output", "painting.png"), "painting.png exists and was not drawn by Reverie;"),
    ((*DREAM, "--output", "huge.png"), "huge.png exists and was not drawn by Reverie;"),
    ((*DREAM, "--with", "gone.yaml"), "There is no configuration file gone.yaml; correct its"),
    (("reverie.dream", "harbour.gif", *DREAM[2:]), "picture: must be an asset or a .jpg, .png"),
    (("reverie.dream", "gone.jpg", *DREAM[2:]), "there is no file gone.jpg; correct the path."),
    (("reverie.dream", "broken.jpg", *DREAM[2:]), "broken.jpg is not a JPEG, PNG or WebP picture;"),
    ((*STYLE, "--content-layer", "block9"), "--content-layer: VGG19 has no layer 'block9'"),
    ((*STYLE, "--sizes", "1", "x"), "--sizes: must be a whole number, not 'x'"),
    ((*STYLE, "--style", "gone.png"), "there is no file gone.png; correct the path."),
]


@pytest.mark.parametrize(("arguments", "sentence"), MISTAKES)
def test_a_mistake_gets_a_sentence(here, typed, arguments, sentence):
    (here / "broken.jpg").write_text("no picture")
    with pytest.raises(SystemExit) as ended:
        typed(here, *arguments)
    assert ended.value.code.startswith(f"reverie: {sentence}")
    assert "\n" not in ended.value.code
