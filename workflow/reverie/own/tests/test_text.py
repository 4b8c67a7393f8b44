"""What is guessed of a text: its encoding, and a prompt that it has."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from reverie.errors import ReverieError
from reverie.own import encodings, overlay, text

LETTER = "My dear friend, you ask – with reason – how the café in Zürich is. It is “well”.\r\n"


def guessed(tmp_path, data: bytes, **arguments) -> dict:
    (tmp_path / "own.txt").write_bytes(data)
    tree = text.guesses({"TEXT": str(tmp_path / "own.txt")} | arguments, {})
    return yaml.safe_load(overlay.written(tree))["text"]


@pytest.mark.parametrize(
    ("encoding", "guess"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("cp1252", "cp1252")],
)
def test_encodings(tmp_path, encoding, guess):
    settings = guessed(tmp_path, (LETTER * 200).encode(encoding))
    assert settings.get("encoding", "utf-8") == guess
    assert settings["sampling"]["prompt"].startswith(("my dear", "dear", "friend")) or (
        settings["sampling"]["prompt"][:4] in LETTER.lower()
    )


def test_a_guess_shows_what_it_reads():
    latin = encodings.guess(["Wasserhöhe 3".encode("latin-1")], "x", None)
    windows = encodings.guess(["Wasserhöhe – 3".encode("cp1252")], "x", None)
    assert latin.value == windows.value == "cp1252"
    assert "the same as Latin-1" in latin.reason and "Wasserhöhe" in latin.reason
    assert "Latin-1" not in windows.reason


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b" \n", "x is empty; copy it again."),
        ("уровень реки".encode("cp1251"), "x is not UTF-8, and as cp1252 it has too many accents; say ENCODING=…"),
        (b"a river \x81\x8d", "x is neither UTF-8 nor cp1252; say ENCODING=…"),
        ("river".encode("utf-16-le"), "x has zero bytes, so that it is no text, or UTF-16 without its mark; if so, say"),
    ],
)  # fmt: skip
def test_what_may_be_several_encodings_is_asked_for(data, expected):
    with pytest.raises(ReverieError) as error:
        encodings.guess([data], "x", None)
    assert str(error.value).startswith(expected)


def test_an_encoding_that_was_stated():
    data = "уровень реки".encode("cp1251")
    assert encodings.guess([data], "x", "cp1251").value == "cp1251"
    for wrong in ("utf-8", "no such thing"):
        with pytest.raises(ReverieError, match=f"x cannot be read with ENCODING={wrong}: "):
            encodings.guess([data], "x", wrong)


@given(st.text(min_size=200, max_size=2000))
def test_a_prompt_has_only_characters_of_the_text(content):
    content = "a river " + content
    prompt = text.prompt(content)
    assert prompt and len(prompt) <= 60
    assert set(prompt) <= set(content)


def test_settings_suit_the_length(tmp_path):
    usual = guessed(tmp_path, b"the river is high. " * 20_000)
    assert "window" not in usual and "epochs" not in usual
    short = guessed(tmp_path, b"the river is high. " * 800)
    assert "window" not in short and short["epochs"] * (15_200 * 0.95 // 384) >= 1200
    shorter = guessed(tmp_path, b"the river is high. " * 80)
    assert shorter["window"] == 20 and shorter["epochs"] == 60


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"1 2 3 " * 500, "own.txt has no letters"),
        (b"too short", "own.txt has 9 characters, too few"),
    ],
)
def test_what_cannot_be_learnt(tmp_path, data, expected):
    with pytest.raises(ReverieError, match=expected):
        guessed(tmp_path, data)
