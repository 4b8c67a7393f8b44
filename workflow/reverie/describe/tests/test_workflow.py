"""Sentences for a user's own pictures, as the workflow ranks and writes them."""

import csv
import json
import zipfile

import pytest
from checkouts import Checkout
from reverie.describe import scenes
from reverie.tables import read_table

RUN = "results/shots-tiny"
OVERLAYS = ("shots", "tiny")
SHOTS = """\
parts: [describe]
describe: {folder: shots, table: shots.csv}
"""
TINY = """\
describe:
  features: {network: SqueezeNet, layer: fire3, size: 32, dimensions: 8}
  fewest: 2
  longest: 6
  seeds: [0]
  max_epochs: 1
  beams: [1, 2]
  select: [small, small_writer]
  models: {small: {title: "Small <b>", reader: brnn, levels: [2, 1], units: 8, batch: 10}}
  writers: {small_writer: {title: Small writer, kind: rnn, units: 8, batch: 10}}
"""
COUNT = 60


@pytest.fixture(scope="module")
def shots(tmp_path_factory) -> Checkout:
    """A checkout with a folder of pictures and a table, some of them of no use, after a run."""
    checkout = Checkout(tmp_path_factory.mktemp("shots"))
    archive, table = checkout.folder / "scenes.zip", checkout.folder / "shots.csv"
    scenes.write_pictures(archive, COUNT)
    scenes.write_sentences(table, COUNT)
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(checkout.folder / "shots")
    (checkout.folder / "shots/scene0000.png").write_bytes(b"no picture")
    (checkout.folder / "shots/without_sentence.png").write_bytes(
        (checkout.folder / "shots/scene0001.png").read_bytes()
    )
    rows = [list(row.values())[:2] for row in read_table(table)]  # the split is drawn
    rows += [["gone.png", "a star"], ["scene0001.png", "star"], ["scene0002.png", "star " * 200]]
    with open(table, "w", newline="") as file:
        csv.writer(file).writerows([["picture", "sentence"], *rows])
    for name, text in (("shots", SHOTS), ("tiny", TINY)):
        (checkout.folder / "config" / f"{name}.yaml").write_text(text)
    checkout.printed = checkout.run(overlays=OVERLAYS)
    return checkout


def test_own_pictures_end_in_a_report(shots):
    folder = shots.folder / RUN / "describe"
    facts = json.loads((folder / "pictures.json").read_text())
    assert facts["pictures"] == COUNT - 1 and facts["sentences"] == 5 * (COUNT - 1) + 2
    assert facts["split"] == {"train": 47, "val": 6, "test": 6} and not facts["sample"]
    left_out = {reason: count for reason, count in facts["dropped"].items() if count}
    assert left_out.pop("sentences cut off") > 5
    assert left_out == {
        "pictures without sentences": 1,
        "sentences without a picture": 1,
        "unreadable pictures": 1,
    }
    assert facts["words"]["longest"] == 200
    assert len(read_table(folder / "alignment.csv")) == 4
    assert {line["model"] for line in read_table(folder / "bleu.csv")} == {
        "small_writer",
        "retrieval",
    }
    captions = [json.loads(line) for line in (folder / "captions.jsonl").read_text().splitlines()]
    assert len(captions) == 3 * 6
    page = (shots.folder / RUN / "report.html").read_text()
    assert "Small <b>" not in page and "Small &lt;b&gt;" in page
    assert "59 pictures, 297 sentences" in shots.printed


def test_another_picture_is_noticed_and_another_model_is_trained_alone(shots):
    assert shots.planned(overlays=OVERLAYS) == {}
    (shots.folder / "config/more.yaml").write_text(
        "run: shots-tiny\ndescribe: {select: [small, small_writer, again], models: {again: "
        "{title: Again, reader: bag, units: 8}}}\n"
    )
    planned = shots.planned(overlays=(*OVERLAYS, "more"))
    assert (planned["train_aligner"], planned["evaluate_descriptions"]) == (1, 1)
    assert not {"prepare_described", "compute_features", "train_describer"} & planned.keys()
    (shots.folder / "shots/scene0003.png").write_bytes(
        (shots.folder / "shots/scene0004.png").read_bytes()
    )
    assert {"prepare_described", "compute_features"} <= shots.planned(overlays=OVERLAYS).keys()
