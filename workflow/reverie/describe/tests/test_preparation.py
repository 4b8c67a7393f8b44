"""Pictures and sentences in numbers, and what is left out."""

import json

import pytest
from reverie.describe import dataset, preparation
from reverie.describe.captions import Captions
from reverie.describe.tests.data import picture, zipped
from reverie.errors import ReverieError

NAMES = [f"{number:02d}.png" for number in range(40)]
PARTS = {name: "val" if n < 6 else "test" if n < 12 else "train" for n, name in enumerate(NAMES)}
SENTENCES = {name: ["A red dog .", "a dog"] for name in NAMES}


def prepared(
    tmp_path, sentences=SENTENCES, pictures=NAMES, damaged=(), longest=4, unnamed=0, **options
):
    members = {name: b"no picture" if name in damaged else picture() for name in pictures}
    parts = {name: PARTS.get(name, "train") for name in sentences if name != "no part.png"}
    archive = zipped(tmp_path / "pictures.zip", members)
    return preparation.prepare(Captions(sentences, parts, unnamed), archive, 2, longest, **options)


def test_pictures_and_sentences_in_numbers(tmp_path):
    described, facts = prepared(tmp_path)
    assert described.vocabulary.tolist() == ["a", "dog", "red"]
    assert described.words[:2].tolist() == [[1, 3, 2, 0], [1, 2, 0, 0]]
    assert described.lengths[:2].tolist() == [3, 2]
    assert described.picture[:4].tolist() == [0, 0, 1, 1]
    assert described.pictures_of("val").tolist() == list(range(6))
    assert described.sentences_of("test").tolist() == list(range(12, 24))
    assert facts["split"] == {"train": 28, "val": 6, "test": 6} and facts["sentences"] == 80
    preparation.write(described, facts, {"sample": False}, tmp_path / "d.npz", tmp_path / "f.json")
    again = dataset.load(tmp_path / "d.npz")
    assert (again.words == described.words).all() and (again.texts == described.texts).all()
    assert json.loads((tmp_path / "f.json").read_text())["vocabulary"] == 3


def test_what_cannot_be_used_is_counted(tmp_path):
    sentences = SENTENCES | {
        "20.png": ["Dog"],  # one word
        "21.png": ["dog " * 200],
        "22.png": [" . ", "unheard of"],  # no word of the vocabulary
        "23.png": ["a cat", "what is this"],
        "no picture.png": ["a dog", "a dog"],
        "no part.png": ["a dog"],
    }
    pictures = [*NAMES, "no sentence.png", "no part.png"]
    described, facts = prepared(tmp_path, sentences, pictures, ["24.png", "25.png"], unnamed=3)
    assert facts["dropped"] == {
        "pictures without sentences": 1,
        "sentences without a picture": 2 + 3,
        "pictures in no part": 1,
        "pictures beyond `most`": 0,
        "unreadable pictures": 2,
        "sentences without a word of the vocabulary": 3,
        "pictures without a usable sentence": 1,
        "sentences cut off": 1,
    }
    place = described.names.tolist().index("20.png")
    assert described.lengths[described.picture == place].tolist() == [1]
    place = described.names.tolist().index("21.png")
    assert described.lengths[described.picture == place].tolist() == [4]
    assert facts["words"]["longest"] == 200 and facts["words"]["kept"] == 4
    assert "cat" not in described.vocabulary


def test_a_quick_look_draws_a_few_pictures_of_each_part(tmp_path):
    described, facts = prepared(tmp_path, most=20)
    assert facts["split"] == {"train": 20, "val": 6, "test": 6}
    assert facts["dropped"]["pictures beyond `most`"] == 8
    names = described.names.tolist()
    assert names == sorted(names) and names[:12] == NAMES[:12] and names[12:] != NAMES[12:32]
    assert prepared(tmp_path, most=20)[0].names.tolist() == names


def test_a_long_sentence_takes_no_space_of_the_others(tmp_path):
    texts = ["dog " * 1_200, "", "Hunde\nund Katzen", "कुत्ता और बिल्ली"]
    described, _ = prepared(tmp_path, SENTENCES | {"20.png": [*texts, "a dog"]})
    described.texts[:4] = texts
    assert described.texts.nbytes < 10 * len(described.texts)
    described.save(tmp_path / "d.npz")
    assert dataset.load(tmp_path / "d.npz").texts.tolist() == described.texts.tolist()


def test_too_few_pictures_are_refused(tmp_path):
    with pytest.raises(ReverieError, match="leaves 19 pictures with sentences in the part train"):
        prepared(tmp_path, pictures=NAMES[:31])
    rare = SENTENCES | {name: [f"unheard{name}"] for name in NAMES[12:35]}
    with pytest.raises(ReverieError, match="23 others have only words .* lower describe.fewest"):
        prepared(tmp_path, rare)
    with pytest.raises(ReverieError, match="no sentence belongs to a picture in"):
        prepared(tmp_path, pictures=["other.png"])
