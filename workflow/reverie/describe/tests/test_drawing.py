"""Drawings in which texts point at regions of a picture."""

import numpy as np
import pytest
from PIL import Image
from reverie.describe import drawing
from reverie.look import PALETTE

BOXES = np.array([[0, 0, 0.5, 0.5], [0.5, 0.5, 1, 1], [0, 0, 1, 1]])
COLOURS = [tuple(int(colour[start : start + 2], 16) for start in (1, 3, 5)) for colour in PALETTE]


def pixels_of(file) -> np.ndarray:
    with Image.open(file) as drawn:
        assert drawn.text["Software"] == "Reverie"
        return np.asarray(drawn.convert("RGB"))


def places(pixels: np.ndarray, colour) -> np.ndarray:
    """Rows and columns with exactly this colour, (2, places)."""
    return np.stack(np.nonzero((pixels == colour).all(axis=2)))


def test_each_text_has_its_box_in_its_colour(tmp_path):
    picture = np.zeros((100, 200, 3), np.uint8)
    drawing.draw(picture, ["a dog", "grass"], BOXES[:2], tmp_path / "a.png")
    pixels = pixels_of(tmp_path / "a.png")
    width = drawing.SIDE * drawing.DPI
    shown = pixels[: round(width / 2), : round(width)]
    first, second = (places(shown, colour) for colour in COLOURS[:2])
    # But for the lines to the right, each colour stays in its quarter.
    assert np.quantile(first[1], 0.5) < width / 2 < np.quantile(second[1], 0.5)
    assert np.quantile(first[0], 0.5) < width / 4 < np.quantile(second[0], 0.5)
    assert not places(pixels, COLOURS[2]).size


def test_words_with_one_region_are_one_text(tmp_path, monkeypatch):
    drawn = {}
    monkeypatch.setattr(
        drawing, "draw", lambda _, texts, boxes, file: drawn.update(texts=texts, boxes=boxes)
    )
    words = ["two", "dogs", "on", "the", "grass"]
    drawing.draw_sentence(None, words, np.array([2, 2, 0, 1, 1]), BOXES, None)
    assert drawn["texts"] == ["two dogs", "on", "the grass"]
    assert drawn["boxes"].tolist() == BOXES[[2, 0, 1]].tolist()


@pytest.mark.parametrize("shape", [(1, 1, 3), (300, 40, 3), (40, 300, 3)])
def test_any_picture_and_any_number_of_words_fit(tmp_path, shape):
    """Words that each have a region of their own make the drawing higher, and the picture no smaller."""
    words = ["word" * (1 + place % 12) for place in range(24)]
    regions = np.arange(24) % len(BOXES)
    drawing.draw_sentence(np.zeros(shape, np.uint8), words, regions, BOXES, tmp_path / "a.png")
    pixels = pixels_of(tmp_path / "a.png")
    assert pixels.shape[1] == round(drawing.WIDTH * drawing.DPI)
    assert pixels.shape[0] > 24 * drawing.LINE * drawing.DPI
    assert places(pixels[-round(drawing.LINE * 3 * drawing.DPI) :], COLOURS[2]).size


def test_a_sentence_without_words_leaves_the_picture_alone(tmp_path):
    """An untrained network may write nothing."""
    drawing.draw_sentence(np.zeros((9, 9, 3)), [], np.zeros(0, int), BOXES, tmp_path / "a.png")
    pixels = pixels_of(tmp_path / "a.png")
    assert pixels.shape[0] == round(drawing.SIDE * drawing.DPI)
    assert not any(places(pixels, colour).size for colour in COLOURS)
