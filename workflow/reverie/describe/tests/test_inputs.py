"""Where pictures and sentences come from."""

import json
import os

import pytest
from reverie.describe import inputs, scenes
from reverie.describe.files import listing, source_of
from reverie.describe.tests.data import folder, picture
from reverie.errors import ReverieError

READ = {"seed": 0, "encoding": "utf-8", "fewest": 1, "longest": 9, "most": None, "features": {}}


def record(path, file, sample):
    facts = {"path": str(file), "source": file.name, "sha256": "5" * 64, "sample": sample}
    path.write_text(json.dumps(facts))
    return path


@pytest.fixture
def drawn(tmp_path):
    scenes.write_pictures(tmp_path / "s.zip", 40)
    scenes.write_sentences(tmp_path / "s.csv", 40)
    return tmp_path


def test_drawn_scenes_are_said_to_be_drawn(drawn):
    files = [record(drawn / f"{end}.json", drawn / f"s.{end}", True) for end in ("zip", "csv")]
    inputs.prepare(*files, own=False, **READ, folder=drawn / "run")
    facts = json.loads((drawn / "run/pictures.json").read_text())
    assert facts["sample"] and facts["source"] == "s.zip, s.csv" and facts["pictures"] == 40


def test_drawn_scenes_do_not_meet_real_sentences(drawn):
    files = [
        record(drawn / "zip.json", drawn / "s.zip", True),
        record(drawn / "csv.json", drawn / "s.csv", False),
    ]
    with pytest.raises(ReverieError, match=r"s.csv is real, and .*s.zip is drawn"):
        inputs.prepare(*files, own=False, **READ, folder=drawn / "run")


def test_a_folder_has_a_hash_of_its_files(tmp_path):
    shots = folder(tmp_path / "shots", {"a.png": picture(), "b.png": picture(1)})
    path, origin = source_of(shots)
    assert path == shots and origin["source"] == str(shots) and not origin["sample"]
    before, seen = origin["sha256"], listing(shots)
    assert source_of(shots)[1]["sha256"] == before and listing(shots) == seen
    os.utime(shots / "a.png", ns=(1, 1))
    assert source_of(shots)[1]["sha256"] == before and listing(shots) != seen
    (shots / "a.png").write_bytes(picture(2))
    assert source_of(shots)[1]["sha256"] != before
    assert listing(shots / "a.png") is None


def test_a_folder_s_other_files_do_not_matter(tmp_path):
    """Films, and what systems leave in every folder."""
    album = folder(tmp_path / "album", {"a/1.png": picture(), "b/2.png": picture(1)})
    (origin, seen), hidden = (source_of(album)[1], listing(album)), {"a/Thumbs.db", "b/Thumbs.db"}
    for name in hidden | {"b/film.mp4"}:
        (album / name).write_bytes(b"1")
    assert (source_of(album)[1], listing(album)) == (origin, seen)
    (album / "b/1.png").write_bytes(picture(2))
    with pytest.raises(ReverieError, match="two files of the name '1.png'"):
        source_of(album)
