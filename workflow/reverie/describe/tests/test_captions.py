"""Sentences and the split, from Flickr8k's files and from tables of the user's own."""

import io
from collections import Counter

import numpy as np
import pytest
from PIL import Image
from reverie.describe import captions
from reverie.describe.files import Files
from reverie.describe.files import picture as decoded
from reverie.describe.tests.data import folder, picture, table, tarred, zipped
from reverie.errors import ReverieError

TOKENS = b"a.jpg#0\tA dog .\na.jpg#1\tTwo dogs\nb.jpg#0\tA cat\nc.jpg#0\tIn no part\nd.jpg.1#0\tx\n"
LISTS = {
    "Flickr_8k.trainImages.txt": b"a.jpg\n",
    "Flickr_8k.devImages.txt": b"b.jpg\n",
    "Flickr_8k.testImages.txt": b"e.jpg\n\n",
}


@pytest.mark.parametrize("made", [zipped, tarred, folder])
def test_flickr8k(tmp_path, made):
    path = tmp_path / ("text" if made is folder else "text.gz")
    found = captions.flickr8k(made(path, {captions.TOKENS: TOKENS} | LISTS))
    assert found.sentences == {
        "a.jpg": ["A dog .", "Two dogs"],
        "b.jpg": ["A cat"],
        "c.jpg": ["In no part"],
        "d.jpg.1": ["x"],
    }
    assert found.parts == {"a.jpg": "train", "b.jpg": "val", "e.jpg": "test"}


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        (LISTS, "has no file Flickr8k.token.txt"),
        (LISTS | {captions.TOKENS: b"a.jpg#0\tA dog\nno tab\n"}, "line 2 of Flickr8k.token.txt"),
        (LISTS | {captions.TOKENS: b"a.jpg#0\t\xff\n"}, "is not UTF-8 text"),
    ],
)
def test_other_texts_are_refused(tmp_path, members, sentence):
    with pytest.raises(ReverieError, match=sentence):
        captions.flickr8k(zipped(tmp_path / "text.zip", members))


def test_a_table_with_parts(tmp_path):
    rows = [
        ("a.png", "A dog", "train"),
        ("b.png", '"One, two"', "test"),
        ("a.png", "Dogs", "train"),
    ]
    found = captions.own(table(tmp_path / "t.csv", rows, "picture,sentence,part"), 0)
    assert found.sentences == {"a.png": ["A dog", "Dogs"], "b.png": ["One, two"]}
    assert found.parts == {"a.png": "train", "b.png": "test"}


def test_sentences_that_name_no_picture_are_counted(tmp_path):
    rows = [
        ("a.png", "A dog", "train"),
        ("", "A cat", "train"),
        (" ", "Two cats", ""),
        ("", " ", ""),
    ]
    found = captions.own(table(tmp_path / "t.csv", rows, "picture,sentence,part"), 0)
    assert found.sentences == {"a.png": ["A dog"]} and found.unnamed == 2
    members = {captions.TOKENS: TOKENS + b"\n#0\tA bird\n"} | LISTS
    found = captions.flickr8k(folder(tmp_path / "text", members))
    assert found.unnamed == 1 and "" not in found.sentences


def test_a_table_without_parts_is_split_by_picture(tmp_path):
    rows = [(f"{number:03d}.png", "A dog") for number in range(200)] * 2
    file = table(tmp_path / "t.csv", rows)
    found = captions.own(file, 0)
    assert Counter(found.parts.values()) == {"train": 160, "val": 20, "test": 20}
    assert captions.own(file, 0) == found != captions.own(file, 1)
    few = captions.own(table(tmp_path / "few.csv", rows[:30]), 0)
    assert Counter(few.parts.values()) == {"train": 20, "val": 5, "test": 5}


def test_names_from_a_mac_are_those_of_the_table(tmp_path):
    """A Mac writes an accent behind its letter."""
    apart = "Ka\u0308se.png"
    files = Files(zipped(tmp_path / "files.zip", {apart: b"2"}))
    found = captions.own(table(tmp_path / "t.csv", [("K\u00e4se.png", "Cheese"), (apart, "A")]), 0)
    assert files.pictures == [*found.sentences] == ["K\u00e4se.png"]
    assert files.read("K\u00e4se.png") == b"2"


@pytest.mark.parametrize(
    ("header", "rows", "sentence"),
    [
        ("file,sentence", [("a.png", "A dog")], "has no column 'picture'"),
        ("picture,sentence,part", [("a.png", "A dog", "dev")], "line 2: the part is 'dev'"),
        (
            "picture,sentence,part",
            [("a.png", "A", "val"), ("a.png", "B", "test")],
            "line 3: 'a.png' is in test here, and in val above",
        ),
        (
            "picture,sentence",
            [("a.png", "A dog"), ("b.png", "A dog", " and a cat")],
            "line 3: has more cells than the first line; put sentences with commas into double quotes",
        ),
        (
            "picture,sentence",
            [("a.png", '"A dog'), ("b.png", "Cats")],
            "from line 2 on: unexpected end",
        ),
        ('picture,"sentence', [("a.png", "A dog")], "from line 1 on: unexpected end"),
        ('"picture"x,sentence', [("a.png", "A dog")], "from line 1 on: ',' expected after"),
        ("picture,sentence" + "x" * 140_000, [], "from line 1 on: field larger than field limit"),
        ("picture,sentence", [("a.png", "dog " * 1500)], "has 6,000 characters, and 5,000 are"),
        (
            "picture,sentence",
            [("a.png", "dog " * 40_000)],
            "from line 2 on: field larger than field limit",
        ),
    ],
)
def test_other_tables_are_refused(tmp_path, header, rows, sentence):
    with pytest.raises(ReverieError, match=sentence):
        captions.own(table(tmp_path / "t.csv", rows, header), 0)


@pytest.mark.parametrize(
    ("made", "name"), [(zipped, "x.tar"), (tarred, "x.tar"), (tarred, "x.gz"), (folder, "x")]
)
def test_files_by_their_names(tmp_path, made, name):
    members = {"x/b.png": b"2", "a.JPG": b"1", "x/notes.txt": b"3", "__MACOSX/._b.png": b"4"}
    files = Files(made(tmp_path / name, members))
    assert files.names == ["a.JPG", "b.png", "notes.txt"] and files.pictures == ["a.JPG", "b.png"]
    assert files.read("b.png") == b"2"


def test_files_that_cannot_be_told_apart_or_read(tmp_path):
    members = {
        "x/a.png": b"",
        "y/a.png": b"",
        "x/Thumbs.db": b"",
        "y/Thumbs.db": b"",
        "b.png": b"2",
    }
    twice = Files(zipped(tmp_path / "twice.zip", members))
    for ask in (lambda: twice.pictures, lambda: twice.read("a.png")):
        with pytest.raises(ReverieError, match="two files of the name 'a.png'"):
            ask()
    assert twice.read("b.png") == b"2"
    del members["y/a.png"]
    assert Files(zipped(tmp_path / "system.zip", members)).pictures == ["a.png", "b.png"]
    (tmp_path / "damaged.tar").write_bytes(b"no archive")
    with pytest.raises(ReverieError, match="neither a folder nor a readable .zip or .tar"):
        Files(tmp_path / "damaged.tar")
    whole = tarred(tmp_path / "whole.gz", {"a.png": picture()}).read_bytes()
    (tmp_path / "half.tar.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ReverieError, match="neither a folder nor a readable .zip or .tar"):
        Files(tmp_path / "half.tar.gz")
    with pytest.raises(ReverieError, match="is missing"):
        Files(tmp_path / "nothing")


def test_pictures_are_squeezed_and_damaged_ones_are_none():
    assert decoded(picture(), 16).shape == (16, 16, 3)
    assert decoded(picture(kind="jpeg", side=200), 16).shape == (16, 16, 3)
    grey = np.linspace(0, 65535, 16 * 16).reshape(16, 16).astype(np.uint16)
    data = io.BytesIO()
    Image.fromarray(grey).save(data, "png")
    assert np.abs(decoded(data.getvalue(), 16)[..., 0] - grey / 257).max() < 1
    assert decoded(picture()[:100], 16) is None and decoded(b"", 16) is None
