"""Learning and writing a text, against the lecture's own way and against statistics."""

import csv
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reverie import backend
from reverie.checkpoints import Checkpoints
from reverie.errors import ReverieError
from reverie.text import models, prompts, sampling, training
from reverie.text.__main__ import select_weights
from reverie.text.corpus import Corpus, load
from reverie.text.tests.corpora import PROSE, prepared
from scipy import special, stats
from stopping import stop_at

WINDOW = 12
NETWORK = {
    "layers": [{"LSTM": {"units": 6}}],
    "optimizer": {"name": "RMSprop", "learning_rate": 0.01},
    "window": WINDOW,
    "step": 3,
    "batch": 16,
    "epochs": 3,
    "steps": 4,
    "backend": keras.backend.backend(),
}
SAMPLING = {"temperatures": [0.5, 1.0], "greedy": True, "characters": 30}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Corpus:
    return prepared(tmp_path_factory.mktemp("corpus"), PROSE, WINDOW)[0]


def one_hot_arrays(corpus, starts):
    """The lecture's arrays, filled character by character."""
    x = np.zeros((len(starts), WINDOW, len(corpus.alphabet)), bool)
    y = np.zeros((len(starts), len(corpus.alphabet)), bool)
    text = corpus.text
    for number, start in enumerate(starts):
        for place, character in enumerate(text[start : start + WINDOW]):
            x[number, place, corpus.alphabet.index(character)] = 1
        y[number, corpus.alphabet.index(text[start + WINDOW])] = 1
    return x, y


def test_batches_are_the_lectures(corpus):
    starts = np.array([0, 3, 99, 600], np.int32)
    vocabulary = len(corpus.alphabet)
    windows, targets = models.gatherer(WINDOW)([corpus.ids], starts)
    x, y = one_hot_arrays(corpus, starts)
    assert np.array_equal(models.one_hot(windows, vocabulary), x)
    assert np.array_equal(targets, y.argmax(axis=1))


def test_a_step_is_that_of_the_lectures_softmax(corpus):
    """Losses and weights equal Keras' own training with softmax and categorical cross-entropy."""
    vocabulary = len(corpus.alphabet)
    keras.utils.set_random_seed(0)
    model = models.build(NETWORK["layers"], WINDOW, vocabulary)
    reader, gather = models.reader(model), models.gatherer(WINDOW)
    optimizer = keras.optimizers.RMSprop(0.01)
    loop = backend.loop(reader, optimizer, models.loss, gather, [corpus.ids], compiled=False)
    keras.utils.set_random_seed(0)
    lectures = keras.Sequential(
        [
            keras.Input((WINDOW, vocabulary)),
            keras.layers.LSTM(6),
            keras.layers.Dense(vocabulary, activation="softmax"),
        ]
    )
    lectures.compile(keras.optimizers.RMSprop(0.01), "categorical_crossentropy")
    rows = np.random.default_rng(0).integers(0, 2000, (5, 16)).astype(np.int32)
    expected = []
    for starts in rows:
        lectures.reset_metrics()
        expected.append(lectures.train_on_batch(*one_hot_arrays(corpus, starts)))
    assert loop.train(rows) == pytest.approx(np.ravel(expected), abs=1e-5)
    for ours, theirs in zip(model.weights, lectures.weights, strict=True):
        assert np.allclose(ours, theirs, atol=1e-5)


@settings(max_examples=50)
@given(st.integers(1, 500), st.integers(1, 9), st.integers(1, 8), st.integers(0, 9))
def test_an_epoch_meets_each_window_at_most_once(windows, step, batch, epoch):
    learned = range(0, windows * step, step)
    if steps := len(learned) // batch:
        rows = training.training_starts(learned, steps, batch, 0, epoch)
        assert rows.shape == (steps, batch)
        assert len(set(rows.ravel())) == rows.size
        assert set(rows.ravel()) <= set(learned)
        again = training.training_starts(learned, steps, batch, 0, epoch)
        assert np.array_equal(rows, again)


@pytest.mark.parametrize("temperature", [0.2, 0.5, 1.0, 1.2])
def test_draws_follow_the_reweighted_softmax(temperature):
    """A chi-squared test against softmax(logits / temperature)."""
    logits, draws = np.array([2.0, 1.0, 0.5, 0.0, -1.0, -3.0], np.float32), 20_000
    noise = sampling.gumbel(np.random.default_rng(3), draws, len(logits))
    rows = np.broadcast_to(logits, noise.shape)
    drawn = sampling.draw(rows, np.full(draws, temperature, np.float32), noise)
    expected = draws * special.softmax(logits.astype(float) / temperature)
    counts = np.bincount(np.asarray(drawn), minlength=len(logits))
    # A chi-squared test needs cells of some size; what is rarer counts as one.
    rare = expected < 5
    observed = [*counts[~rare], counts[rare].sum()] if rare.any() else counts
    wanted = [*expected[~rare], expected[rare].sum()] if rare.any() else expected
    if wanted[-1] < 1e-3:
        assert observed[-1] == 0
        observed, wanted = observed[:-1], np.array(wanted[:-1]) * draws / sum(wanted[:-1])
    assert stats.chisquare(observed, wanted).pvalue > 0.001


@pytest.mark.parametrize("temperature", [0.0, 1e-30, 1e-6])
def test_temperature_near_zero_is_greedy(temperature):
    generator = np.random.default_rng(0)
    logits = generator.normal(0, 50, (2000, 57)).astype(np.float32)
    noise = sampling.gumbel(generator, 2000, 57)
    drawn = sampling.draw(logits, np.full(2000, temperature, np.float32), noise)
    assert np.array_equal(drawn, logits.argmax(axis=1))


def test_huge_logits_are_no_trouble():
    logits = np.array([[1e30, -1e30, 0.0], [-3e38, -3e38, 3e38]], np.float32)
    noise = sampling.gumbel(np.random.default_rng(0), 2, 3)
    drawn = sampling.draw(logits, np.full(2, 1.2, np.float32), noise)
    assert np.asarray(drawn).tolist() == [0, 2]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a corpus, prompts and a trained network."""
    folder = tmp_path_factory.mktemp("trained")
    prepared(folder, PROSE, WINDOW)
    training.train(
        NETWORK,
        0,
        folder / "corpus.npz",
        [1],
        "What then",
        Checkpoints(folder / "c", "code"),
        folder / "text/seed0",
    )
    prompts.choose(folder / "corpus.npz", WINDOW, "What then", 1, folder / "prompts.json")
    return folder


def test_a_training_stopped_in_a_validation_leaves_the_same_files(trained, tmp_path, monkeypatch):
    """It is resumed, and begins that validation anew."""
    monkeypatch.setattr(training, "HELD_OUT_BATCH", 1)  # a held-out window in each forecast

    def train(folder):
        at = Checkpoints(tmp_path / "c", "code")
        with backend.without_xla():  # compiling takes longer than these few steps
            training.train(NETWORK, 0, trained / "corpus.npz", [1], None, at, tmp_path / folder)
        return [line | {"seconds": None} for line in lines_of(tmp_path / folder)]

    quiet = train("quiet")
    windows = len(training.held_out_starts(load(trained / "corpus.npz"), WINDOW))
    with monkeypatch.context() as stopped:
        calls = stop_at(stopped, windows + 3)
        with pytest.raises(SystemExit, match="stopped in epoch 2"):
            train("stopped")
    assert len(calls) == windows + 3
    assert train("stopped") == quiet


def lines_of(training: Path):
    with open(training / "history.csv", newline="") as file:
        return [{key: float(v) for key, v in line.items()} for line in csv.DictReader(file)]


def history(folder):
    return lines_of(folder / "text/seed0")


def test_a_training_leaves_its_files(trained):
    lines = history(trained)
    assert list(lines[0]) == ["epoch", "loss", "val_loss", "bits_per_char", "seconds"]
    assert [line["epoch"] for line in lines] == [1, 2, 3]
    for line in lines:
        assert line["bits_per_char"] == pytest.approx(line["val_loss"] / np.log(2), rel=1e-6)
    weights = sorted(path.name for path in (trained / "text/seed0/weights").iterdir())
    assert weights == ["best.weights.h5", "epoch1.weights.h5", "epoch3.weights.h5"]
    assert list((trained / "c").iterdir()) == []


def test_bits_are_those_of_the_held_out_text(trained):
    """Against softmax, logarithm and mean over every character that has a window before it."""
    corpus = load(trained / "corpus.npz")
    description = json.loads((trained / "text/seed0/model.json").read_text())
    writer = sampling.Writer(description, corpus)
    writer.read(trained / "text/seed0/weights/best.weights.h5")
    starts = range(corpus.train_end, len(corpus.ids) - WINDOW)
    x, y = one_hot_arrays(corpus, starts)
    probabilities = special.softmax(np.asarray(writer.model(x.astype("float32")), float), axis=1)
    bits = -np.log2(probabilities[y]).mean()
    assert bits == pytest.approx(min(line["bits_per_char"] for line in history(trained)), abs=1e-5)


def sampled(folder, **changes):
    sampling.sample(
        folder / "corpus.npz",
        folder / "text/seed0",
        folder / "prompts.json",
        0,
        SAMPLING | changes,
        folder / "samples.jsonl",
        folder / "next.json",
    )
    lines = (folder / "samples.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_every_epoch_writes_by_every_method(trained):
    found = sampled(trained)
    best = min(history(trained), key=lambda line: line["val_loss"])["epoch"]
    wanted = json.loads((trained / "prompts.json").read_text())
    assert wanted[0] == "what then"
    assert len(wanted[1]) == WINDOW
    keys = [(s["epoch"], s["prompt"], s["method"], s["temperature"]) for s in found]
    ways = [("greedy", None), ("temperature", 0.5), ("temperature", 1.0)]
    epochs = sorted({1, 3, int(best)})
    assert keys == [(e, prompt, *way) for e in epochs for prompt in wanted for way in ways]
    assert {len(sample["text"]) for sample in found} == {30}
    facts = json.loads((trained / "next.json").read_text())
    assert (facts["epoch"], facts["prompt"]) == (best, "what then")
    assert len(facts["logits"]) == len(facts["alphabet"])


def test_the_same_seed_writes_the_same(trained):
    """Also when other temperatures are asked for beside it."""
    one, two = sampled(trained), sampled(trained, temperatures=[0.2, 1.0, 0.5], greedy=False)
    texts = {(s["epoch"], s["prompt"], s["temperature"]): s["text"] for s in two}
    for sample in one:
        if sample["method"] == "temperature":
            key = sample["epoch"], sample["prompt"], sample["temperature"]
            assert texts[key] == sample["text"]
    assert sampled(trained) == one


def test_greedy_text_is_that_of_the_lectures_loop(trained):
    """One `predict` a character on a sliding window of one-hot characters, written plainly."""
    corpus = load(trained / "corpus.npz")
    writer = sampling.Writer(json.loads((trained / "text/seed0/model.json").read_text()), corpus)
    writer.read(trained / "text/seed0/weights/epoch3.weights.h5")
    text = corpus.decoded(prompts.start_of(corpus, WINDOW, "What then"))
    for _ in range(30):
        x = np.zeros((1, WINDOW, len(corpus.alphabet)), np.float32)
        for place, character in enumerate(text[-WINDOW:]):
            x[0, place, corpus.alphabet.index(character)] = 1
        text += corpus.alphabet[int(np.argmax(writer.model(x)[0]))]
    found = next(s for s in sampled(trained) if s["epoch"] == 3 and s["method"] == "greedy")
    assert found["text"] == text[WINDOW:]


def test_prompts_fill_the_window(corpus):
    def window(prompt):
        return corpus.decoded(prompts.start_of(corpus, WINDOW, prompt))

    assert window("IS THERE not ground for") == "t ground for"
    assert window("woman") == "supposiwoman"  # the corpus' beginning, then the prompt
    assert window("") == PROSE[:WINDOW].lower()
    with pytest.raises(ReverieError, match="characters that the corpus lacks, '!é'; leave them"):
        window("Café! What then?")


def test_a_bad_prompt_is_found_before_training(trained, tmp_path):
    asked = (
        NETWORK,
        0,
        trained / "corpus.npz",
        [1],
        "ß",
        Checkpoints(tmp_path / "c", "code"),
        tmp_path / "out",
    )
    with pytest.raises(ReverieError, match="the prompt has characters"):
        training.train(*asked)
    assert not (tmp_path / "out").exists()
    with pytest.raises(ReverieError, match="the prompt has characters"):
        prompts.choose(trained / "corpus.npz", WINDOW, "ß", 0, tmp_path / "prompts.json")
    assert not (tmp_path / "prompts.json").exists()


def test_a_network_that_cannot_be_trained_gets_a_sentence(trained, tmp_path):
    network = NETWORK | {"optimizer": {"name": "RMSprop", "clipnorm": "1"}}
    at = Checkpoints(tmp_path / "c", "code")
    with pytest.raises(ReverieError) as error:
        training.train(network, 0, trained / "corpus.npz", [], None, at, tmp_path / "out")
    assert str(error.value) == (
        "text: Keras cannot train this network: TypeError: '>' not supported between instances of "
        "'str' and 'int'"
    )
    assert not (tmp_path / "out").exists()


def test_the_step_that_is_tried_first_leaves_nothing_behind(corpus, trained, tmp_path):
    """Neither in the weights, nor in the optimizer, nor in the masks of dropout."""
    specs = [{"LSTM": {"units": 6, "dropout": 0.5}}]
    network, at = NETWORK | {"layers": specs, "epochs": 1}, Checkpoints(tmp_path / "c", "code")
    training.train(network, 0, trained / "corpus.npz", [], None, at, tmp_path / "out")
    keras.utils.set_random_seed(0)
    loop = backend.loop(
        models.reader(models.build(specs, WINDOW, len(corpus.alphabet))),
        keras.optimizers.RMSprop(0.01),
        models.loss,
        models.gatherer(WINDOW),
        [corpus.ids],
        compiled=False,
    )
    learned = range(0, corpus.train_end - WINDOW, network["step"])
    losses = [loop.train(rows[None]) for rows in training.training_starts(learned, 4, 16, 0, 1)]
    (line,) = lines_of(tmp_path / "out")
    assert line["loss"] == pytest.approx(np.mean(losses), abs=1e-7)


def command(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "reverie.text", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
    )


def test_people_may_continue_a_prompt(trained, tmp_path, typed):
    run = tmp_path / "results/quick"
    (run / "text").mkdir(parents=True)
    (run / "text/seed0").symlink_to(trained / "text/seed0")
    (run / "text/corpus.npz").symlink_to(trained / "corpus.npz")
    asked = ("What then", "--temperature", "0", "--characters", "30")
    done = command(tmp_path, *asked, "--epoch", "3")
    greedy = next(s for s in sampled(trained) if s["epoch"] == 3 and s["method"] == "greedy")
    assert done.stdout == f"What then{greedy['text']}\n"
    assert done.stderr == ""
    warm = [typed(tmp_path, "reverie.text", "What", "--seed", seed) for seed in ("1", "1", "2")]
    assert warm[0] == warm[1] != warm[2]
    assert len(warm[0]) == len("What") + 400 + 1


def test_the_newest_training_writes(trained, tmp_path, typed):
    """A run keeps the folders of seeds that its configuration no longer has."""
    run = tmp_path / "results/quick"
    for seed in (0, 3):
        shutil.copytree(trained / "text/seed0", run / f"text/seed{seed}")
    shutil.copy(trained / "corpus.npz", run / "text")
    for newest, oldest in ((0, 3), (3, 0)):
        os.utime(run / f"text/seed{oldest}/model.json", (0, 0))
        os.utime(run / f"text/seed{newest}/model.json")
        folder, weights = select_weights(run, None)
        assert folder == run / f"text/seed{newest}" and weights.is_relative_to(folder)


def test_plain_keras_opens_the_network(trained, tmp_path, typed):
    run = tmp_path / "results/quick"
    (run / "text").mkdir(parents=True)
    (run / "text/seed0").symlink_to(trained / "text/seed0")
    (run / "text/corpus.npz").symlink_to(trained / "corpus.npz")
    saved = typed(tmp_path, "reverie.text", "--save", "nets")
    assert saved == "saved: nets/text.keras\n"
    with zipfile.ZipFile(tmp_path / "nets/text.keras") as archive:
        assert "reverie" not in archive.read("config.json").decode()
    model = keras.saving.load_model(tmp_path / "nets/text.keras", safe_mode=True)
    facts = json.loads((tmp_path / "nets/text.json").read_text())
    prompt = "supposiwoman"
    assert len(prompt) == facts["window"]
    logits = np.asarray(model(np.array([[facts["alphabet"].index(c) for c in prompt]])))[0]
    writer = sampling.Writer(
        json.loads((trained / "text/seed0/model.json").read_text()), load(trained / "corpus.npz")
    )
    writer.read(trained / "text/seed0/weights/best.weights.h5")
    assert logits == pytest.approx(writer.logits(writer.start("woman")), abs=1e-5)


def test_damaged_weights_get_a_sentence(trained, tmp_path, typed):
    run = tmp_path / "results/quick"
    shutil.copytree(trained / "text", run / "text")
    shutil.copy(trained / "corpus.npz", run / "text")
    weights = run / "text/seed0/weights/epoch3.weights.h5"
    weights.write_bytes(weights.read_bytes()[:500])
    with pytest.raises(SystemExit) as ended:
        typed(tmp_path, "reverie.text", "What then", "--epoch", "3")
    assert ended.value.code == (
        "reverie: results/quick/text/seed0/weights/epoch3.weights.h5 does not hold the weights of the "
        "network that writes: it is damaged or no .h5 file; delete results/quick/text/seed0, and it is "
        "trained again."
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["What?"],
            "results/: there is no trained network of the part text in it; run make report",
        ),
        (["What?", "--run", "nowhere"], "nowhere: there is no trained network of the part text"),
        ([], "give either a prompt or --save FOLDER"),
        (["What?", "--seed", "-1"], "must be 0 or more, not -1"),
        (["What?", "--temperature", "-1"], "must be 0 (greedy) or more, not -1"),
        (["What?", "--characters", "0"], "must be at least 1, not 0"),
    ],
)
def test_a_wrong_command_gets_a_sentence(tmp_path, arguments, sentence):
    done = command(tmp_path, *arguments)
    assert done.returncode != 0
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_an_epoch_that_was_not_kept(trained, typed):
    (trained / "results/a/text").mkdir(parents=True)
    (trained / "results/a/text/seed0").symlink_to(trained / "text/seed0")
    (trained / "results/a/text/corpus.npz").symlink_to(trained / "corpus.npz")
    best = min(history(trained), key=lambda line: line["val_loss"])["epoch"]
    kept = sorted({1, 3, int(best)})
    with pytest.raises(SystemExit) as ended:
        typed(trained, "reverie.text", "What", "--epoch", "9")
    assert ended.value.code.endswith(
        f"epoch 9 was not kept; these were: {', '.join(map(str, kept))}."
    )
    assert typed(trained, "reverie.text", "What", "--epoch", str(int(best))).startswith("What")


@pytest.mark.parametrize(
    "layers", [[{"LSTM": {"units": 3, "return_sequences": True}}], [{"Dense": {"units": 3}}]]
)
def test_layers_that_keep_the_time_get_a_sentence(layers):
    with pytest.raises(ReverieError, match=r"text.layers: .* these layers give \(12, 3\)\."):
        models.build(layers, WINDOW, 9)


def test_a_long_held_out_text_is_thinned_out():
    corpus = Corpus(np.zeros(2_000_000, np.uint8), "a", 1_000_000)
    starts = training.held_out_starts(corpus, WINDOW)
    assert training.HELD_OUT_WINDOWS / 2 < len(starts) <= training.HELD_OUT_WINDOWS
    assert starts[0] == 1_000_000
    assert starts[-1] + WINDOW < 2_000_000
    assert len(set(np.diff(starts))) == 1
    few = Corpus(np.zeros(1000, np.uint8), "a", 900)
    assert np.array_equal(training.held_out_starts(few, WINDOW), np.arange(900, 1000 - WINDOW))
