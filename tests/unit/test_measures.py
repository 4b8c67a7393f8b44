"""What is measured of samples, against brute force and cases counted by hand."""

import csv
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reverie.text import measures
from test_corpus import prepared

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
            hot = {"method": "temperature", "temperature": 1.0, "text": rambling(epoch + 9 * seed)}
            for sample in (cold, hot):
                lines.append({"epoch": epoch, "seed": seed, "prompt": "the will", **sample})
        written = "".join(json.dumps(line) + "\n" for line in lines)
        (trainings[seed] / "samples.jsonl").write_text(written)
    files = {
        name: tmp_path / name
        for name in ("samples", "metrics", "invented", "comparisons", "reference")
    }
    measures.measure(
        tmp_path / "corpus.npz",
        trainings,
        **{f"{name}_file": path for name, path in files.items()},
    )
    return files


def rambling(seed: int) -> str:
    letters = np.random.default_rng(seed).choice(list("abcdefgh "), 320)
    return "".join(letters)


def table(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def test_metrics_are_a_row_a_sample(measured):
    rows = table(measured["metrics"])
    samples = [json.loads(line) for line in measured["samples"].read_text().splitlines()]
    keys = [(int(row["epoch"]), int(row["seed"]), row["method"]) for row in rows]
    assert keys == [(s["epoch"], s["seed"], s["method"]) for s in samples]
    assert list(rows[0]) == measures.METRICS
    greedy = rows[0]
    assert greedy["temperature"] == ""
    assert float(greedy["invented_words"]) == 0
    assert float(greedy["distinct_3grams"]) == pytest.approx(8 / 318, abs=1e-6)
    assert int(greedy["longest_copy"]) == len(" will to ")


def test_invented_words_are_marked_where_they_stand(measured):
    samples = [json.loads(line) for line in measured["samples"].read_text().splitlines()]
    spans = json.loads(measured["invented"].read_text())
    assert len(spans) == len(samples)
    for sample, new, row in zip(samples, spans, table(measured["metrics"]), strict=True):
        whole = sample["prompt"] + sample["text"]
        for start, end in new:
            word = sample["text"][start:end]
            assert word.isalpha()
            assert not (whole[len(sample["prompt"]) + end]).isalpha()
        words = measures.words_of(sample["prompt"], sample["text"])
        assert len(new) / len(words) == pytest.approx(float(row["invented_words"]), abs=1e-6)


def test_temperatures_are_compared_at_each_seeds_best_epoch(measured):
    rows = table(measured["metrics"])
    lines = {
        (line["measure"], float(line["temperature"]), float(line["against"])): line
        for line in table(measured["comparisons"])
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


def test_equal_texts_do_not_differ():
    sample = {"prompt": "", "text": rambling(0), "temperature": 0.5}
    other = sample | {"temperature": 1.0}
    for line in measures.compared([(sample, []), (other, [])]):
        assert line[3:] == [0, 0, 0]


def test_a_part_is_fifty_characters():
    """Sums over the parts are those over the sample."""
    line = {"prompt": "", "text": rambling(3)[:120]}
    words = measures.words_of("", line["text"])
    found = measures.counted(line, [(start, end) for start, end, _ in words[:2]])
    assert found.shape == (4, 3)
    assert found.sum(axis=1).tolist() == [
        2,
        len(words),
        measures.repeated(line["text"]).sum(),
        118,
    ]
    assert found[3].tolist() == [48, 50, 20]


def test_too_short_samples_have_no_interval():
    lines = measures.compared(
        [({"prompt": "", "text": "a b c", "temperature": t}, []) for t in (0.5, 1.0)]
    )
    assert all(np.isnan(line[4]) and np.isnan(line[5]) for line in lines)


def test_the_corpus_itself_is_measured_alike():
    """Excerpts as long as a sample: a text that repeats itself after 66 characters."""
    excerpt = CORPUS[:320]
    assert measures.held_out_3grams(CORPUS, 320) == pytest.approx(
        measures.distinct_3grams(excerpt), abs=0.01
    )
