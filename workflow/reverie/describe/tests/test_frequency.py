"""How often frequent and rare words are written."""

import numpy as np
import pytest
from reverie.describe import frequency


def test_excess_by_hand():
    words = [f"w{number:04d}" for number in range(1500)]
    groups = [words[:10], words[10:100], words[100:1000], words[1000:]]
    written = frequency.shares([["w0001", "w0002", "w0001", "w0500"]], groups)
    people = frequency.shares([["w0001", "w1200", "w0050", "w0500", "never seen"]], groups)
    assert written[0].tolist() == [3, 0, 1, 0, 0] and people[0].tolist() == [1, 1, 1, 1, 1]
    assert frequency.excess(written, people)[0] == pytest.approx([3.75, 0, 1.25, 0, 0])


def test_the_number_of_references_does_not_matter():
    written, people = np.array([[2.0, 2.0], [4.0, 0.0]]), np.array([[1.0, 1.0], [3.0, 1.0]])
    weights = np.array([[1, 1], [0, 2]])
    once = frequency.excess(written, people, weights)
    assert once == pytest.approx(frequency.excess(written, 5 * people, weights))
    assert once[1] == pytest.approx([4 / 3, 0])


def test_unused_words():
    assert frequency.unused(["a", "b", "c", "d"], [["a", "x"], ["c"]]) == 0.5
