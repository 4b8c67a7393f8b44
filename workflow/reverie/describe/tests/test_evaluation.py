"""The tables of a run, from ranks and written sentences, and what the report reads of them."""

import json

import numpy as np
import pytest
from reverie.describe import bleu, dataset, evaluation, ranking, retrieval
from reverie.describe.evaluation import Judged, Written
from reverie.describe.kinds import RETRIEVAL
from reverie.describe.results import Results
from reverie.describe.tests import made_run
from reverie.tables import read_table

SETTINGS = {"seeds": [0, 1], "beams": [1, 3], "features": {}}
TITLES = {name: name.upper() for name in made_run.NAMES}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "describe"
    made_run.make(folder, SETTINGS, np.random.default_rng(0))
    evaluation.evaluate(folder, [*made_run.MODELS], [*made_run.WRITERS], [0, 1], [1, 3])
    return folder


def test_every_model_and_writer_has_its_lines(folder):
    alignment = read_table(folder / "alignment.csv")
    assert len(alignment) == len(made_run.MODELS) * 2 * 2 * 2  # seeds, splits, directions
    lines = read_table(folder / "bleu.csv")
    assert len(lines) == len(made_run.WRITERS) * 2 * 2 * 2 + 2
    assert [*lines[0]][:4] == ["model", "seed", "split", "method"]
    assert {(line["method"], line["beam"]) for line in lines} == {
        ("greedy", "1"), ("beam 3", "3"), (RETRIEVAL, ""),
    }  # fmt: skip
    assert [line["seed"] for line in lines if line["model"] == RETRIEVAL] == ["", ""]
    captions = [json.loads(line) for line in (folder / "captions.jsonl").read_text().splitlines()]
    pictures = json.loads((folder / "pictures.json").read_text())["split"]["test"]
    assert len(captions) == (len(made_run.WRITERS) * 4 + 1) * pictures
    assert {len(caption["references"]) for caption in captions} == {5}
    assert [*captions[0]] == [
        "model", "seed", "method", "beam", "picture", "sentence", "references", "log_probability", "bleu",
    ]  # fmt: skip
    bands = [line for line in read_table(folder / "frequency.csv") if line["model"] == RETRIEVAL]
    assert [line["band"] for line in bands] == ["1-10", "11-40", "others"]
    for side in ("people", "written"):
        assert sum(float(line[side]) for line in bands[:2]) == pytest.approx(1)
    assert bands[2]["ratio"] == ""


def test_people_write_each_band_as_often_as_people(folder):
    """Also where they use words that the vocabulary lacks."""
    described = dataset.load(folder / "described.npz")
    described.vocabulary = described.vocabulary[:30]
    captions = evaluation.Captions(described, np.ones((len(described.names), 2)))
    known = {*described.vocabulary.tolist()}
    texts = [[word for words in texts for word in words if word in known] for texts in captions.people["test"]]  # fmt: skip
    written = Written("people", None, {None: {"test": [(words, None) for words in texts]}})
    *bands, others = evaluation.frequencies(captions, written)
    assert len(bands) == 2 and others[2] > 0.01 and others[3] == 0
    for _, _, people, ours, *interval, used in bands:
        assert people == ours and interval == pytest.approx([1] * 3) and used == 1


def test_no_interval_of_how_often_words_are_written_begins_below_zero(folder):
    """Though seeds differ much: one writes the rarer words alone, the other never."""
    described = dataset.load(folder / "described.npz")
    captions = evaluation.Captions(described, np.ones((len(described.names), 2)))
    pictures = len(captions.people["test"])
    common, rare = described.vocabulary[0], described.vocabulary[-1]
    texts = {
        seed: {"test": [([word], None)] * pictures} for seed, word in enumerate((common, rare))
    }
    *bands, _ = evaluation.frequencies(captions, Written("odd", None, texts))
    lows, highs = zip(*[(line[5], line[6]) for line in bands], strict=True)
    assert min(lows) == 0 and min(highs) > 0


def test_rare_words_that_would_hardly_stand_there_have_no_interval(folder, monkeypatch):
    """Whoever writes as people do may well write none of them, in every resample."""
    described = dataset.load(folder / "described.npz")
    captions = evaluation.Captions(described, np.ones((len(described.names), 2)))
    common, pictures = described.vocabulary[0], len(captions.people["test"])

    def rarest(words):
        texts = {0: {"test": [([common] * words, None)] * pictures}}
        return list(evaluation.frequencies(captions, Written("odd", None, texts)))[-2]

    by_word = rarest(1)[2] * pictures  # uses by people's share, for each word of every sentence
    monkeypatch.setattr(evaluation, "FEWEST_USES", 10.5 * by_word)
    assert np.isnan(rarest(10)[5:7]).all()
    assert rarest(11)[5:7] == [0, 0]


def test_the_mean_recall_is_that_of_three_recalls(folder):
    differences = Results(folder, TITLES).differences
    for direction in ("annotation", "search"):
        recalls = [
            differences[f"{direction}_recall_{top}", "brnn", "bag", None][0] for top in (1, 5, 10)
        ]
        mean, low, high = differences[f"{direction}_mean_recall", "brnn", "bag", None]
        assert mean == pytest.approx(np.mean(recalls), abs=1e-5) and low < mean < high


def test_a_rate_whose_loss_was_no_number_is_among_those_tried(folder):
    results = Results(folder, TITLES)
    assert results.losses_of_rates["rnn_adam"]["0"] == {0.001: 3.0, 0.003: 2.9, 0.01: np.inf}
    assert results.chosen_rates("rnn_adam") == [0.003, 0.001]
    best = results.summary["brnn", None, "test", "best_region"]
    assert (best["mean"], best["low"]) == (0.144, None)


def test_intervals_end_where_measures_do(folder):
    """Student's interval of two seeds reaches further."""
    lines = [line for line in read_table(folder / "summary.csv") if line["low"]]
    ends = {
        rank: [float(line[end]) for line in lines if ("rank" in line["measure"]) == rank for end in ("low", "high")]
        for rank in (False, True)
    }  # fmt: skip
    assert 0 == min(ends[False]) < max(ends[False]) == 1 and min(ends[True]) == 1


def test_results_choose_on_validation(folder):
    results = Results(folder, TITLES)
    assert results.models == [*made_run.MODELS] and results.best_model == "brnn"
    assert results.writers == [*made_run.WRITERS, RETRIEVAL]
    assert results.best_writer == ("rnn_rmsprop", 3) and results.best_beam(RETRIEVAL) is None
    size, low, high = results.differences["bleu_4", "rnn_rmsprop", RETRIEVAL, 3]
    assert 0 < size < 1 and low < size < high
    back = results.differences["bleu_4", RETRIEVAL, "rnn_rmsprop", 3]
    assert back == pytest.approx((-size, -high, -low))
    ranked = results.ranked("rnn_sgd", 0, 1)
    assert ranked[0].bleu > ranked[-1].bleu
    for name in made_run.MODELS:  # as where all have their pictures among the first ten
        for direction in ("annotation", "search"):
            results.summary[name, None, "val", f"{direction}_recall_10"]["mean"] = 1.0
    assert results.best_model == "brnn"
    for direction in ("annotation", "search"):
        for top in (1, 5):
            results.summary["bag", None, "val", f"{direction}_recall_{top}"]["mean"] = 1.0
    assert results.best_model == "bag"
    assert results.summary["brnn", None, "test", "search_median_rank"]["parameters"] == 999


def test_a_difference_is_paired_and_knows_its_seeds():
    samples = np.random.default_rng(0).normal(size=(2, 400))
    first = Judged(np.array([1.0, 1.0]), samples + 1, 1000)
    second = Judged(np.zeros(1), samples[:1], 1000)
    same = Judged(np.array([1.0]), samples[:1] + 1, 1000) - second
    assert same.interval() == pytest.approx((1, 1, 1))
    assert (first - second).interval()[1] < 1
    wide = Judged(np.array([0.0, 2.0]), samples + 1, 1000).interval()
    assert wide[2] - wide[1] > 10  # Student's t of two seeds


@pytest.mark.parametrize("pictures", [6, 12, 100])
def test_of_models_that_are_alike_one_is_better_one_time_in_twenty(pictures):
    """Also where there are few test pictures; the plain percentiles of 6 are off one time in seven."""
    weights = ranking.resampled(pictures)
    generator = np.random.default_rng(pictures)
    surely = 0
    for _ in range(1000):
        difference = generator.normal(size=pictures)
        samples = (weights @ difference / pictures)[None]
        _, low, high = Judged(difference.mean(keepdims=True), samples, pictures).interval()
        surely += low > 0 or high < 0
    assert surely / 1000 == pytest.approx(0.05, abs=0.025)


def test_retrieval_draws_a_sentence_about_the_most_similar_picture(folder):
    described = dataset.load(folder / "described.npz")
    pictures = np.random.default_rng(0).normal(size=(len(described.names), 8))
    test, training = described.pictures_of("test"), described.pictures_of("train")
    pictures[test] = (
        9 * pictures[training[: len(test)]]
    )  # the cosine is 1, though they are far away
    found = retrieval.sentences(described, pictures, test)
    assert (described.picture[found] == training[: len(test)]).all()
    places = found - np.searchsorted(described.picture, training[: len(test)])
    assert len(set(places.tolist())) > 2  # not the first one each time


def test_bleu_of_one_sentence_tells_sentences_apart():
    people = [["a", "dog", "runs", "on", "the", "grass"]]
    values = [
        bleu.of_sentence(bleu.counts(sentence.split(), people))
        for sentence in ("a dog runs on the grass", "a dog on the grass", "grass", "cats", "")
    ]
    assert (
        values == sorted(values, reverse=True)
        and values[0] == pytest.approx(1)
        and values[-2:] == [0, 0]
    )
