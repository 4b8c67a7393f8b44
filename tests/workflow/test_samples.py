"""A machine that reaches nothing: the quick look runs on embedded files, the reproduction refuses."""

import hashlib
import json
import re
import socket
from pathlib import Path

import pytest
import yaml
from checkouts import Checkout
from reverie.tables import read_table

# Every address is behind a proxy at which nobody listens.
OFFLINE = {
    "http_proxy": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "no_proxy": "",
    "NO_PROXY": "",
}
SHORT = """\
mirrors: [mirror]
forecast:
  variants: {mlp: {steps: 3}}
  max_epochs: 1
  select: [mlp]
text:
  held_out: 0.001
  steps: 3
  epochs: 1
  layers: [{LSTM: {units: 8}}]
  sampling: {characters: 40, temperatures: [0.5], random_prompts: 0}
dream:
  select: [recursive]
  pictures: {recursive: {size: 160, octaves: 1, steps: 2, sheet: null}}
style: {select: [starry_sky], pictures: {starry_sky: {sizes: [96], steps: 2}}}
diagnose: {tasks: [conditions], select: [base_rate]}
describe: {most: 20, longest: 4, max_epochs: 1, select: [bag], models: {bag: {batch: 10}}}
"""


@pytest.fixture
def checkout(tmp_path):
    checkout = Checkout(tmp_path)
    (tmp_path / "config" / "short.yaml").write_text(SHORT)
    return checkout


def test_a_dry_run_asks_no_address(checkout):
    """Also where a sample stands in for a file that might be had now."""
    (checkout.folder / "sample.csv").write_text("a\n1\n")
    record = {"path": "sample.csv", "sample": True, "wanted": "anything"}
    (checkout.folder / "resources/or_sample").mkdir(parents=True)
    (checkout.folder / "resources/or_sample/nietzsche.json").write_text(json.dumps(record))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/file.txt"
        overlay = f"assets: {{nietzsche: {{addresses: ['{address}']}}}}\nparts: [text]\n"
        (checkout.folder / "config/near.yaml").write_text(overlay)
        planned = checkout.planned(overlays=("quick", "short", "near"), no_proxy="*")
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert planned["prepare_corpus"] == 1


def test_the_quick_look_runs_on_embedded_files_until_the_real_ones_turn_up(checkout):
    overlays = ("quick", "short")
    printed = checkout.run(overlays=overlays, **OFFLINE)
    announced = re.findall(
        r"^(\w+): .* so the embedded sample (\w+) stands in for it\.$", printed, re.M
    )
    stand_ins = {
        "nietzsche": "docstrings",
        "flowers": "meadow",
        "sky": "sky",
        "starry_night": "painting",
        "vgg16": "squeezenet",
        "vgg19": "squeezenet",
        "stays_a": "stays_a",
        "outcomes_a": "outcomes_a",
        "flickr8k_pictures": "scenes",
        "flickr8k_sentences": "sentences",
    }
    assert sorted(announced) == sorted(stand_ins.items())
    assert "port.cc" not in printed
    run = checkout.folder / "results/quick-short"
    assert_the_weather_is_real(run)
    assert json.loads((run / "text/corpus.json").read_text())["windows"] == 200_278
    page = (run / "report.html").read_text()
    assert page.count("Not the real data") == 3  # the text, the stays and the scenes
    weather = "workflow/reverie/embedded/jena_hourly_2009_2016.csv.xz (every hour, 6 of the 14"
    assert page.count(f"Real data: {weather}") == 1
    assets = json.loads((run / "provenance.json").read_text())["assets"]
    assert {asset["asset"]: asset["source"] for asset in assets if asset["sample"]} == {
        name: f"embedded sample: {sample}" for name, sample in stand_ins.items()
    }
    real = {asset["asset"] for asset in assets if not asset["sample"]}
    assert real == {"jena_hourly", "squeezenet"}
    assert_a_reproduction_refuses_samples(checkout)
    # Nothing is to be done again, nor does that refusal cost the quick look anything.
    assert checkout.planned(overlays=overlays, **OFFLINE) == {}
    # Nor is it because of another description or address of a file.
    settings = yaml.safe_load((checkout.folder / "config.yaml").read_text())
    for asset in settings["assets"].values():
        asset |= {"about": "Another description", "addresses": ["http://other.example/file"]}
    (checkout.folder / "config/described.yaml").write_text(
        yaml.safe_dump({"run": "quick-short", "assets": settings["assets"]})
    )
    assert checkout.planned(overlays=(*overlays, "described"), **OFFLINE) == {
        "record_provenance": 1,
        "write_report": 1,
        "all": 1,
    }

    # The file that turns up here is the sample less its last character, under facts of its own.
    text = (checkout.folder / "resources/sample_docstrings.txt").read_bytes()[:-1]
    (checkout.folder / "mirror").mkdir()
    (checkout.folder / "mirror" / "nietzsche.txt").write_bytes(text)
    checkout.edit("config.yaml", "bytes: 600901", f"bytes: {len(text)}")
    facts = yaml.safe_load(Path(checkout.folder / "config.yaml").read_text())["assets"]["nietzsche"]
    checkout.edit("config.yaml", facts["hash"], f"sha256:{hashlib.sha256(text).hexdigest()}")
    checkout.run(overlays=overlays, **OFFLINE)
    corpus = json.loads((run / "text/corpus.json").read_text())
    assert not corpus["sample"]
    assert corpus["source"] == "mirror/nietzsche.txt"
    assert (run / "report.html").read_text().count("Not the real data") == 2


def assert_the_weather_is_real(run):
    """All eight years, with the naive forecast's published error."""
    facts = json.loads((run / "forecast/series.json").read_text())
    assert not facts["sample"]
    assert (facts["rows"], facts["interval_minutes"], len(facts["columns"])) == (70_038, 60, 12)
    assert (facts["first"], facts["last"]) == ("2009-01-01 00:10:00", "2016-12-31 23:50:00")
    errors = {
        (line["variant"], line["split"]): float(line["mae"])
        for line in read_table(run / "forecast/metrics.csv")
    }
    assert errors["naive", "val"] == pytest.approx(0.2893, abs=5e-5)
    assert errors["naive", "test"] == pytest.approx(0.3055, abs=5e-5)


def assert_a_reproduction_refuses_samples(checkout):
    printed = checkout.run(overlays=("short",), succeeds=False, **OFFLINE)
    sentences = [line for line in printed.splitlines() if line.startswith("fetch_asset: jena")]
    assert list(dict.fromkeys(sentences)) == [  # by the job, and at the very end
        "fetch_asset: jena: no usable jena_climate_2009_2016.csv.zip was found (mirror/: not there; "
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/jena_climate_2009_2016.csv.zip: "
        "the proxy refused; https://s3.amazonaws.com/keras-datasets/jena_climate_2009_2016.csv.zip: "
        "the proxy refused); put the file into mirror/, or try again later."
    ]
    assert "Traceback" not in printed
