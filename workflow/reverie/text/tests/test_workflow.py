"""The text part of the workflow on a user's own corpus."""

import csv
import html
import json
import os
import random
import re
import shutil
import sys

import pytest
from checkouts import REPOSITORY, Checkout

from tests import forks

RUN = "results/letters-tiny"
TINY = """\
text:
  window: 20
  batch: 32
  steps: 12
  epochs: 3
  layers: [{LSTM: {units: 8}}]
  seeds: [0, 1]
  sampling: {epochs: [1, 20], characters: 60, temperatures: [0.5, 1.0]}
"""


def letters() -> str:
    """A text of a few dozen words, one of which must not end up in the page as it is."""
    words = "my dear friend you ask me what the sea is like in winter <script>alert(1)</script>"
    generator = random.Random(0)
    return " ".join(generator.choice(words.split()) for _ in range(2500)) + ", \n\u2028"


def letters_checkout(folder) -> Checkout:
    """A checkout with a text and the overlay of the page `docs/own-text.md`."""
    checkout = Checkout(folder)
    (folder / "letters.txt").write_text(letters())
    page = (REPOSITORY / "docs" / "own-text.md").read_text()
    (folder / "config" / "letters.yaml").write_text(re.search(r"```yaml\n(.*?)```", page, re.S)[1])
    (folder / "config" / "tiny.yaml").write_text(TINY)
    return checkout


OVERLAYS = ("letters", "tiny")


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Checkout:
    checkout = letters_checkout(tmp_path_factory.mktemp("written"))
    checkout.printed = checkout.run(overlays=OVERLAYS)
    return checkout


def samples(checkout):
    lines = (checkout.folder / RUN / "text/samples.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_every_file_of_the_contract_is_there(written):
    run = written.folder / RUN
    facts = json.loads((run / "text/corpus.json").read_text())
    assert facts["characters"] == len(letters())
    assert facts["windows"] == len(range(0, len(letters()) - 20, 3))
    assert (facts["source"], facts["sample"]) == ("letters.txt", False)
    assert {tuple(sample) for sample in samples(written)} == {
        ("epoch", "seed", "method", "temperature", "prompt", "text")
    }
    with open(run / "text/metrics.csv", newline="") as file:
        metrics = list(csv.DictReader(file))
    keys = [(int(row["seed"]), int(row["epoch"]), row["method"]) for row in metrics]
    assert keys == [(s["seed"], s["epoch"], s["method"]) for s in samples(written)]
    for seed in (0, 1):
        epochs = {sample["epoch"] for sample in samples(written) if sample["seed"] == seed}
        assert {1, 3} <= epochs <= {1, 2, 3}
        history = (run / f"text/seed{seed}/history.csv").read_text().splitlines()
        assert history[0] == "epoch,loss,val_loss,bits_per_char,seconds"
        assert len(history) == 4
    assert (run / "logs/text/seed0.log").is_file()
    assert (run / "benchmarks/text/seed0.tsv").is_file()
    assert not (run / "forecast").exists()
    jobs = {job["rule"] for job in json.loads((run / "provenance.json").read_text())["jobs"]}
    assert {"train_writer", "sample_text", "measure_samples", "plot_text"} <= jobs
    assert "train_forecaster" not in jobs


def test_the_page_shows_the_samples_escaped(written):
    page = (written.folder / RUN / "report.html").read_text()
    kinds = set(re.findall("<script[^>]*>", page))
    assert kinds == {"<script>", '<script type="application/json">'}
    assert "my dear friend, you ask me what…" in page
    text = html.unescape(re.sub("<[^>]*>", "", page))
    for sample in samples(written):
        assert sample["text"] in text
    marked = re.findall("<b>(.*?)</b>", page.split('id="samples"')[1])
    known = set(re.findall(r"[^\W\d_]+", letters()))
    assert marked[1:]  # after the explanation
    assert not known & set(marked[1:])


def test_the_remarks_are_tried_on_ones_own_text(written):
    page = (written.folder / RUN / "report.html").read_text()
    assert "The lecture’s claims, tested on your data" in page


def test_nothing_is_planned_again(written):
    assert written.planned(OVERLAYS) == {}


def changed(written, folder, old, new) -> Checkout:
    checkout = written.copied_to(folder)
    checkout.edit("config/tiny.yaml", old, new)
    return checkout


def test_other_temperatures_train_nothing(written, tmp_path):
    planned = changed(written, tmp_path / "c", "[0.5, 1.0]", "[0.7]").planned(OVERLAYS)
    assert "train_writer" not in planned
    assert "prepare_corpus" not in planned
    assert planned["sample_text"] == 2


def test_another_network_prepares_nothing(written, tmp_path):
    planned = changed(written, tmp_path / "c", "units: 8", "units: 9").planned(OVERLAYS)
    assert "prepare_corpus" not in planned
    assert planned["train_writer"] == 2


def test_the_same_seed_writes_the_same(written, tmp_path):
    other = written.copied_to(tmp_path / "other")
    shutil.rmtree(other.folder / RUN / "text/seed1")
    for name in ("samples.jsonl", "metrics.csv", "comparisons.csv"):
        (other.folder / RUN / "text" / name).unlink()
    (other.folder / RUN / "report.html").unlink()
    other.run("--", "text", overlays=OVERLAYS)
    for name in ("seed1/samples.jsonl", "samples.jsonl", "metrics.csv", "comparisons.csv"):
        paths = [checkout.folder / RUN / "text" / name for checkout in (written, other)]
        assert paths[0].read_bytes() == paths[1].read_bytes()
    assert not (other.folder / RUN / "report.html").exists()


def test_the_command_of_the_page(written):
    page = (REPOSITORY / "docs" / "own-text.md").read_text()
    line = re.search(r"-m reverie.text \"(.*?)\" --temperature ([\d.]+)\n", page)
    command = ["-m", "reverie.text", line[1], "--temperature", line[2]]
    status, printed = forks.run(sys.executable, written.folder, dict(os.environ), command)
    assert status == 0, printed
    assert printed.startswith(line[1])
    assert len(printed) == len(line[1]) + 400 + 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("12 345 " * 500, "prepare_corpus: letters.txt has no letters; a corpus is a text"),
        ("abc " * 500, "train_writer: the prompt has characters that the corpus lacks"),
        (None, "text.corpus: there is no file letters.txt; correct the path."),
    ],
)
def test_a_text_that_will_not_do_gets_a_sentence(tmp_path, text, sentence):
    checkout = letters_checkout(tmp_path / "c")
    if text is None:
        (checkout.folder / "letters.txt").unlink()
    else:
        (checkout.folder / "letters.txt").write_text(text)
    target = f"{RUN}/text/seed0/samples.jsonl"
    printed = checkout.run("--cores", "2", "--", target, overlays=OVERLAYS, succeeds=False)
    assert sentence in printed
    assert "Traceback" not in printed
    assert not list(checkout.folder.glob(f"{RUN}/text/seed*/history.csv"))
