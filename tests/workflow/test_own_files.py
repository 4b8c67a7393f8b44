"""A user's own files, whatever they are called."""

import json

import numpy as np
from checkouts import river_checkout
from PIL import Image

OVERLAY = """\
forecast: {series: {path: "{variant} <results> [0-9].csv", unit: "{m}"}}
text: {corpus: "own {texts}/{x}.txt", sampling: {prompt: "the river {today}"}}
samples: auto
mirrors: [nowhere]
assets: {inception_v3: {addresses: []}}
dream: {select: [own], pictures: {own: {picture: "sky{1}.png", layers: {mixed2: 1}, size: 190, octaves: 1}}}
parts: [forecast, text, dream]
"""
OVERLAYS = ("river", "tiny", "braces")


def test_braces_in_names_and_texts_are_only_braces(tmp_path):
    checkout = river_checkout(tmp_path)
    series = [tmp_path / f"{{variant}} <results> {number}.csv" for number in (1, 2)]
    corpus = tmp_path / "own {texts}/{x}.txt"
    head, *lines = (tmp_path / "river.csv").read_text().splitlines(keepends=True)
    series[0].write_text("".join([head, *lines[:1500]]))
    series[1].write_text("".join([head, *lines[:1400:-1]]))
    corpus.parent.mkdir()
    corpus.write_text("the river is high {today}. " * 300)
    Image.fromarray(np.zeros((90, 150, 3), np.uint8)).save(tmp_path / "sky{1}.png")
    (tmp_path / "config" / "braces.yaml").write_text(OVERLAY)

    results = "results/river-tiny-braces"
    made = ["forecast/series.json", "text/prompts.json"]
    checkout.run("--", *(f"{results}/{file}" for file in made), overlays=OVERLAYS)

    def read(file):
        return json.loads((tmp_path / results / file).read_text())

    facts = read("forecast/series.json")
    assert facts["source"] == "{variant} <results> 1.csv, {variant} <results> 2.csv"
    assert (facts["files"], facts["overlaps"]) == (2, 99)
    assert read("text/corpus.json")["source"] == "own {texts}/{x}.txt"
    assert read("text/prompts.json")[0] == "the river {today}"

    planned = checkout.planned(OVERLAYS)
    assert planned["dream_picture"] == planned["plot_series"] == 1
    assert "prepare_series" not in planned
    series[0].write_text("".join([head, *lines[:1450]]))
    assert checkout.planned(OVERLAYS)["prepare_series"] == 1
