"""What the slides show by eye, measured: invented words, repetition, and copying.

A word is a run of letters. It is invented if the corpus has no such word; the last word of a
sample does not count where the sample may have cut it off.
"""

import json
import math
import re
from pathlib import Path

import numpy as np

from reverie.bootstrap import half_width
from reverie.tables import write_table
from reverie.text import trained
from reverie.text.corpus import load

WORD = re.compile(r"[^\W\d_]+")
GRAM = 3
EXCERPTS = 20  # of the held-out text, for comparison
METRICS = [
    "epoch",
    "seed",
    "method",
    "temperature",
    "invented_words",
    "distinct_3grams",
    "longest_copy",
]
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
    found = []
    for start in range(len(text) - GRAM + 1):
        gram = text[start : start + GRAM]
        found.append(gram in seen)
        seen.add(gram)
    return np.array(found, float)


def distinct_3grams(text: str) -> float:
    """Distinct character 3-grams over all; 1 for a text that is too short to have any."""
    again = repeated(text)
    return float(1 - again.mean()) if len(again) else 1.0


def longest_copy(text: str, corpus: str) -> int:
    """Length of the longest part of the text that stands in the corpus."""
    longest = 0
    for start in range(len(text)):
        while start + longest < len(text) and text[start : start + longest + 1] in corpus:
            longest += 1
    return longest


def measure(
    corpus_file: Path,
    trainings: dict[int, Path],
    samples_file: Path,
    metrics_file: Path,
    invented_file: Path,
    comparisons_file: Path,
    reference_file: Path,
) -> None:
    """Write the samples of all ``trainings``, folders by seed, together, and what is measured of them.

    ``invented_file`` (.json) has start and end of every invented word of each sample, in the order
    of the samples; ``comparisons_file`` compares any two temperatures at every seed's best epoch,
    greedy being 0; ``reference_file`` (.json) measures the held-out text, cut like the samples.
    """
    corpus = load(corpus_file)
    text = corpus.text
    known = words_in(text)
    written = "".join((folder / "samples.jsonl").read_text() for folder in trainings.values())
    lines = [json.loads(line) for line in written.splitlines()]
    spans, rows = [], []
    for line in lines:
        words = words_of(line["prompt"], line["text"])
        new = [(start, end) for start, end, word in words if word not in known]
        spans.append(new)
        share = len(new) / len(words) if words else math.nan
        copied = longest_copy(line["text"], text)
        facts = [line[key] if line[key] is not None else "" for key in METRICS[:4]]
        rows.append([*facts, share, distinct_3grams(line["text"]), copied])
    best = {
        seed: trained.best(trained.history(folder))["epoch"] for seed, folder in trainings.items()
    }
    at_best = [
        (line, new)
        for line, new in zip(lines, spans, strict=True)
        if line["epoch"] == best[line["seed"]]
    ]
    samples_file.write_text(written)
    write_table(metrics_file, METRICS, rows)
    invented_file.write_text(json.dumps(spans) + "\n")
    write_table(comparisons_file, COMPARISONS, compared(at_best))
    length = max(len(line["text"]) for line in lines)
    facts = {"distinct_3grams": held_out_3grams(text[corpus.train_end :], length)}
    reference_file.write_text(json.dumps(facts) + "\n")


def held_out_3grams(text: str, length: int) -> float:
    """Mean of :func:`distinct_3grams` over excerpts of the held-out text as long as a sample."""
    starts = np.linspace(0, max(len(text) - length, 0), EXCERPTS).astype(int)
    return float(np.mean([distinct_3grams(text[start : start + length]) for start in starts]))


def compared(samples: list[tuple[dict, list]]) -> list[list]:
    """Lines of `comparisons.csv`: the difference of a share between two temperatures.

    ``invented_words`` is the share of words, ``repeated_3grams`` that of 3-grams that stood in the
    sample before. Samples of one network resemble each other, so that several seeds count once each,
    with the mean of their samples; of a single seed every sample counts.
    """
    several = len({line["seed"] for line, _ in samples}) > 1
    counts: dict[float, dict[int, np.ndarray]] = {}
    for number, (line, new) in enumerate(samples):
        units = counts.setdefault(line["temperature"] or 0.0, {})
        unit = line["seed"] if several else number
        units[unit] = units.get(unit, 0) + counted(line, new)
    lines = []
    for place, measure in enumerate(("invented_words", "repeated_3grams")):
        shares = {
            temperature: np.array(
                [unit[place, 0] / unit[place, 1] for unit in units.values() if unit[place, 1]]
            )
            for temperature, units in counts.items()
        }
        for one, ones in shares.items():
            for other, others in shares.items():
                if one != other:
                    lines.append([measure, one, other, *difference(ones, others)])
    return lines


def difference(one: np.ndarray, other: np.ndarray) -> tuple[float, float, float]:
    """Of two mean shares, with Welch's interval; not a number what there are too few shares for.

    Shares of a few words may all be equal by chance, which says nothing about their spread.
    """
    if not len(one) or not len(other):
        return math.nan, math.nan, math.nan
    size, half = float(one.mean() - other.mean()), half_width(one, other) or math.nan
    return size, size - half, size + half


def counted(line: dict, new: list) -> np.ndarray:
    """Of a sample, (2, 2): invented words and all that end in it; repeated 3-grams and all."""
    again = repeated(line["text"])
    words = words_of(line["prompt"], line["text"])
    return np.array([[len(new), len(words)], [again.sum(), len(again)]])
