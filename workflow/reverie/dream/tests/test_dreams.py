"""Whole dreams: files, settings in them, contact sheets, films; the drawn pictures."""

import csv
import json
import os
import signal
import subprocess

import imageio_ffmpeg
import keras
import numpy as np
import pytest
from PIL import Image
from reverie import checkpoints
from reverie.checkpoints import Checkpoints, Interrupted, Saver
from reverie.config import files
from reverie.config.model import load
from reverie.dream import ascent, dreams, selection
from reverie.dream.config import Dream, Film, Sheet
from reverie.errors import ReverieError
from reverie.pictures import images, networks, octaves
from reverie.samples import drawings
from shared import REPOSITORY

PICTURE = np.random.default_rng(0).uniform(0, 1, (60, 80, 3)).astype(np.float32)


def small_network(network, layers, to, record):
    """Each layer named `conv<k>` sees a little farther than the one before."""
    keras.utils.set_random_seed(0)
    picture = found = keras.Input((None, None, 3))
    outputs = {}
    for number in range(1, 4):
        found = keras.layers.Conv2D(4, 3, activation="tanh")(found)
        outputs[f"conv{number}"] = found
    return keras.Model(picture, [outputs[layer] for layer in layers])


@pytest.fixture
def sources(tmp_path, monkeypatch):
    images.write(tmp_path / "a.png", PICTURE, {})
    images.write(tmp_path / "guide.png", PICTURE[::-1], {})
    (tmp_path / "weights").write_bytes(b"x")
    monkeypatch.setattr(networks, "of_record", small_network)
    return {"weights": tmp_path / "weights", "picture": tmp_path / "a.png"}


def settings(**changes) -> dict:
    """Of a dream by the small network, whose layers and sizes InceptionV3 would refuse."""
    defaults = Dream(picture="a.png", layers={"mixed0": 1}).model_dump()
    for key, section in (("sheet", Sheet), ("film", Film)):
        if key in changes:
            changes[key] = section.model_validate(changes[key]).model_dump()
    return defaults | {"layers": {"conv2": 1, "conv3": 0.5}, "size": 60, "steps": 4} | changes


def kept_in(folder) -> Checkpoints:
    return Checkpoints(folder / "checkpoints", "code")


def render(folder, sources, **changes) -> list[dict]:
    folder.mkdir()
    files = [folder / name for name in ("x.png", "x.csv", "octaves.png", "original.png")]
    dreams.render("x", settings(**changes), None, sources, kept_in(folder), *files)
    with open(folder / "x.csv", newline="") as table:
        return list(csv.DictReader(table))


def test_a_dream_leaves_what_the_contract_says(sources, tmp_path):
    lines = render(tmp_path / "one", sources, jitter=4)
    assert list(lines[0]) == ["octave", "height", "width", "step", "loss"]
    assert [(line["octave"], line["height"], line["width"], line["step"]) for line in lines] == [
        (str(octave), str(height), str(width), str(step))
        for octave, (height, width) in enumerate([(22, 30), (32, 42), (45, 60)], 1)
        for step in range(1, 5)
    ]
    for octave in "123":
        losses = [float(line["loss"]) for line in lines if line["octave"] == octave]
        assert losses[-1] > losses[0]
    with Image.open(tmp_path / "one" / "x.png") as picture:
        assert picture.size == (60, 45)
        assert picture.text["name"] == "x"
        carried = json.loads(picture.text["settings"])
        assert carried["layers"] == {"conv2": 1, "conv3": 0.5}
        assert set(json.loads(picture.text["sha256"])) == {"weights", "picture"}
    # What it carries is enough to make it again.
    assert render(tmp_path / "two", sources, **carried) == lines
    assert (tmp_path / "one" / "x.png").read_bytes() == (tmp_path / "two" / "x.png").read_bytes()


def test_noise_a_guide_and_channels(sources, tmp_path):
    weights = {"weights": sources["weights"]}
    plain = render(tmp_path / "plain", sources)
    assert render(tmp_path / "noise", weights, picture="noise") != plain
    with Image.open(tmp_path / "noise" / "x.png") as picture:
        assert picture.size == (60, 34)
    guided = render(
        tmp_path / "guided", {**sources, "guide": tmp_path / "guide.png"}, guide="guide.png"
    )
    assert guided != plain
    assert render(tmp_path / "channel", sources, channels=[1]) != plain
    with pytest.raises(
        ReverieError, match="dream.pictures.x: conv2 has the channels 0 to 3, not 4"
    ):
        render(tmp_path / "wrong", sources, channels=[4])
    facts = {"path": str(sources["weights"]), "source": "", "sha256": "", "sample": True}
    (tmp_path / "weights.json").write_text(json.dumps(facts))
    sources["weights"] = tmp_path / "weights.json"
    with pytest.raises(
        ReverieError,
        match="the layer of SqueezeNet that stands in for conv2 has the channels 0 to 3",
    ):
        render(tmp_path / "sample", sources, channels=[4])


def test_a_dream_that_diverges_is_refused(sources, tmp_path):
    with pytest.raises(
        ReverieError, match="^dream.pictures.x: its colours grew .*; use a smaller step_size.$"
    ):
        render(tmp_path / "dream", sources, step_size=1e38)
    assert not (tmp_path / "dream" / "x.png").exists()
    for make, key in ((dreams.render_sheet, "sheet"), (dreams.render_film, "film")):
        section = {"layers": ["conv1"]} if key == "sheet" else {}
        chosen = settings(step_size=1e38, **{key: section})
        files = [tmp_path / f"{key}.out", tmp_path / "table.csv"][: 2 if key == "sheet" else 1]
        with pytest.raises(ReverieError, match=f"^dream.pictures.x.{key}: its colours grew"):
            make("x", chosen, None, sources, kept_in(tmp_path / key), *files)
        assert not any(file.exists() for file in files)


def test_a_guide_that_is_too_narrow(sources, tmp_path):
    images.write(tmp_path / "line.png", PICTURE[:1], {})
    with pytest.raises(
        ReverieError, match="dream.pictures.x: a guide of 4 × 320 pixels is too small"
    ):
        render(tmp_path / "one", {**sources, "guide": tmp_path / "line.png"}, guide="line.png")


def test_the_other_ways_make_other_pictures(sources, tmp_path):
    """Without details, blended, smoothed: each switch does something."""
    found = [
        render(tmp_path / str(number), sources, **changes)
        for number, changes in enumerate(
            [{}, {"details": False}, {"blend": 0.3}, {"smoothing": 1.0}, {"norm": "std"}]
        )
    ]
    assert all(one != other for i, one in enumerate(found) for other in found[:i])


def test_a_layer_of_weight_0_is_left_out(sources, tmp_path):
    lines = render(tmp_path / "one", sources, layers={"conv2": 1, "gone": 0})
    assert lines == render(tmp_path / "two", sources, layers={"conv2": 1})


def test_a_contact_sheet_has_a_tile_for_each_layer(sources, tmp_path):
    sheet = {"layers": ["conv1", "conv2", "conv3"], "size": 60, "octaves": 1, "steps": 3}
    table = tmp_path / "sheet.csv"
    dreams.render_sheet(
        "x", settings(sheet=sheet), None, sources, kept_in(tmp_path), tmp_path / "sheet.png", table
    )
    with Image.open(tmp_path / "sheet.png") as picture:
        width, height = picture.size
        assert width == 2 * 60 + images.GAP
        assert height == 2 * (45 + 20)
        tiles = [
            np.asarray(picture.crop((x, y, x + 60, y + 45)), int) for y in (0, 65) for x in (0, 66)
        ]
    original = images.read(sources["picture"], 60) * 255
    assert np.abs(tiles[0] - original).max() <= 1
    assert all(np.abs(tile - original).mean() > 0.5 for tile in tiles[1:])


def test_a_dream_that_ends_before_its_first_step(sources, tmp_path):
    assert render(tmp_path / "one", sources, max_loss=1e-9) == []
    sheet = {"layers": ["conv1"], "size": 60, "octaves": 1, "steps": 3}
    dreams.render_sheet(
        "x",
        settings(sheet=sheet, max_loss=1e-9),
        None,
        sources,
        kept_in(tmp_path),
        tmp_path / "sheet.png",
        tmp_path / "sheet.csv",
    )


def test_a_film_plays(sources, tmp_path):
    """Decoded by ffmpeg it has its frames, its size, and the format that every browser knows."""
    film = {"frames": 7, "steps": 1, "size": 61, "rate": 10, "zoom": 1.05}
    dreams.render_film(
        "x", settings(film=film), None, sources, kept_in(tmp_path), tmp_path / "x.mp4"
    )
    reader = imageio_ffmpeg.read_frames(tmp_path / "x.mp4")
    facts = next(reader)
    assert (facts["size"], facts["fps"], facts["codec"]) == ((60, 46), 10, "h264")
    assert facts["pix_fmt"].startswith("yuv420p")
    frames = list(reader)
    assert len(frames) == 7
    assert frames[0] != frames[-1]
    assert [path.name for path in tmp_path.glob("*.mp4")] == ["x.mp4"]
    probe = subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "trace", "-i", tmp_path / "x.mp4"],
        capture_output=True,
        text=True,
    ).stderr
    assert probe.index("type:'moov'") < probe.index("type:'mdat'")  # it starts before all is read


def test_a_film_that_fails_leaves_nothing(sources, tmp_path):
    def frames():
        yield np.uint8(PICTURE)
        raise ReverieError("no more")

    with pytest.raises(ReverieError, match="no more"):
        dreams.write_film(tmp_path / "x.mp4", frames(), PICTURE.shape[:2], 10)
    assert not list(tmp_path.glob("*.mp4"))


def interrupted_at(calls: list[int], make) -> None:
    """Call ``make`` until it ends; SIGTERM comes at the given numbers of its pauses."""
    plain, count = Saver.__call__, 0

    def ending(saver, state, where):
        nonlocal count
        count += 1
        if count in calls:
            os.kill(os.getpid(), signal.SIGTERM)
        plain(saver, state, where)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Saver, "__call__", ending)
        for _ in range(len(calls)):
            with pytest.raises(Interrupted, match="it resumes from there"):
                make()
        make()


WAYS = {
    "octaves": {"jitter": 4},
    "blended": {"jitter": 4, "blend": 0.3},
    "noise": {"picture": "noise", "details": False, "smoothing": 1.0},
}


@pytest.mark.parametrize("way", WAYS)
def test_an_interrupted_dream_ends_as_if_nothing_had_happened(sources, tmp_path, way):
    """At the first step, inside an octave, at its end, and at the last step of all."""
    given = {k: v for k, v in sources.items() if k != "picture" or way != "noise"}
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    render(whole, given, **WAYS[way])
    parts.mkdir()
    files = [parts / file.name for file in sorted(whole.iterdir()) if file.is_file()]
    order = [parts / name for name in ("x.png", "x.csv", "octaves.png", "original.png")]
    interrupted_at(
        [1, 3, 4, 7, 12],
        lambda: dreams.render("x", settings(**WAYS[way]), None, given, kept_in(parts), *order),
    )
    assert len(files) == 4
    for file in files:
        assert file.read_bytes() == (whole / file.name).read_bytes(), file.name
    assert list((parts / "checkpoints").iterdir()) == []


def test_an_interrupted_sheet(sources, tmp_path):
    sheet = {"layers": ["conv1", "conv2", "conv3"], "size": 60, "octaves": 2, "steps": 2}
    made = {}
    for name, calls in (("whole", []), ("parts", [1, 6, 9])):
        files = [tmp_path / f"{name}.png", tmp_path / f"{name}.csv"]
        interrupted_at(
            calls,
            lambda files=files: dreams.render_sheet(
                "x", settings(sheet=sheet), None, sources, kept_in(tmp_path), *files
            ),
        )
        made[name] = [file.read_bytes() for file in files]
    assert made["whole"] == made["parts"]


def test_an_interrupted_film(sources, tmp_path):
    film = {"frames": 5, "steps": 2, "size": 60, "zoom": 1.05}
    made = []
    for name, calls in (("whole", []), ("parts", [1, 4, 5, 10])):
        file = tmp_path / f"{name}.mp4"
        interrupted_at(
            calls,
            lambda file=file: dreams.render_film(
                "x", settings(film=film, jitter=3), None, sources, kept_in(tmp_path), file
            ),
        )
        made.append(list(imageio_ffmpeg.read_frames(file))[1:])
    assert len(made[0]) == 5
    assert made[0] == made[1]
    assert list((tmp_path / "checkpoints").iterdir()) == []


def test_a_killed_dream_loses_a_minute_at_most(sources, tmp_path, monkeypatch):
    """SIGKILL asks nobody: what was saved last counts, here after every step."""
    monkeypatch.setattr(checkpoints, "SAVE_SECONDS", -1)
    whole = render(tmp_path / "whole", sources, jitter=4)
    parts, plain, count = tmp_path / "parts", ascent.Dreamer.gradient, 0
    parts.mkdir()
    files = [parts / name for name in ("x.png", "x.csv", "octaves.png", "original.png")]

    def dying(dreamer, picture):
        nonlocal count
        count += 1
        if count % 5 == 0:
            raise MemoryError
        return plain(dreamer, picture)

    monkeypatch.setattr(ascent.Dreamer, "gradient", dying)
    for _ in range(2):
        with pytest.raises(MemoryError):
            dreams.render("x", settings(jitter=4), None, sources, kept_in(parts), *files)
    monkeypatch.setattr(ascent.Dreamer, "gradient", plain)
    dreams.render("x", settings(jitter=4), None, sources, kept_in(parts), *files)
    with open(parts / "x.csv", newline="") as table:
        assert list(csv.DictReader(table)) == whole
    assert (parts / "x.png").read_bytes() == (tmp_path / "whole" / "x.png").read_bytes()


def test_what_a_dream_depends_on():
    """A title renames; the film's settings do not touch the picture, nor the picture's the sheet."""
    one = settings(title="A", film={"frames": 3}, sheet={"layers": ["conv1"]})
    two = settings(title="B", film={"frames": 4}, sheet={"layers": ["conv2"]}, size=70)
    assert selection.settings_for(one, "dream") | {"size": 70} == selection.settings_for(
        two, "dream"
    )
    for part in ("film", "sheet"):
        first, second = (selection.settings_for(dream, part) for dream in (one, two))
        assert first.pop(part) != second.pop(part)
        assert first == second


@pytest.mark.parametrize(
    ("sample", "real"), [("sky", (1024, 575)), ("painting", (1024, 640)), ("meadow", (320, 240))]
)
def test_drawn_samples_have_the_shape_of_what_they_stand_for(sample, real, tmp_path):
    """So that octaves which suit the one suit the other."""
    drawings.write(tmp_path / "a.png", getattr(drawings, sample)())
    found = images.read(tmp_path / "a.png")
    assert found.std() > 0.1
    assert found.shape[1] / found.shape[0] == pytest.approx(real[0] / real[1], rel=0.01)


def test_clouds_are_fractal():
    """The power spectrum falls as frequency to the power of -2 × slope."""
    field = drawings.clouds(256, 256, np.random.default_rng(0), 1.7)
    power = np.abs(np.fft.rfft2(field - field.mean())) ** 2
    frequency = np.hypot(np.fft.fftfreq(256)[:, None], np.fft.rfftfreq(256)[None])
    near = (frequency > 0.02) & (frequency < 0.2)
    slope, _ = np.polyfit(np.log(frequency[near]), np.log(power[near]), 1)
    assert slope == pytest.approx(-3.4, abs=0.25)


RATIOS = {"sky": 575 / 1024, "flowers": 240 / 320, "noise": 3 / 4}  # of the lecture's pictures


def test_every_octave_is_large_enough_for_its_network():
    """Of all configurations that are shipped; a run with SqueezeNet in their place does not show it."""
    whole = {
        name: networks.NETWORKS[name].build(weights=None, include_top=False)
        for name in ("InceptionV3", "VGG16", "VGG19")
    }
    tried = 0
    for overlays in ([], ["quick"], ["offline"], ["quick", "offline"]):
        names = ["config.yaml", *(f"config/{name}.yaml" for name in overlays)]
        settings, _ = files.read([str(REPOSITORY / name) for name in names])
        for name, dream in selection.dreams(load(settings).model_dump()).items():
            network = whole[dream["network"]]
            for drawn in filter(None, (dream, dream["sheet"])):
                outputs = [network.get_layer(layer).output for layer in drawn["layers"]]
                size = round(drawn["size"] * RATIOS[dream["picture"]]), drawn["size"]
                shapes = octaves.shapes(*size, drawn["octaves"], dream["octave_scale"])
                model = keras.Model(network.input, outputs)
                networks.refuse_small(model, shapes, ascent.BORDER, f"{overlays} {name}", "enlarge")
                tried += 1
    assert tried > 20
