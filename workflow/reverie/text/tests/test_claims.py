"""The remarks about text: each of the three verdicts from made-up figures."""

import json

import numpy as np
import pytest
from reverie.report import claims as table
from reverie.report.verdicts import CONFIRMED, NOT_RUN, REFUTED, TASTE, UNDECIDED
from reverie.text.report import claims


def run_with(tmp_path, repeated, invented, temperatures):
    """Intervals of the differences: cold against hot in repetition, hot against cold in invention."""
    folder = tmp_path / "text"
    folder.mkdir()
    rows = ["measure,temperature,against,change,low,high"]
    for cold in ("0.000000", "0.200000"):
        rows.append(f"repeated_3grams,{cold},1.000000,0.5,{repeated[0]},{repeated[1]}")
    rows.append(f"invented_words,1.000000,0.200000,0.25,{invented[0]},{invented[1]}")
    (folder / "comparisons.csv").write_text("\n".join(rows) + "\n")
    (folder / "metrics.csv").write_text(
        "epoch,seed,method,temperature,invented_words,distinct_3grams,longest_copy\n"
        "1,0,greedy,,0,0.1,9\n1,0,temperature,0.5,0.125,0.75,9\n1,0,temperature,1.0,0.5,0.9,9\n"
        "2,0,temperature,0.5,0.9,0.1,9\n"
    )
    (folder / "reference.json").write_text(json.dumps({"distinct_3grams": 0.73}))
    seed = folder / "seed0"
    seed.mkdir()
    (seed / "history.csv").write_text("epoch,val_loss\n1,2.0\n2,3.0\n")
    sampling = {"temperatures": temperatures, "greedy": True}
    settings = {
        "seeds": [0],
        "epochs": 2,
        "sampling": sampling,
        "corpus": None,
        "asset": "nietzsche",
    }
    return table.claims(tmp_path, {"parts": ["text"], "text": settings})


@pytest.mark.parametrize(
    ("ends", "verdict"),
    [
        (("0.4", "0.6"), CONFIRMED),
        (("-0.6", "-0.4"), REFUTED),
        (("-0.1", "0.6"), UNDECIDED),
        (("", ""), UNDECIDED),
    ],
)
def test_the_remarks_about_text(tmp_path, ends, verdict):
    found = run_with(tmp_path, ends, ends, [0.2, 0.5, 1.0, 1.2])
    repeats, invents, interesting, converged = found
    assert converged["verdict"] == NOT_RUN
    assert (repeats["verdict"], invents["verdict"]) == (verdict, verdict)
    assert "by 50 percentage points" in repeats["measured"]
    assert repeats["measured"].startswith("At the best epoch, the share of repeated")
    assert (
        "At the best epoch, the share of invented words at 1 differs from that at 0.2 by 25 percentage points"
        in invents["measured"]
    )
    assert interesting["verdict"] == TASTE
    assert (
        "At temperature 0.5 and the best epoch, 12 % of the words are invented and 75 % of"
        in interesting["measured"]
    )
    assert "in the corpus itself, 73 % are" in interesting["measured"]


def test_one_temperature_is_compared_with_nothing(tmp_path):
    found = run_with(tmp_path, ("0.4", "0.6"), ("0", "1"), [1.0])
    assert {one["verdict"] for one in found} == {NOT_RUN}


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ({"corpus": None, "asset": "nietzsche"}, False),
        ({"corpus": "poems.txt", "asset": "nietzsche"}, True),
        ({"corpus": None, "asset": "shakespeare"}, True),
    ],
)
def test_whose_text_it_is(text, own):
    assert table.own_data("text", {"text": text}) == own


LEVEL, FALLING = np.full(60, 1.31), np.linspace(2.0, 1.3, 60)
LATE = np.where(np.arange(60) < 55, LEVEL, 9.0)


@pytest.mark.parametrize(
    ("losses", "verdict", "words"),
    [
        ([LEVEL, LEVEL + 0.001], CONFIRMED, "In epochs 41 to 60 its training loss is"),
        ([FALLING, FALLING + 0.01], REFUTED, "% lower"),
        ([LEVEL], UNDECIDED, "no interval"),
        ([LATE, LATE], REFUTED, "explodes with 2 of 2 seeds"),
        ([LATE, LEVEL], UNDECIDED, "explodes with 1 of 2 seeds"),
        ([LEVEL[:50]], REFUTED, "explodes"),  # NaN after it
    ],
)
def test_convergence(losses, verdict, words):
    figures = claims.Figures([], False, [], {}, 0.7, len(losses), losses)
    sentence, drawn = claims.has_converged(figures)
    assert drawn == verdict
    assert words in sentence
