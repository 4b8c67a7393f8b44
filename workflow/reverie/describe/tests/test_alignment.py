"""The score, the loss, the readers of sentences, and a training on a planted alignment."""

import json

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reverie.checkpoints import Checkpoints
from reverie.describe import alignment, alignment_training, pairs, ranking
from reverie.describe.aligning import Aligner
from reverie.describe.dataset import Described
from reverie.describe.kinds import READERS
from reverie.describe.regions import boxes, pyramid, regions
from reverie.errors import ReverieError
from reverie.training import save_weights

NETWORK = {
    "units": 16,
    "reader": "brnn",
    "levels": [2, 1],
    "scale": None,
    "sharpness": 1.0,
    "picture_dropout": 0.0,
    "word_dropout": 0.0,
    "margin": 1.0,
    "optimizer": {"name": "Adam", "learning_rate": 0.01},
    "batch": 20,
    "epochs": 12,
    "patience": None,
    "average": None,
}
COUNTS = {"train": 100, "val": 20, "test": 40}


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """Pictures in which one of four cells shows each of the three words of their only sentence."""
    folder, generator = tmp_path_factory.mktemp("planted"), np.random.default_rng(0)
    pictures, vocabulary, dimensions = sum(COUNTS.values()), 12, 16
    looks = generator.normal(size=(vocabulary + 1, dimensions))
    words = np.array([1 + generator.permutation(vocabulary)[:3] for _ in range(pictures)])
    cells = 0.3 * generator.normal(size=(pictures, 4, dimensions))
    for picture in range(pictures):
        cells[picture, generator.permutation(4)[:3]] += looks[words[picture]]
    np.save(folder / "features.npy", cells.astype(np.float16))
    Described(
        names=np.array([f"{number}.png" for number in range(pictures)]),
        part=np.repeat(np.arange(3), list(COUNTS.values())).astype(np.uint8),
        texts=np.array(["three words"] * pictures),
        picture=np.arange(pictures, dtype=np.int32),
        words=np.pad(words, ((0, 0), (0, 2))).astype(np.uint8),
        lengths=np.full(pictures, 3, np.uint8),
        vocabulary=np.array([f"w{number}" for number in range(vocabulary)]),
    ).save(folder / "described.npz")
    return folder


def train(planted, folder, **changes):
    alignment_training.train(
        "model",
        NETWORK | changes,
        0,
        planted / "described.npz",
        planted / "features.npy",
        Checkpoints(folder / "checkpoints", "code"),
        folder,
    )
    with np.load(folder / "ranks_test.npz") as ranks:
        return ranking.measures(ranks["search"])[0]


def test_a_model_learns_which_words_belong_to_a_picture(planted, tmp_path):
    recall_1, _, recall_10, median = train(planted, tmp_path)
    assert recall_1 > 0.3 and recall_10 > 0.8 and median <= 3  # by chance 1 and 10 of 40, and 20


def test_the_moving_average_of_the_weights_is_what_is_saved_and_ranked(planted, tmp_path):
    changes = {"average": 0.9, "reader": "bag", "epochs": 1}
    train(planted, tmp_path, **changes)
    described = alignment_training.dataset.load(planted / "described.npz")
    features = regions(np.load(planted / "features.npy"), NETWORK["levels"])
    halves = alignment_training.build(NETWORK | changes, described, features)
    halves[0].load_weights(tmp_path / "best.weights.h5")
    again = alignment_training.ranked(halves, described, features, "test")
    with np.load(tmp_path / "ranks_test.npz") as ranks:
        assert (ranks["search"] == again["search"]).all()
        assert 1 / 5 < ranks["best_region"] < 1 and ranks["best_region"] == again["best_region"]


def test_words_point_at_the_cells_that_show_them(tmp_path):
    """The model is set by hand: a word's vector is what its cell looks like."""
    network = NETWORK | {"reader": "bag", "units": 4}
    model, _, _ = alignment.build(network, 5, 4, 5, 5)
    region, words = model.get_layer("region_vectors").kernel, model.get_layer("word_vectors")
    region.assign(np.eye(4))
    words.embedding.embeddings.assign(np.eye(5)[:, 1:])
    save_weights(model, tmp_path / "best.weights.h5")
    (tmp_path / "model.json").write_text(json.dumps({"network": network}))
    aligner = Aligner(tmp_path, ["sky", "dog", "grass", "ball"], 4, 4, 5)
    cells = np.eye(4, dtype=np.float16)[[0, 0, 1, 2]]  # sky, sky; dog, grass
    words = ["dog", "unheard", "of", "grass", "sky"]
    agreements = aligner.agreements(cells, words)
    assert agreements.shape == (5, 5)
    assert agreements[:, 0].tolist() == [0, 0, 1, 0, 0.25]
    assert not agreements[:, 1:3].any() and agreements[:, 4].tolist() == [1, 1, 0, 0, 0.5]
    assert aligner.pointed(cells, words, 0.1)[[0, 3, 4]].tolist() == [2, 3, 0]
    assert aligner.boxes[2].tolist() == [0, 0.5, 0.5, 1]
    assert len(set(aligner.pointed(cells, words, 10.0))) == 1


@pytest.mark.parametrize("reader", READERS)
def test_readers_of_sentences(reader):
    """A bag reads a word alone, an RNN the words before it too, a BRNN all; padding changes nothing."""
    keras.utils.set_random_seed(1)
    layer = alignment.Words(8, 9, reader, 0.0)

    def read(words, times=4):
        numbers = np.array([words + [0] * (times - len(words))])
        exists = np.array([[1.0] * len(words) + [0.0] * (times - len(words))], np.float32)
        return np.array(layer(numbers, exists))[0]

    first = read([1, 2, 3])
    assert first.shape == (4, 8) and not first[3].any()
    assert np.allclose(first[:3], read([1, 2, 3], 6)[:3], atol=1e-6)
    earlier, later = read([4, 2, 3]), read([1, 2, 5])
    assert np.allclose(first[1], earlier[1]) == (reader == "bag")
    assert np.allclose(first[1], later[1]) == (reader != "brnn")


def test_a_brnn_by_hand():
    layer = alignment.Words(3, 5, "brnn", 0.0)
    numbers, exists = np.array([[2, 1, 4]]), np.ones((1, 3), np.float32)
    result = np.array(layer(numbers, exists))[0]
    w_d, b_d = layer.last.get_weights()
    e = np.maximum(np.array(layer.embedding.embeddings)[numbers[0]], 0)
    sums = np.zeros_like(e)
    for kernel, order in zip(layer.kernels, ([0, 1, 2], [2, 1, 0]), strict=True):
        state = np.zeros(3)
        for time in order:
            state = np.maximum(e[time] + state @ np.array(kernel), 0)
            sums[time] += state
    assert np.allclose(result, sums @ w_d + b_d, atol=1e-6)


def test_score_and_loss_by_hand():
    vectors = np.array([[[1.0, 0], [0, 2]], [[0, -1], [3, 0]]], np.float32)
    words = np.array([[[1.0, 1], [0, 0]], [[1, 0], [0, -1]]], np.float32)
    scores = np.array(alignment.scores(vectors, words))
    # (1, 1): the first picture 2, the second 3. (1, 0) and (0, -1): 1 + 0, 3 + 1.
    assert scores.tolist() == [[2, 1], [3, 4]]
    # Picture 1: max(0, 1 - 2 + 1) and max(0, 3 - 2 + 1). Picture 2: max(0, 3 - 4 + 1), max(0, 1 - 4 + 1).
    assert np.array(alignment.ranking_loss(scores)).tolist() == [2, 0]
    assert np.array(alignment.ranking_loss(scores, 2.0)).tolist() == [4, 1]


def test_softly_the_best_region_is_between_the_mean_and_the_best():
    generator = np.random.default_rng(0)
    vectors = generator.normal(size=(3, 4, 5)).astype(np.float32)
    words = generator.normal(size=(2, 6, 5)).astype(np.float32)
    best = np.array(alignment.scores(vectors, words))
    means = np.array(alignment.scores(vectors.mean(axis=1, keepdims=True), words))
    for sharpness in (0.3, 3.0):
        softly = np.array(alignment.scores(vectors, words, sharpness))
        assert (means < softly).all() and (softly < best).all()
    assert np.allclose(best, ranking.score_pairs(vectors, words, np.array([6, 6])), atol=1e-4)
    assert np.allclose(alignment.scores(vectors, words, 1e-3), means, atol=0.05)
    assert np.allclose(alignment.scores(vectors, words, 300.0), best, atol=0.05)


def test_no_picture_is_twice_in_a_batch():
    picture = np.repeat(np.arange(12), [5] * 10 + [1, 2])
    for seed in range(5):
        batches = pairs.distinct_batches(
            np.arange(len(picture)), picture, 5, np.random.default_rng(seed)
        )
        assert len(set(batches.ravel())) == batches.size and batches.shape == (10, 5)
        assert all(len(set(picture[batch])) == 5 for batch in batches)


def counted(*groups):
    """The picture of each sentence; ``groups`` are pairs of a number of pictures and their sentences each."""
    counts = np.concatenate([np.full(pictures, sentences) for pictures, sentences in groups])
    return np.repeat(np.arange(len(counts)), counts)


@pytest.mark.parametrize(
    ("picture", "batch", "used"),
    [
        (counted((600, 5)), 100, 1),
        (counted((79, 5), (1, 1)), 79, 0.95),
        (counted((100, 1), (50, 5)), 70, 0.75),
        (counted((150, 5)), 100, 0.9),
        (counted((100, 1), (1, 100)), 100, 0.49),  # nearly all of the last one's stay alone
        (counted((1, 5), (4, 1)), 5, 0.5),
    ],
    ids=["even", "one with fewer", "mixed", "no multiple", "one with very many", "few"],
)
def test_an_epoch_reads_nearly_every_sentence(picture, batch, used):
    sentences = np.arange(len(picture))
    assert pairs.batch_size(sentences, picture, 100) == batch
    for seed in range(5):
        batches = pairs.distinct_batches(sentences, picture, batch, np.random.default_rng(seed))
        assert len(set(batches.ravel())) == batches.size >= used * len(picture)
        assert all(len(set(picture[each])) == batch for each in batches)


@given(st.lists(st.integers(1, 9), min_size=2, max_size=60), st.integers(2, 50), st.integers(0, 99))
def test_batches_are_distinct_whatever_the_numbers_of_sentences(counts, most, seed):
    picture = np.repeat(np.arange(len(counts)), counts)
    sentences = np.arange(len(picture))
    batch = pairs.batch_size(sentences, picture, most)
    batches = pairs.distinct_batches(sentences, picture, batch, np.random.default_rng(seed))
    assert batches.size and len(set(batches.ravel())) == batches.size
    assert all(len(set(picture[each])) == batch for each in batches)


def test_regions_of_a_pyramid():
    pooling = pyramid(3, [3, 2, 1])
    assert pooling.shape == (9 + 4 + 1, 9) and np.allclose(pooling.sum(axis=1), 1)
    assert (pooling[:9] == np.eye(9)).all() and np.allclose(pooling[-1], 1 / 9)
    assert np.flatnonzero(pooling[10]).tolist() == [1, 2, 4, 5]
    assert np.allclose(boxes(3, [3, 2, 1])[10], [1 / 3, 0, 1, 2 / 3])
    cells = np.arange(18, dtype=np.float16).reshape(2, 9, 1)
    assert regions(cells, [2, 1])[1, :, 0].tolist() == [11, 12, 14, 15, 13]


def test_more_regions_than_cells_are_refused():
    alignment_training.refuse_levels([3, 1], 3, "describe.models.x.levels")
    with pytest.raises(ReverieError, match="4 regions a side are more than the 3 cells"):
        alignment_training.refuse_levels([4, 1], 3, "describe.models.x.levels")
