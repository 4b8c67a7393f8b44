"""What the slides show by eye, measured: invented words, repetition, and copying.

A word is a run of letters. It is invented if the corpus has no such word; the last word of a
sample does not count where the sample may have cut it off.
"""

import json
import math
import re
from itertools import permutations
from pathlib import Path

import numpy as np

from reverie.bootstrap import half_width
from reverie.histories import best_epoch, read_history
from reverie.tables import write_table
from reverie.text.corpus import load

WORD = re.compile(r"[^\W\d_]+")
GRAM = 3
EXCERPTS = 20  # of the held-out text, for comparison
METRICS = ["epoch", "seed", "method", "temperature", "invented_words", "distinct_3grams", "longest_copy"]  # fmt: skip
COMPARISONS = ["measure", "temperature", "against", "change", "low", "high"]


def words_in(text: str) -> set[str]:
    return {match[0] for match in WORD.finditer(text)}


def words_of(prompt: str, text: str) -> list[tuple[int, int, str]]:
    """Start, end and the word itself of every word that ends in the text.

    The first word may begin in the prompt; it then starts at 0. A last word that reaches the
    end of the text is left out.
    """
    whole, before = prompt + text, len(prompt)
    return [
        (max(match.start() - before, 0), match.end() - before, match[0])
        for match in WORD.finditer(whole)
        if before < match.end() < len(whole)
    ]


def repeated(text: str) -> np.ndarray:
    """Whether each 3-gram of the text stood in it before, (characters - 2,) of 0 and 1."""
    seen: set[str] = set()
    repeats = []
    for start in range(len(text) - GRAM + 1):
        gram = text[start : start + GRAM]
        repeats.append(gram in seen)
        seen.add(gram)
    return np.array(repeats, float)


def distinct_3grams(text: str) -> float:
    """Distinct character 3-grams over all; 1 for a text that is too short to have any."""
    repeats = repeated(text)
    return float(1 - repeats.mean()) if len(repeats) else 1.0


def longest_copy(text: str, corpus: str) -> int:
    """Length of the longest part of the text that stands in the corpus."""
    longest = 0
    for start in range(len(text)):
        while start + longest < len(text) and text[start : start + longest + 1] in corpus:
            longest += 1
    return longest


def measure(corpus_file: Path, trainings: dict[int, Path], folder: Path) -> None:
    """Gather the samples of all ``trainings``, folders by seed, in ``folder``, and measure them.

    Beside `samples.jsonl` it writes a row a sample in `metrics.csv`; start and end of every
    invented word of each sample in `invented.json`; any two temperatures compared at every seed's
    best epoch, greedy being 0, in `comparisons.csv`; and in `reference.json` the measure of the
    held-out text, or where that is shorter than a sample of all text, cut like the samples.
    """
    corpus = load(corpus_file)
    text = corpus.text
    known = words_in(text)
    written = "".join((training / "samples.jsonl").read_text() for training in trainings.values())
    samples = [json.loads(line) for line in written.splitlines()]
    spans, rows = [], []
    for sample in samples:
        words = words_of(sample["prompt"], sample["text"])
        invented = [(start, end) for start, end, word in words if word not in known]
        spans.append(invented)
        share = len(invented) / len(words) if words else math.nan
        copied = longest_copy(sample["text"], text)
        labels = [sample[key] if sample[key] is not None else "" for key in METRICS[:4]]
        rows.append([*labels, share, distinct_3grams(sample["text"]), copied])
    best = {
        seed: best_epoch(read_history(training))["epoch"] for seed, training in trainings.items()
    }
    at_best = [
        (sample, invented)
        for sample, invented in zip(samples, spans, strict=True)
        if sample["epoch"] == best[sample["seed"]]
    ]
    length = max(len(sample["text"]) for sample in samples)
    # Shorter excerpts repeat less.
    excerpts = text[corpus.train_end :] if len(text) - corpus.train_end >= length else text
    reference = {"distinct_3grams": mean_3grams(excerpts, length)}
    (folder / "samples.jsonl").write_text(written)
    write_table(folder / "metrics.csv", METRICS, rows)
    (folder / "invented.json").write_text(json.dumps(spans) + "\n")
    write_table(folder / "comparisons.csv", COMPARISONS, compared(at_best))
    (folder / "reference.json").write_text(json.dumps(reference) + "\n")


def mean_3grams(text: str, length: int) -> float:
    """Mean of :func:`distinct_3grams` over excerpts of the text as long as a sample."""
    starts = np.linspace(0, max(len(text) - length, 0), EXCERPTS).astype(int)
    return float(np.mean([distinct_3grams(text[start : start + length]) for start in starts]))


def compared(samples: list[tuple[dict, list]]) -> list[list]:
    """Lines of `comparisons.csv`: the difference of a share between two temperatures.

    ``invented_words`` is the share of words, ``repeated_3grams`` that of 3-grams that stood in the
    sample before. Samples of one network resemble each other, so that several seeds count once each,
    with the mean of their samples; of a single seed every sample counts.
    """
    several = len({sample["seed"] for sample, _ in samples}) > 1
    counts: dict[float, dict[int, np.ndarray]] = {}
    for number, (sample, invented) in enumerate(samples):
        units = counts.setdefault(sample["temperature"] or 0.0, {})
        unit = sample["seed"] if several else number
        units[unit] = units.get(unit, 0) + counted(sample, invented)
    lines = []
    for place, measure in enumerate(("invented_words", "repeated_3grams")):
        shares = {
            temperature: np.array(
                [unit[place, 0] / unit[place, 1] for unit in units.values() if unit[place, 1]]
            )
            for temperature, units in counts.items()
        }
        for temperature, other in permutations(shares, 2):
            change = difference(shares[temperature], shares[other])
            lines.append([measure, temperature, other, *change])
    return lines


def difference(shares: np.ndarray, others: np.ndarray) -> tuple[float, float, float]:
    """Difference of two mean shares, with Welch's interval; not a number for too few shares.

    Shares of a few words may all be equal by chance, which says nothing about their spread.
    """
    if not len(shares) or not len(others):
        return math.nan, math.nan, math.nan
    size, half = float(shares.mean() - others.mean()), half_width(shares, others) or math.nan
    return size, size - half, size + half


def counted(sample: dict, invented: list) -> np.ndarray:
    """Of a sample, (2, 2): invented words and all that end in it; repeated 3-grams and all."""
    repeats = repeated(sample["text"])
    words = words_of(sample["prompt"], sample["text"])
    return np.array([[len(invented), len(words)], [repeats.sum(), len(repeats)]])
