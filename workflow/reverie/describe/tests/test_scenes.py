"""The drawn sample."""

from collections import Counter

import numpy as np
from reverie.describe import captions, preparation, scenes
from reverie.describe.files import Files, picture
from reverie.tables import read_table


def test_scenes_show_what_their_sentences_say(tmp_path):
    scenes.write_pictures(tmp_path / "s.zip", 60)
    scenes.write_sentences(tmp_path / "s.csv", 60)
    files = Files(tmp_path / "s.zip")
    assert len(files.pictures) == 60
    rows = read_table(tmp_path / "s.csv")
    assert Counter(row["part"] for row in rows) == {"train": 210, "val": 45, "test": 45}
    named = {}
    for row in rows:
        colours = set(row["sentence"].split()) & scenes.COLOURS.keys()
        named.setdefault(row["picture"], set()).update(colours)
    for name, colours in named.items():
        pixels = picture(files.read(name), scenes.SIDE).reshape(-1, 3).astype(int)
        shown = {
            colour
            for colour, value in scenes.COLOURS.items()
            if (np.abs(pixels - value).max(axis=1) < 8).sum() > 20
        }
        assert colours <= shown and len(shown) == 2


def test_the_same_sample_is_the_same_file_and_can_be_prepared(tmp_path):
    for name in "ab":
        scenes.write_pictures(tmp_path / f"{name}.zip", 50)
        scenes.write_sentences(tmp_path / f"{name}.csv", 50)
    for kind in ("zip", "csv"):
        assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()
    found = captions.own(tmp_path / "a.csv", 0)
    described, facts = preparation.prepare(found, tmp_path / "a.zip", 1, 14)
    assert facts["pictures"] == 50 and facts["sentences"] == 250
    assert "sentences cut off" in facts["dropped"] and not sum(facts["dropped"].values())
