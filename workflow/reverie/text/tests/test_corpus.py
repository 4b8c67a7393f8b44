"""The corpus against the lecture's own way, and every text that is none."""

import json
import tracemalloc
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reverie.errors import ReverieError
from reverie.samples import docstrings
from reverie.text import corpus, prompts
from reverie.text.tests.corpora import PROSE, prepared


def test_windows_and_alphabet_are_the_lectures(tmp_path):
    """Against the slides' loop over the text, written plainly."""
    found, facts = prepared(tmp_path, PROSE)
    text, sentences = PROSE.lower(), []
    for start in range(0, len(text) - 20, 3):
        sentences.append((text[start : start + 20], text[start + 20]))
    assert facts["windows"] == len(sentences)
    assert found.alphabet == "".join(sorted(set(text)))
    assert facts["vocabulary"] == len(found.alphabet)
    assert facts["characters"] == len(text)
    assert found.text == text
    learned = corpus.starts(0, found.train_end, 20, 3)
    assert facts["train_windows"] == len(learned)
    for number in (0, 7, len(learned) - 1):
        start = learned[number]
        window = found.decoded(found.ids[start : start + 20])
        assert (window, found.decoded(found.ids[[start + 20]])) == sentences[number]
    assert facts["source"] == "here"


def test_the_sample_has_the_lectures_size(tmp_path):
    """Its length is that of the lecture's corpus, hence its 200,278 windows of 60."""
    docstrings.write(tmp_path / "sample.txt")
    text = (tmp_path / "sample.txt").read_text(encoding="utf-8")
    assert len(text) == 600_893
    assert len(corpus.starts(0, len(text), 60, 3)) == 200_278
    held_out = round(0.05 * len(text))
    assert len(corpus.starts(0, len(text) - held_out, 60, 3)) == 190_263  # docs/differences.md
    assert text == docstrings.text()
    assert text.startswith("Abstract Base Classes (ABCs) according to PEP 3119.\n")


@settings(max_examples=50)
@given(st.integers(100, 5000), st.integers(1, 60), st.integers(1, 5), st.floats(0.01, 0.9))
def test_no_window_crosses_the_border(length, window, step, held_out):
    """Neither a window nor the character after it."""
    end = length - round(length * held_out)
    for begin, stop, stride in ((0, end, step), (end, length, 1)):
        for start in corpus.starts(begin, stop, window, stride):
            assert begin <= start
            assert start + window < stop


def test_the_last_part_is_held_out(tmp_path):
    found, facts = prepared(tmp_path, PROSE, held_out=0.25)
    assert facts["held_out_characters"] == round(0.25 * len(PROSE))
    assert found.train_end == len(PROSE) - facts["held_out_characters"]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16"])
def test_line_ends_and_marks_are_no_characters(tmp_path, encoding):
    text = PROSE + "È già qui."
    found, _ = prepared(tmp_path, text.replace("\n", "\r\n"), encoding=encoding)
    assert found.text == text.lower()
    found, _ = prepared(tmp_path, text.encode("utf-8-sig"))
    assert found.text == text.lower()


def test_a_text_that_is_not_in_the_encoding_of_the_setting(tmp_path):
    with pytest.raises(ReverieError, match="is not UTF-32 text; set text.encoding to the encoding"):
        prepared(tmp_path, PROSE.encode(), encoding="utf-32")


@settings(max_examples=30)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_encoding_and_decoding_are_inverse(tmp_path_factory, more):
    """For letters of any script."""
    found, _ = prepared(tmp_path_factory.mktemp("any"), PROSE + more.replace("\r", ""))
    text = corpus.normal(PROSE + more.replace("\r", ""))
    assert found.text == text
    assert found.decoded(found.encoded(text[-30:])) == text[-30:]


def test_large_alphabets_fit(tmp_path):
    text = "".join(chr(0x4E00 + number % 700) for number in range(3000))
    found, facts = prepared(tmp_path, text)
    assert facts["vocabulary"] == 700
    assert found.ids.dtype == np.uint16
    assert found.text == text


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_letter_with_its_accent_is_one_character(tmp_path, form):
    """However the corpus and the prompt were typed: on a Mac, say, an é is often two characters."""
    word = "Élan, naïveté, Ångström, việt, 한국"
    found, _ = prepared(tmp_path, unicodedata.normalize(form, word + ". " + PROSE))
    assert found.text.startswith("élan, naïveté, ångström, việt, 한국")
    for prompt in ("NFC", "NFD"):
        ids = prompts.start_of(found, len(word), unicodedata.normalize(prompt, word))
        assert np.array_equal(ids, found.ids[: len(word)])
        prompts.choose(
            tmp_path / "corpus.npz", 8, unicodedata.normalize(prompt, word), 0, tmp_path / "p.json"
        )
        assert json.loads((tmp_path / "p.json").read_text()) == [word.lower()]


@given(st.text())
def test_a_normal_text_stays_as_it_is(text):
    once = corpus.normal(text)
    assert corpus.normal(once) == once
    assert corpus.normal(unicodedata.normalize("NFD", text)) == once


def test_the_lectures_corpus_is_only_put_into_lower_case(mirror):
    text = (mirror / "nietzsche.txt").read_text(encoding="utf-8")
    assert corpus.read(mirror / "nietzsche.txt") == text.lower()
    assert len(text) == 600_893
    assert len(set(text.lower())) == 57


def test_an_alphabet_that_would_fill_the_memory_is_refused(tmp_path):
    """193,094 characters aborted the process; a novel in Chinese has a few thousand."""
    points = [point for point in range(0x20, 0x30000) if chr(point).isprintable()]
    text = "".join(map(chr, points))
    with pytest.raises(ReverieError) as error:
        prepared(tmp_path, 2 * text, window=60, batch=128)
    letters = len(set(corpus.normal(text)))
    assert str(error.value) == (
        f"{tmp_path / 'text.txt'} has {letters:,} different characters, 0 of them only once, and "
        "there is memory for 17,725 in batches of 128 windows of 60; replace rare characters, or "
        "lower text.batch or text.window."
    )
    han = "".join(map(chr, range(0x4E00, 0x4E00 + 10_000)))
    assert prepared(tmp_path, 8 * han, window=60, batch=128)[1]["vocabulary"] == 10_000


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            b"caf\xe9 " * 500,
            "is not UTF-8 text; set text.encoding to the encoding of the file, for example latin-1.",
        ),
        (b"\x89PNG\r\n\x1a\n" + bytes(3000), "is not UTF-8 text; set text.encoding to"),
        (PROSE.encode("utf-16"), "encoding of the file, for example utf-16."),
        (
            PROSE.encode("utf-16-le"),
            "is not UTF-8 text: it has zero bytes; set text.encoding to the",
        ),
        ("12 + 13 = 25;\n" * 500, "has no letters; a corpus is a text in some language."),
        ("", "has no letters"),
        ("Too short. " * 20, "is too short: its 220 characters leave 209 to learn and 11 held out"),
        ("a b " * 8, "use a longer text"),
    ],
    ids=["latin-1", "png", "utf-16", "utf-16-le", "numbers", "empty", "short", "shorter"],
)
def test_what_is_no_corpus_gets_a_sentence(tmp_path, content, sentence):
    with pytest.raises(ReverieError) as error:
        prepared(tmp_path, content)
    assert sentence in str(error.value)
    assert "text.txt" in str(error.value)
    assert not (tmp_path / "corpus.npz").exists()


def test_memory_is_proportional_to_the_text(tmp_path):
    """The lecture's arrays would take windows × window × alphabet bytes: 1,900 times the text."""
    peaks = []
    for size in (1, 2):
        text = PROSE * (1000 * size)
        tracemalloc.start()
        prepared(tmp_path, text)
        peaks.append(tracemalloc.get_traced_memory()[1] / len(text))
        tracemalloc.stop()
    assert max(peaks) < 20
    assert peaks[1] < 1.1 * peaks[0]
