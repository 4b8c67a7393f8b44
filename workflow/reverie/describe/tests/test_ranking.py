"""Ranks, recall and the bootstrap over pictures."""

import numpy as np
import pytest
from reverie.describe import ranking

PICTURE = np.array([0, 0, 1, 2, 2])
SCORES = np.array(
    [
        [5.0, 1.0, 4.0, 2.0, 0.0],
        [6.0, 3.0, 2.0, 5.0, 1.0],
        [1.0, 2.0, 2.5, 0.0, 4.0],
    ]
)


def test_ranks_by_hand():
    annotation, search = ranking.ranks(SCORES, PICTURE)
    # Picture 1 has its own sentence behind three others, the other two have one of theirs first.
    assert annotation.tolist() == [1, 4, 1]
    assert search.tolist() == [2, 3, 3, 3, 1]


def test_ties_count_against():
    annotation, search = ranking.ranks(np.ones((3, 5)), PICTURE)
    assert annotation.tolist() == [4, 5, 4] and search.tolist() == [3] * 5


def test_measures_of_resamples_are_those_of_the_repeated_ranks():
    generator = np.random.default_rng(0)
    ranks = generator.integers(1, 40, 23)
    weights = generator.integers(0, 4, (50, 23))
    weighted = ranking.measures(ranks, weights)
    for row, counts in zip(weighted, weights, strict=True):
        repeated = np.repeat(ranks, counts)
        recalls = [(repeated <= top).mean() for top in ranking.TOPS]
        assert row == pytest.approx([*recalls, np.median(repeated)])
    assert ranking.measures(ranks)[0, -1] == np.median(ranks)


def test_sentences_stay_with_their_picture_in_the_bootstrap():
    """Where all sentences of a picture have one rank, both directions have the same interval."""
    generator = np.random.default_rng(1)
    annotation = generator.integers(1, 30, 60)
    picture = np.repeat(np.arange(60), 5)
    found = ranking.evaluate(annotation, annotation[picture], picture)
    ends = [
        np.percentile(found[way]["resamples"], [2.5, 97.5], axis=0) for way in ranking.DIRECTIONS
    ]
    assert np.allclose(ends[0][:, :3], ends[1][:, :3])
    assert (ends[0][0, :3] <= found["search"]["value"][:3]).all()
    assert (found["search"]["value"][:3] <= ends[0][1, :3]).all()


def test_the_weight_of_the_best_region_by_hand():
    regions = np.array([[[1.0, 0], [0, 1]], [[2, 0], [0, 0]]])
    words = np.array([[[1.0, 0], [1, 1]], [[1, 0], [9, 9]]])  # the last one does not exist
    found = ranking.best_region(regions, words, np.array([2, 1]), np.array([0, 1]), 3.0)
    # Agreements (1, 0), (1, 1) and (2, 0).
    assert found == pytest.approx(np.mean([1 / (1 + np.exp(-3)), 1 / 2, 1 / (1 + np.exp(-6))]))
    assert ranking.best_region(regions, words, np.array([2, 1]), np.array([0, 1]), None) == 1


def test_scores_in_blocks_are_those_of_the_definition(monkeypatch):
    generator = np.random.default_rng(2)
    regions, words = generator.normal(size=(7, 3, 4)), generator.normal(size=(6, 5, 4))
    lengths = np.array([5, 1, 2, 3, 4, 5])
    monkeypatch.setattr(ranking, "NUMBERS_AT_ONCE", 100)
    scores = ranking.score_pairs(regions, words, lengths)
    for picture in range(7):
        for sentence in range(6):
            expected = sum(
                max(regions[picture, region] @ words[sentence, word] for region in range(3))
                for word in range(lengths[sentence])
            )
            assert scores[picture, sentence] == pytest.approx(expected, rel=1e-5)
