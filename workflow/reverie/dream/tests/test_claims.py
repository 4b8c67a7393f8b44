"""The remarks about dreams: each of the three verdicts from made-up figures."""

import math

import numpy as np
import pytest
from reverie.dream.report import claims as dream
from reverie.pictures import images
from reverie.report import claims as table
from reverie.report.verdicts import CONFIRMED, NOT_RUN, REFUTED, TASTE, UNDECIDED


def dreams(tmp_path, with_details, without):
    """A run of two dreams that differ in `details`, and of one with a sheet."""
    one = {"title": "Meadow", "sheet": None, "film": None, "details": True, "blend": None}
    one |= {"picture": "flowers", "guide": None, "size": 9}
    chosen = {
        "a": one,
        "b": one | {"details": False},
        "sky": one | {"size": 8, "sheet": {"steps": 1}},
    }
    folder = tmp_path / "dream"
    original = np.random.default_rng(0).uniform(0, 1, (128, 160, 3)).astype(np.float32)
    images.write(folder / "originals" / "a.png", original, {})
    for name, kept in (("a", with_details), ("b", without)):
        images.write(folder / f"{name}.png", 0.5 + kept * (original - 0.5), {})
    (folder / "sheets").mkdir()
    (folder / "sheets" / "sky.csv").write_text("layer,wavelength\nmixed0,4.1\nmixed4,17.2\nx,nan\n")
    return table.claims(
        tmp_path, {"parts": ["dream"], "dream": {"select": None, "pictures": chosen}}
    )


@pytest.mark.parametrize(
    ("kept", "verdict"), [((0.9, 0.2), CONFIRMED), ((0.2, 0.9), REFUTED), ((0.5, 0.5), UNDECIDED)]
)
def test_the_remarks_about_dreams(tmp_path, kept, verdict):
    layers, details = dreams(tmp_path, *kept)
    assert details["verdict"] == verdict
    assert f"With re-injection {kept[0]:.0%}".replace("%", " %") in details["measured"]
    assert layers["verdict"] == TASTE
    assert "4.1 (mixed0), 17.2 (mixed4) pixels" in layers["measured"]


def test_dreams_that_are_not_there_are_not_measured(tmp_path):
    settings = {"parts": ["dream"], "dream": {"select": None, "pictures": {}}}
    assert {one["verdict"] for one in table.claims(tmp_path, settings)} == {NOT_RUN}
    assert dream.CLAIMS


def test_details_mean_nothing_where_octaves_blend():
    plain = {"details": True, "blend": None}
    two = {"a": plain, "b": plain | {"details": False}}
    assert dream.without_details(two) == ("a", "b")
    assert not dream.without_details({name: one | {"blend": 0.5} for name, one in two.items()})


def test_whose_pictures_the_remarks_are_about():
    plain = {
        "title": None,
        "sheet": None,
        "film": None,
        "details": True,
        "blend": None,
        "guide": None,
    }
    lectures = {
        "sky": plain | {"picture": "sky", "sheet": {"steps": 1}},
        "flowers": plain | {"picture": "flowers"},
        "bare": plain | {"picture": "flowers", "details": False},
        "noise": plain | {"picture": "noise"},
    }

    def own(**dreams):
        return table.own_data("dream", {"dream": {"select": None, "pictures": dreams}})

    assert not own(**lectures)
    parrot = plain | {"picture": "parrot.jpg"}
    assert not own(**lectures, parrot=parrot)  # no remark is about it
    assert own(parrot=parrot | {"sheet": {"steps": 1}})
    assert own(parrot=parrot, bare=parrot | {"details": False})
    assert own(sky=lectures["sky"] | {"guide": "parrot.jpg"})
    assert not own()


def test_the_interval_covers_a_known_difference_as_often_as_it_says():
    """Tiles with noise of their own: 95 % of the intervals hold the true difference."""
    generator, hits, trials = np.random.default_rng(1), 0, 300
    for _ in range(trials):
        variance = np.ones(40)
        one = np.stack([0.8 + generator.normal(0, 0.3, 40), variance])
        other = np.stack([0.5 + generator.normal(0, 0.3, 40), variance])
        change = dream.more_detail(one, other)
        hits += change.low <= 0.3 <= change.high
    error = math.sqrt(0.95 * 0.05 / trials)
    assert abs(hits / trials - 0.95) < 4 * error


def test_a_picture_of_few_tiles_has_no_interval():
    tiles = np.ones((2, 14))
    change = dream.more_detail(0.5 * tiles, 0.2 * tiles)
    assert change.size == pytest.approx(0.6)
    assert math.isnan(change.low) and math.isnan(change.high)
