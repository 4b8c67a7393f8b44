"""How often frequent and rare words are written."""

from collections import Counter

import numpy as np
import pytest
from reverie.describe import frequency


def test_bands_and_excess_by_hand():
    counts = Counter({f"w{number:04d}": 2000 - number for number in range(1500)})
    groups = frequency.bands(counts)
    assert [len(group) for group in groups] == [10, 90, 900, 500]
    assert groups[0][0] == "w0000" and groups[3][-1] == "w1499"
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
    assert [len(group) for group in frequency.bands(Counter("abc"))] == [3, 0, 0, 0]
