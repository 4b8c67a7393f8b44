"""What is measured of samples, against brute force and cases counted by hand."""

import csv
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reverie.text import measures
from reverie.text.tests.corpora import prepared
from scipy import stats

FEW = st.text("ab c", max_size=40)


@given(FEW)
def test_distinct_3grams_by_counting(text):
    grams = [text[start : start + 3] for start in range(len(text) - 2)]
    expected = len(set(grams)) / len(grams) if grams else 1
    assert measures.distinct_3grams(text) == pytest.approx(expected)


@given(FEW, FEW)
def test_the_longest_copy_by_brute_force(text, corpus):
    parts = [text[a:b] for a in range(len(text)) for b in range(a + 1, len(text) + 1)]
    expected = max((len(part) for part in parts if part in corpus), default=0)
    assert measures.longest_copy(text, corpus) == expected


def test_words_are_runs_of_letters():
    assert measures.words_in("isn't it--the ÜBER_mensch, 42nd?") == {
        "isn",
        "t",
        "it",
        "the",
        "ÜBER",
        "mensch",
        "nd",
    }


@pytest.mark.parametrize(
    ("prompt", "text", "expected"),
    [
        ("when kant", " was young.", [(1, 4, "was"), (5, 10, "young")]),
        ("when kan", "t was", [(0, 1, "kant")]),  # begun in the prompt, cut off at the end
        ("when", " kant ", [(1, 5, "kant")]),
        ("when", "ever", []),
        ("when ", "...", []),
        ("when", "", []),
    ],
)
def test_words_at_the_borders(prompt, text, expected):
    assert measures.words_of(prompt, text) == expected


CORPUS = "the will to power. the will to truth, and the spirit of the herd; " * 30


@pytest.fixture
def measured(tmp_path):
    """Two seeds with two epochs; seed 0 is best at epoch 1, seed 1 at epoch 2."""
    prepared(tmp_path, CORPUS)
    trainings = {}
    for seed, best in ((0, 1), (1, 2)):
        trainings[seed] = tmp_path / f"seed{seed}"
        trainings[seed].mkdir()
        losses = {1: 2.0, 2: 1.0 if best == 2 else 3.0}
        text = "".join(f"{epoch},{loss}\n" for epoch, loss in losses.items())
        (trainings[seed] / "history.csv").write_text("epoch,val_loss\n" + text)
        lines = []
        for epoch in (1, 2):
            cold = {"method": "greedy", "temperature": None, "text": " to will" * 40}
            text = rambling(epoch + 9 * seed) + " the" * (2 + seed) + "."
            hot = {"method": "temperature", "temperature": 1.0, "text": text}
            for sample in (cold, hot):
                lines.append({"epoch": epoch, "seed": seed, "prompt": "the will", **sample})
        written = "".join(json.dumps(line) + "\n" for line in lines)
        (trainings[seed] / "samples.jsonl").write_text(written)
    measures.measure(tmp_path / "corpus.npz", trainings, tmp_path)
    return tmp_path


def rambling(seed: int) -> str:
    letters = np.random.default_rng(seed).choice(list("abcdefgh "), 320)
    return "".join(letters)


def table(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def test_metrics_are_a_row_a_sample(measured):
    rows = table(measured / "metrics.csv")
    samples = [json.loads(line) for line in (measured / "samples.jsonl").read_text().splitlines()]
    keys = [(int(row["epoch"]), int(row["seed"]), row["method"]) for row in rows]
    assert keys == [(s["epoch"], s["seed"], s["method"]) for s in samples]
    assert list(rows[0]) == measures.METRICS
    greedy = rows[0]
    assert greedy["temperature"] == ""
    assert float(greedy["invented_words"]) == 0
    assert float(greedy["distinct_3grams"]) == pytest.approx(8 / 318, abs=1e-6)
    assert int(greedy["longest_copy"]) == len(" will to ")


def test_invented_words_are_marked_where_they_stand(measured):
    samples = [json.loads(line) for line in (measured / "samples.jsonl").read_text().splitlines()]
    spans = json.loads((measured / "invented.json").read_text())
    assert len(spans) == len(samples)
    for sample, new, row in zip(samples, spans, table(measured / "metrics.csv"), strict=True):
        whole = sample["prompt"] + sample["text"]
        for start, end in new:
            word = sample["text"][start:end]
            assert word.isalpha()
            assert not (whole[len(sample["prompt"]) + end]).isalpha()
        words = measures.words_of(sample["prompt"], sample["text"])
        assert len(new) / len(words) == pytest.approx(float(row["invented_words"]), abs=1e-6)


def test_temperatures_are_compared_at_each_seeds_best_epoch(measured):
    rows = table(measured / "metrics.csv")
    lines = {
        (line["measure"], float(line["temperature"]), float(line["against"])): line
        for line in table(measured / "comparisons.csv")
    }
    assert len(lines) == 4
    best = [row for row in rows if (row["epoch"], row["seed"]) in {("1", "0"), ("2", "1")}]
    distinct = {
        method: np.mean([float(r["distinct_3grams"]) for r in best if r["method"] == method])
        for method in ("greedy", "temperature")
    }
    repeats = lines["repeated_3grams", 0.0, 1.0]
    assert float(repeats["change"]) == pytest.approx(
        distinct["temperature"] - distinct["greedy"], abs=1e-6
    )
    assert 0 < float(repeats["low"]) < float(repeats["high"]) < 1
    invents = lines["invented_words", 1.0, 0.0]
    assert float(invents["low"]) > 0.5
    mirrored = lines["invented_words", 0.0, 1.0]
    assert float(mirrored["change"]) == -float(invents["change"])


def sample(seed, temperature, text):
    return {"prompt": "", "seed": seed, "temperature": temperature, "text": text}, []


def test_a_pair_of_samples_has_no_interval():
    """However long they are: pieces of one text are no samples of the network's texts."""
    for line in measures.compared([sample(0, 0.5, rambling(0)), sample(0, 1.0, "ab " * 99)]):
        assert line[3] == pytest.approx(0 if line[0] == "invented_words" else line[3])
        assert np.isnan(line[4]) and np.isnan(line[5])


def test_samples_of_one_seed_and_seeds_of_several_are_what_varies():
    """Against SciPy's Welch."""
    texts = [" ".join([rambling(n)[: 200 + 20 * n], "ab " * 9 * n]) for n in range(12)]
    repeats = [1 - measures.distinct_3grams(text) for text in texts]

    def found(seeds):
        lines = measures.compared(
            [sample(seed, 0.5 if n < 6 else 1.0, texts[n]) for n, seed in enumerate(seeds)]
        )
        return {(line[0], line[1]): line[3:] for line in lines}["repeated_3grams", 1.0]

    expected = stats.ttest_ind(repeats[6:], repeats[:6], equal_var=False).confidence_interval()
    assert found([7] * 12)[1:] == pytest.approx(tuple(expected))
    expected = stats.ttest_ind(
        *[
            [
                np.average(repeats[n : n + 2], weights=[len(t) - 2 for t in texts[n : n + 2]])
                for n in range(first, first + 6, 2)
            ]
            for first in (6, 0)
        ],
        equal_var=False,
    ).confidence_interval()
    assert found([0, 0, 1, 1, 2, 2] * 2)[1:] == pytest.approx(tuple(expected))


def test_words_and_3grams_are_counted():
    line = {"prompt": "", "text": rambling(3)[:120]}
    words = measures.words_of("", line["text"])
    found = measures.counted(line, [(start, end) for start, end, _ in words[:2]])
    again = measures.repeated(line["text"]).sum()
    assert found.tolist() == [[2, len(words)], [again, 118]]


def test_shares_without_a_spread_have_no_interval():
    """Two samples of seventy words with one new word each are no proof that two more have one."""
    size, low, high = measures.difference(np.full(2, 1 / 70), np.zeros(2))
    assert size == pytest.approx(1 / 70)
    assert np.isnan(low) and np.isnan(high)
    assert np.isnan(measures.difference(np.array([]), np.zeros(2))).all()


@pytest.mark.parametrize("count", [3, 5, 15])
def test_intervals_of_shares_cover_as_often_as_they_say(count):
    """Shares of 70 words, whose probability differs from sample to sample."""
    generator, hits, trials = np.random.default_rng(count), 0, 1000
    for _ in range(trials):
        cold = generator.binomial(70, generator.beta(4, 76, count)) / 70
        hot = generator.binomial(70, generator.beta(12, 28, count)) / 70
        _, low, high = measures.difference(hot, cold)
        hits += low < 0.25 < high
    assert hits / trials > 0.95 - 3 * math.sqrt(0.95 * 0.05 / trials)


def test_the_corpus_itself_is_measured_alike():
    """Excerpts as long as a sample: a text that repeats itself after 66 characters."""
    excerpt = CORPUS[:320]
    assert measures.mean_3grams(CORPUS, 320) == pytest.approx(
        measures.distinct_3grams(excerpt), abs=0.01
    )
