"""A user's own files, whatever they are called."""

import json

import numpy as np
from checkouts import river_checkout
from PIL import Image

OVERLAY = """\
forecast: {series: {path: "{variant} <results>.csv", unit: "{m}"}}
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
    series, corpus = tmp_path / "{variant} <results>.csv", tmp_path / "own {texts}/{x}.txt"
    (tmp_path / "river.csv").rename(series)
    corpus.parent.mkdir()
    corpus.write_text("the river is high {today}. " * 300)
    Image.fromarray(np.zeros((90, 150, 3), np.uint8)).save(tmp_path / "sky{1}.png")
    (tmp_path / "config" / "braces.yaml").write_text(OVERLAY)

    results = "results/river-tiny-braces"
    made = ["forecast/series.json", "text/prompts.json"]
    checkout.run("--", *(f"{results}/{file}" for file in made), overlays=OVERLAYS)

    def read(file):
        return json.loads((tmp_path / results / file).read_text())

    assert read("forecast/series.json")["source"] == "{variant} <results>.csv"
    assert read("text/corpus.json")["source"] == "own {texts}/{x}.txt"
    assert read("text/prompts.json")[0] == "the river {today}"

    planned = checkout.planned(OVERLAYS)
    assert planned["dream_picture"] == planned["plot_series"] == 1
    assert "prepare_series" not in planned
    series.write_text("".join(series.read_text().splitlines(keepends=True)[:-100]))
    assert checkout.planned(OVERLAYS)["prepare_series"] == 1
