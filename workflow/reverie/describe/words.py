"""Words of sentences, and the vocabulary of a network."""

import unicodedata
from collections import Counter
from collections.abc import Iterable

import numpy as np

END = 0  # the number before the first word as input (START), and after the last as output (END)


def tokens(sentence: str) -> list[str]:
    """The words in lower case, each without its characters that are neither letters nor digits.

    As in the paper; so a hyphen or an apostrophe joins the two parts of a word. Marks belong to letters: in
    many scripts they are the vowels.
    """
    text = unicodedata.normalize("NFC", sentence).lower()
    stripped = ("".join(filter(of_a_word, word)) for word in text.split())
    return [word for word in stripped if word]


def of_a_word(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character).startswith("M")


class Vocabulary:
    """Words by their numbers, which count from 1: `words[number - 1]`."""

    def __init__(self, words: list[str]):
        self.words = words
        self.numbers = {word: number for number, word in enumerate(words, 1)}

    @classmethod
    def of(cls, sentences: Iterable[list[str]], fewest: int) -> "Vocabulary":
        """Words that occur at least ``fewest`` times in the sentences, the most frequent first."""
        counts = Counter(word for sentence in sentences for word in sentence)
        frequent = (word for word, count in counts.items() if count >= fewest)
        return cls(sorted(frequent, key=lambda word: (-counts[word], word)))

    def __len__(self) -> int:
        """The number of words, and one for START and END."""
        return len(self.words) + 1

    def encoded(self, sentence: list[str]) -> list[int]:
        """The numbers of the words; those that the vocabulary lacks are left out."""
        return [self.numbers[word] for word in sentence if word in self.numbers]

    def decoded(self, numbers: Iterable[int]) -> list[str]:
        """The words up to the first END."""
        words = []
        for number in numbers:
            if number == END:
                break
            words.append(self.words[number - 1])
        return words


def padded(sentences: list[list[int]], longest: int) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of words, (sentences, longest) int32, END after the last, and lengths, (sentences,).

    A sentence of more words is cut off.
    """
    numbers = np.full((len(sentences), longest), END, np.int32)
    lengths = np.zeros(len(sentences), np.int32)
    for row, sentence in enumerate(sentences):
        lengths[row] = min(len(sentence), longest)
        numbers[row, : lengths[row]] = sentence[:longest]
    return numbers, lengths
