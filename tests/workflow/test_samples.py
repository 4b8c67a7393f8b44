"""A machine that reaches nothing: the quick look runs on samples, the reproduction refuses."""

import json
import re
import socket
import zipfile

import pytest
from checkouts import Checkout

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
  split: {train: 9000, validation: 11000}
  lookback: 2 days
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
    (checkout.folder / "resources/or_sample/jena.json").write_text(json.dumps(record))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/file.zip"
        overlay = f"assets: {{jena: {{addresses: ['{address}']}}}}\nparts: [forecast]\n"
        (checkout.folder / "config/near.yaml").write_text(overlay)
        planned = checkout.planned(overlays=("quick", "short", "near"), no_proxy="*")
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert planned["prepare_series"] == 1


def test_the_quick_look_runs_on_a_sample_until_the_real_file_turns_up(checkout):
    overlays = ("quick", "short")
    # That the small network learns and that the weather lasts eight years are other tests'; here the
    # one is there after some steps, the other for three months.
    for sample, full, few in (
        ("convnet", "DRAWINGS, BATCH, STEPS = 3000, 64, 240", "DRAWINGS, BATCH, STEPS = 64, 8, 8"),
        ("convnet", "CHECKED = 500", "CHECKED = 25"),
        ("weather", 'np.datetime64("2009-01-01T00:10:00")', 'np.datetime64("2016-10-01T00:10:00")'),
        ("weather", "with_defects(weather(seed))", "weather(seed)"),
    ):
        checkout.edit(f"workflow/reverie/samples/{sample}.py", full, few)
    printed = checkout.run(overlays=overlays, **OFFLINE)
    announced = re.findall(r"^(\w+): .* so an embedded sample stands in for it\.$", printed, re.M)
    used = {
        "jena": "weather",
        "nietzsche": "docstrings",
        "flowers": "sheet",
        "sky": "sky",
        "starry_night": "painting",
        "vgg16": "convnet",
        "vgg19": "convnet",
    }
    assert sorted(announced) == sorted(used)
    assert printed.count("The small network names") == 1  # trained once for two networks
    assert "port.cc" not in printed
    run = checkout.folder / "results/quick-short"
    assert json.loads((run / "forecast/series.json").read_text())["sample"]
    assert json.loads((run / "text/corpus.json").read_text())["windows"] == 200_278
    assert (run / "report.html").read_text().count("Not the real data") == 3
    assets = json.loads((run / "provenance.json").read_text())["assets"]
    assert {asset["asset"]: asset["source"] for asset in assets} == {
        name: f"embedded sample: {sample}" for name, sample in used.items()
    }
    assert all(asset["sample"] for asset in assets)
    page = (run / "report.html").read_text()
    assert page.count("embedded samples replace them") == 2  # dreams and styles
    assert_a_reproduction_refuses_samples(checkout)
    # Nothing is to be done again, nor does that refusal cost the quick look anything.
    assert checkout.planned(overlays=overlays, **OFFLINE) == {}

    # The file that turns up here is the sample less its last row, under facts of its own.
    table = (checkout.folder / "resources/sample_weather.csv").read_text().splitlines(True)[:-1]
    (checkout.folder / "mirror").mkdir()
    path = checkout.folder / "mirror" / "jena_climate_2009_2016.csv.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("jena_climate_2009_2016.csv", "".join(table))
    checkout.edit("config.yaml", "bytes: 43164220", f"bytes: {len(''.join(table).encode())}")
    import hashlib

    digest = hashlib.md5("".join(table).encode()).hexdigest()
    checkout.edit("config.yaml", "959915f05bfafef18e471a97ae679535", digest)
    checkout.run(overlays=overlays, **OFFLINE)
    facts = json.loads((run / "forecast/series.json").read_text())
    assert not facts["sample"]
    assert facts["rows"] == len(table) - 1
    assert (run / "report.html").read_text().count("Not the real data") == 1  # the text


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
