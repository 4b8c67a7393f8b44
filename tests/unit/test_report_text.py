"""The report's part on the text: what is said follows from the files."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reverie.report import remarks, text


def lines(*losses):
    return [{"epoch": epoch, "loss": loss} for epoch, loss in enumerate(losses, 1)]


def test_an_explosion_is_told():
    """The book's own losses from epoch 54 on."""
    history = lines(1.99, 1.47, 1.3014, 1.31, 1.5978, 4.7329, 12.5951, 14.5726)
    assert text.explosions({0: history, 1: lines(2.0, 1.9)}, 2) == [
        "With seed 0 the training loss exploded at epoch 5: it had been 1.30 after epoch 3 and came "
        "to 14.57 at epoch 8."
    ]


def test_a_training_that_ended_early_is_told():
    assert text.explosions({3: lines(2.0, 1.9)}, 60) == [
        "With seed 3 the loss was not a number any more after epoch 2, where the training ended "
        "instead of at epoch 60."
    ]
    assert text.explosions({0: lines(1.0, 1.21, 0.92)}, 3) == []  # a wobble


@given(st.lists(st.text('a<&>" b', max_size=5), min_size=1, max_size=9))
def test_marks_keep_the_text_and_escape_it(pieces):
    """Every second piece is marked; without marks and escapes the text is the same."""
    spans, start = [], 0
    for number, piece in enumerate(pieces):
        if number % 2:
            spans.append([start, start + len(piece)])
        start += len(piece)
    found = text.marked("".join(pieces), spans)
    assert found.count("<b>") == len(spans)
    assert found.replace("<b>", "").replace("</b>", "") == text.escape("".join(pieces))


def folder_with(tmp_path, repeated, invented):
    """Intervals of the differences: cold against hot in repetition, hot against cold in invention."""
    rows = ["measure,temperature,against,change,low,high"]
    for cold in ("0.000000", "0.200000"):
        rows.append(f"repeated_3grams,{cold},1.000000,0.5,{repeated[0]},{repeated[1]}")
    rows.append(f"invented_words,1.000000,0.200000,0.25,{invented[0]},{invented[1]}")
    (tmp_path / "comparisons.csv").write_text("\n".join(rows) + "\n")
    (tmp_path / "metrics.csv").write_text(
        "epoch,seed,method,temperature,invented_words,distinct_3grams,longest_copy\n"
        "1,0,greedy,,0,0.1,9\n1,0,temperature,0.5,0.125,0.75,9\n1,0,temperature,1.0,0.5,0.9,9\n"
        "2,0,temperature,0.5,0.9,0.1,9\n"
    )
    (tmp_path / "reference.json").write_text(json.dumps({"distinct_3grams": 0.73}))
    return tmp_path


@pytest.mark.parametrize(
    ("ends", "verdict"),
    [
        (("0.4", "0.6"), remarks.CONFIRMED),
        (("-0.6", "-0.4"), remarks.REFUTED),
        (("-0.1", "0.6"), remarks.UNDECIDED),
        (("", ""), remarks.UNDECIDED),
    ],
)
def test_the_remarks_have_every_outcome(tmp_path, ends, verdict):
    sampling = {"temperatures": [0.2, 0.5, 1.0, 1.2], "greedy": True}
    repeats, invents, interesting = text.remarks(
        folder_with(tmp_path, ends, ends), sampling, {(1, 0)}
    )
    assert (repeats["verdict"], invents["verdict"]) == (verdict, verdict)
    assert "by 50 percentage points" in repeats["measured"]
    assert "higher at 1 than at 0.2, by 25 percentage points" in invents["measured"]
    assert interesting["verdict"] == remarks.TASTE
    assert "At 0.5, 12 % of the words are invented and 75 % of" in interesting["measured"]
    assert "in the corpus itself 73 % do" in interesting["measured"]


def test_one_temperature_is_compared_with_nothing(tmp_path):
    sampling = {"temperatures": [1.0], "greedy": True}
    folder = folder_with(tmp_path, ("0.4", "0.6"), ("0", "1"))
    assert text.remarks(folder, sampling, {(1, 0)}) == []


def test_bits_over_seeds():
    assert text.spread([2.5]) == "2.50"
    assert text.spread([2.5, 2.7]) == "2.60 ± 0.14"
