"""The report's part on the text: what is said follows from the files."""

from hypothesis import given
from hypothesis import strategies as st
from reverie.text.report import section as text


def lines(*losses):
    return [{"epoch": epoch, "loss": loss} for epoch, loss in enumerate(losses, 1)]


def test_an_explosion_is_told():
    """The book's own losses from epoch 54 on."""
    history = lines(1.99, 1.47, 1.3014, 1.31, 1.5978, 4.7329, 12.5951, 14.5726)
    assert text.explosions({0: history, 1: lines(2.0, 1.9)}, 2) == [
        "With seed 0 the training loss exploded at epoch 5: it was 1.30 after epoch 3 and reached "
        "14.57 at epoch 8."
    ]


def test_a_training_that_ended_early_is_told():
    assert text.explosions({3: lines(2.0, 1.9)}, 60) == [
        "With seed 3 the loss became NaN after epoch 2; training ended there instead of at epoch 60."
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


def test_bits_over_seeds():
    assert text.spread([2.5]) == "2.50"
    assert text.spread([2.5, 2.7]) == "2.60 ± 0.14"
