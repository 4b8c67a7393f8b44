"""The network that writes: its picture, its loss, a training, and sentences of what was trained."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest
from reverie.checkpoints import Checkpoints
from reverie.describe import writer, writer_training
from reverie.describe.dataset import Described
from reverie.describe.writing import Author
from reverie.errors import ReverieError
from reverie.tables import read_table

NETWORK = {
    "kind": "rnn",
    "units": 24,
    "dropout": 0.0,
    "optimizer": {"name": "RMSprop", "learning_rate": 0.01},
    "batch": 20,
    "epochs": 8,
    "patience": None,
    "rates": None,
}
VOCABULARY = ["a", "dog", "cat", "runs", "sleeps"]
SENTENCES = [[1, 2, 4], [1, 2, 5], [1, 3, 4, 4], [3, 5]]  # of four kinds of pictures


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """Pictures of four kinds, and the sentence that people write about each."""
    folder, generator = tmp_path_factory.mktemp("planted"), np.random.default_rng(0)
    kind = generator.integers(0, 4, 300)
    looks = generator.normal(size=(4, 6))
    cells = looks[kind][:, None] + 0.1 * generator.normal(size=(300, 4, 6))
    np.save(folder / "features.npy", cells.astype(np.float16))
    lengths = np.array([len(sentence) for sentence in SENTENCES])
    words = np.array([sentence + [0] * (5 - len(sentence)) for sentence in SENTENCES])
    Described(
        names=np.array([f"{number}.png" for number in range(300)]),
        part=np.repeat([0, 1, 2], [200, 50, 50]).astype(np.uint8),
        texts=np.array(["words"] * 300),
        picture=np.arange(300, dtype=np.int32),
        words=words[kind].astype(np.uint8),
        lengths=lengths[kind].astype(np.uint8),
        vocabulary=np.array(VOCABULARY),
    ).save(folder / "described.npz")
    return folder, kind


@pytest.mark.parametrize("kind", ["rnn", "lstm"])
def test_a_writer_learns_to_write_what_a_picture_shows(planted, tmp_path, kind):
    folder, kinds = planted
    writer_training.train(
        kind,
        NETWORK | {"kind": kind},
        0,
        folder / "described.npz",
        folder / "features.npy",
        Checkpoints(tmp_path / "checkpoints", "code"),
        tmp_path / "writer",
    )
    pictures = writer_training.whole_pictures(folder / "features.npy")
    author = Author(tmp_path / "writer", VOCABULARY, 6, 5)
    for beam in (1, 3):
        written = author.write(pictures[250:], beam)
        people = [[VOCABULARY[number - 1] for number in SENTENCES[each]] for each in kinds[250:]]
        right = [sentence == theirs for (sentence, _), theirs in zip(written, people, strict=True)]
        assert np.mean(right) > 0.9
        assert all(-3 < value < 0 for _, value in written)
    # What a sentence is said to have is what the trained model gives it.
    model = writer.build(NETWORK | {"kind": kind}, 6, 5, 6)
    model.load_weights(tmp_path / "writer" / "best.weights.h5")
    sentence, value = written[0]
    numbers = [VOCABULARY.index(word) + 1 for word in sentence]
    inputs = np.array([[0, *numbers, 0, 0, 0, 0][:5]])
    log_odds = np.array(model([pictures[250:251], inputs]))[0]
    log_probabilities = log_odds - np.log(np.exp(log_odds).sum(axis=1, keepdims=True))
    expected = sum(log_probabilities[time, number] for time, number in enumerate([*numbers, 0]))
    assert value == pytest.approx(expected, abs=1e-4)


def test_a_writer_takes_the_rate_that_is_best_after_an_epoch(planted, tmp_path, capsys):
    """And is then the writer that this rate alone would have given."""
    folder, _ = planted

    def trained(name: str, **changes) -> Path:
        writer_training.train(
            "rnn",
            NETWORK | {"epochs": 2} | changes,
            0,
            folder / "described.npz",
            folder / "features.npy",
            Checkpoints(tmp_path / "checkpoints", "code"),
            tmp_path / name,
        )
        return tmp_path / name

    optimizer = {"name": "RMSprop"}
    tried = trained("tried", optimizer=optimizer, rates=[1e-4, 0.01, 1e20])
    assert "rnn seed 0: the learning rate 1e+20 is too high." in capsys.readouterr().out
    alone = trained("alone", optimizer=optimizer | {"learning_rate": 0.01})
    histories = [read_table(folder / "history.csv") for folder in (tried, alone)]
    for key in ("loss", "val_loss"):
        assert [line[key] for line in histories[0]] == [line[key] for line in histories[1]]
    losses = json.loads((tried / "model.json").read_text())["losses_of_rates"]
    assert losses.keys() == {"0.0001", "0.01"} and losses["0.01"] < losses["0.0001"]
    assert losses["0.01"] == pytest.approx(float(histories[0][0]["val_loss"]))
    assert not list((tmp_path / "checkpoints").iterdir())
    with pytest.raises(ReverieError, match="rnn seed 0: the loss is not a number with any"):
        trained("none", optimizer=optimizer, rates=[1e19, 1e20])


def test_the_paper_s_cell_by_hand():
    layer = writer.Writer({"kind": "rnn", "units": 3, "dropout": 0.0}, 4)
    pictures = np.random.default_rng(0).normal(size=(2, 5)).astype(np.float32)
    words = np.array([[0, 2], [0, 3]])
    outputs = np.array(layer(pictures, words))
    cell = layer.cell
    state = pictures @ np.array(layer.picture.kernel)
    for time in range(2):
        inputs = np.array(layer.embedding.embeddings)[words[:, time]]
        state = np.maximum(inputs @ np.array(cell.kernel) + state @ np.array(cell.recurrent), 0)
        assert np.allclose(outputs[:, time], state @ np.array(layer.output_layer.kernel), atol=1e-5)


def test_an_untrained_writer_says_words_as_often_as_they_occur():
    model = writer.build(NETWORK, 6, 4, 6)
    counts = np.array([50, 0, 19, 9, 9, 7])
    writer.set_frequencies(model, counts)
    log_odds = np.array(model([np.zeros((1, 6)), np.zeros((1, 4), int)]))[0, 0]
    shares = keras.ops.convert_to_numpy(keras.ops.softmax(log_odds))
    assert np.argmax(shares) == 0 and np.argmin(shares) == 1


def test_end_counts_unless_a_sentence_may_be_cut_off():
    words = np.array([[1, 2, 0], [1, 2, 3]], np.int32)
    data = [np.zeros((1, 2), np.float32), words, np.array([2, 3], np.int32), np.zeros(2, np.int32)]
    (_, inputs), (targets, counted) = writer_training.gather(data, np.array([0, 1]))
    assert np.array(inputs).tolist() == [[0, 1, 2], [0, 1, 2]]
    assert np.array(targets).tolist() == words.tolist()
    assert np.array(counted).tolist() == [[1, 1, 1], [1, 1, 1]]
    log_odds = np.zeros((2, 3, 4), np.float32)
    losses = np.array(writer.cross_entropy((targets, counted), log_odds, 3.0))
    assert losses == pytest.approx(np.log(4))
