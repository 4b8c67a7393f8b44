"""Words, vocabularies, and rows of numbers."""

import numpy as np
from reverie.describe.words import END, Vocabulary, padded, tokens


def test_words_have_letters_and_digits_only():
    assert tokens('A tri-colored dog , 2 cats & a boy\'s "hat" .') == [
        *("a", "tricolored", "dog", "2", "cats", "a", "boys", "hat")
    ]
    assert tokens("Ein Hündchen, O\u0308L …") == ["ein", "hündchen", "öl"]
    assert tokens(" . ") == []
    assert tokens("एक कुत्ता, और की ।") == ["एक", "कुत्ता", "और", "की"]  # vowels are marks


def test_a_vocabulary_has_frequent_words_in_order():
    vocabulary = Vocabulary.of([["b", "a", "a"], ["b", "c"]], 2)
    assert vocabulary.words == ["a", "b"] and len(vocabulary) == 3
    assert vocabulary.encoded(["b", "c", "a"]) == [2, 1]
    assert vocabulary.decoded([2, 1, END, 1]) == ["b", "a"]


def test_long_sentences_are_cut_off():
    numbers, lengths = padded([[3, 1], [1, 2, 3, 4], []], 3)
    assert numbers.tolist() == [[3, 1, END], [1, 2, 3], [END, END, END]]
    assert lengths.tolist() == [2, 3, 0] and numbers.dtype == np.int32
