"""BLEU against cases by hand."""

import numpy as np
import pytest
from reverie.describe import bleu

words = str.split


def test_one_sentence_by_hand():
    sentence = words("the cat the cat on the")
    counts = bleu.counts(
        sentence, [words("the cat is on the mat"), words("there is a cat on the mat")]
    )
    # "the" is twice in the first reference, at most; "cat" and "on" are once in both.
    assert counts[0] == 4 and counts[4] == 6
    # "the cat" counts once; "cat on" is in the second, "on the" in both, "cat the" in none.
    assert counts[1] == 3 and counts[5] == 5
    # "cat on the"
    assert counts[2] == 1 and counts[6] == 4
    assert counts[3] == 0 and counts[7] == 3
    assert counts[8:].tolist() == [6, 6]
    expected = [4 / 6, (4 / 6 * 3 / 5) ** (1 / 2), (4 / 6 * 3 / 5 * 1 / 4) ** (1 / 3), 0]
    assert bleu.bleu(counts) == pytest.approx(expected)


def test_short_sentences_are_penalised_and_counts_add_up():
    short = bleu.counts(words("a dog"), [words("a dog runs in grass"), words("a dog runs")])
    assert short[8:].tolist() == [2, 3]  # the closest length is 3
    assert bleu.bleu(short)[0] == pytest.approx(np.exp(1 - 3 / 2))
    long = bleu.counts(words("a man on a red bike"), [words("the man on a red bike")])
    both = bleu.bleu(short + long)
    assert both[0] == pytest.approx(7 / 8 * np.exp(1 - 9 / 8))
    assert both[1] == pytest.approx((7 / 8 * 5 / 6) ** 0.5 * np.exp(1 - 9 / 8))


def test_the_bootstrap_surrounds_the_score():
    generator = np.random.default_rng(0)
    letters = list("abcdef")
    table = [
        bleu.counts(
            generator.choice(letters, 8).tolist(),
            [generator.choice(letters, 8).tolist() for _ in range(5)],
        )
        for _ in range(40)
    ]
    low, high = np.percentile(bleu.bootstrap(np.array(table), 100), [2.5, 97.5], axis=0)
    score = bleu.bleu(np.sum(table, axis=0))
    assert (low < score).all() and (score < high).all()
