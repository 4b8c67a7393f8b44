"""Greedy and beam search, against all sentences."""

import itertools

import numpy as np
import pytest
from reverie.describe.search import beam_search
from reverie.describe.words import END

VOCABULARY, LONGEST = 4, 4


def writer(seed, sharpness=1.0):
    """A writer that depends on the picture and on all words so far: a step, and states of 3 pictures."""
    generator = np.random.default_rng(seed)
    tables = generator.normal(size=(3, LONGEST + 1, VOCABULARY**2, VOCABULARY)) * sharpness
    tables -= np.log(np.exp(tables).sum(axis=-1, keepdims=True))

    def step(words, states):
        picture, time, before = states
        now = (before * VOCABULARY + words) % VOCABULARY**2  # the last two words
        return tables[picture, time, now], [picture, time + 1, now]

    return step, [np.arange(3), np.zeros(3, int), np.zeros(3, int)]


def log_probability(step, states, picture, sentence):
    states = [state[[picture]] for state in states]
    total, last = 0.0, END
    for number in [*sentence, END]:
        values, states = step(np.array([last]), states)
        total, last = total + values[0, number], number
    return total


def all_sentences():
    words = [number for number in range(VOCABULARY) if number != END]
    for length in range(LONGEST + 1):
        yield from map(list, itertools.product(words, repeat=length))


@pytest.mark.parametrize("seed", range(3))
def test_a_wide_beam_finds_the_most_probable_of_all_sentences(seed):
    step, states = writer(seed)
    found = beam_search(step, states, (VOCABULARY - 1) ** LONGEST, LONGEST)
    for picture, (sentence, value) in enumerate(found):
        every = {tuple(s): log_probability(step, states, picture, s) for s in all_sentences()}
        assert tuple(sentence) == max(every, key=every.get)
        assert value == pytest.approx(every[tuple(sentence)])


def test_narrow_beams_give_sentences_with_their_probability():
    """A wider beam is not always better, but on average, and greedy search is what its name says."""
    totals = []
    for beam in (1, 2, 6):
        total = 0.0
        for seed in range(20):
            step, states = writer(seed, sharpness=2.0)
            for picture, (sentence, value) in enumerate(beam_search(step, states, beam, LONGEST)):
                assert value == pytest.approx(log_probability(step, states, picture, sentence))
                total += value
        totals.append(total)
    assert totals[0] < totals[1] < totals[2]
    step, states = writer(0)
    (sentence, _), *_ = beam_search(step, states, 1, LONGEST)
    greedy, state, last = [], [each[[0]] for each in states], END
    for _ in range(LONGEST):
        values, state = step(np.array([last]), state)
        last = int(values[0].argmax())
        if last == END:
            break
        greedy.append(last)
    assert sentence == greedy


def test_a_sentence_ends_after_the_longest():
    def step(words, states):  # END is hardly ever probable
        return np.tile(np.log([1e-9, 0.5, 0.4, 0.1]), (len(words), 1)), states

    ((sentence, value),) = beam_search(step, [np.zeros(1)], 2, 3)
    assert sentence == [1, 1, 1] and value == pytest.approx(np.log(0.5**3 * 1e-9))
