"""The lecture under JAX, in an environment without TensorFlow, against the same under TensorFlow."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import mean, stdev

import numpy as np
import pytest
from checkouts import REPOSITORY, add_harbour, history, river_checkout
from PIL import Image

PYTHON = os.environ.get("REVERIE_JAX")  # of an environment made from requirements-jax.lock
pytestmark = pytest.mark.skipif(
    not PYTHON, reason="NO JAX: REVERIE_JAX names the python of an environment that has it"
)
SMALL = """\
parts: [forecast, text, dream]
samples: auto
mirrors: [nowhere]
assets:
  nietzsche: {addresses: []}
forecast:
  seeds: [0, 1]
  steps: 60
  batch: 64
  max_epochs: 2
text:
  seeds: [0]
  epochs: 1
  steps: 40
  layers: [{LSTM: {units: 16}}]
  sampling: {characters: 40, temperatures: [0.5], epochs: []}
dream:
  select: [harbour]
  pictures:
    harbour:
      picture: harbour.jpg
      network: SqueezeNet
      layers: {fire2: 1} # dreams of deeper ones diverge by rounding alone
      size: 240
      octaves: 2
      steps: 10
"""
WIDE = 4.78  # 99.9 % of Student's t with the nine degrees of freedom of nine pairs lie within
# Without recurrence the errors on so short a series spread more: six seeds by 3 and by 9 %.
SPREAD = {"mlp": 0.03, "conv1d": 0.09}
JAX = "backend: jax\nforecast: {seeds: [0]}\n"


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> dict:
    """Folders of the results by backend."""
    checkout = river_checkout(tmp_path_factory.mktemp("jax"))
    add_harbour(checkout.folder)
    (checkout.folder / "config" / "small.yaml").write_text(SMALL)
    (checkout.folder / "config" / "jax.yaml").write_text(JAX)
    checkout.run("--cores", "all", overlays=("river", "small"))
    checkout.python = PYTHON
    checkout.run("--cores", "all", overlays=("river", "small", "jax"))
    results = checkout.folder / "results"
    return {"tensorflow": results / "river-small", "jax": results / "river-small-jax"}


def errors(run) -> dict[str, list[float]]:
    """Validation error of every training at its best epoch, by network."""
    found: dict[str, list[float]] = {}
    with open(run / "forecast" / "metrics.csv", newline="") as file:
        for line in csv.DictReader(file):
            if line["checkpoint"] == "best" and line["split"] == "val" and line["seed"]:
                found.setdefault(line["variant"], []).append(float(line["mae"]))
    return found


def test_every_network_errs_as_under_tensorflow_but_for_the_noise_of_seeds(runs):
    """The spread of seeds, pooled over the recurrent networks; one more lies within in 99.9 %."""
    tensorflow, jax = errors(runs["tensorflow"]), errors(runs["jax"])
    assert tensorflow.keys() == jax.keys() and len(jax) == 11
    recurrent = [found for name, found in tensorflow.items() if name not in SPREAD]
    pooled = np.sqrt(mean((stdev(found) / mean(found)) ** 2 for found in recurrent))
    assert len(recurrent) == 9 and 0 < pooled < 0.03
    for name, (error,) in jax.items():
        within = WIDE * SPREAD.get(name, pooled) * np.sqrt(3 / 2)
        assert error == pytest.approx(mean(tensorflow[name]), rel=within), name


def test_a_dream_is_the_same_picture(runs):
    pictures = [np.asarray(Image.open(run / "dream/harbour.png"), float) for run in runs.values()]
    original = np.asarray(Image.open(runs["jax"] / "dream/originals/harbour.png"), float)
    assert np.abs(pictures[0] - pictures[1]).mean() < 0.02 * np.abs(pictures[0] - original).mean()


def test_the_text_is_learned_as_well(runs):
    bits = []
    for run in runs.values():
        with open(run / "text/seed0/history.csv", newline="") as file:
            bits += [float(line["bits_per_char"]) for line in csv.DictReader(file)]
    assert bits[1] == pytest.approx(bits[0], rel=0.05)


def test_the_report_says_what_computed_it(runs):
    assert (runs["jax"] / "report.html").stat().st_size > 100_000
    facts = json.loads((runs["jax"] / "provenance.json").read_text())
    assert facts["config"]["backend"] == "jax"


TOGETHER = """\
backend: jax
forecast: {seeds: [0, 1], select: [mlp, gru]}
"""


def test_the_workflow_trains_seeds_together(tmp_path):
    """The files are those of a job for each seed, and a change of the setting trains nothing again."""
    checkout = river_checkout(tmp_path)
    checkout.python = PYTHON
    overlays = {}
    for name, together in (("alone", "false"), ("together", "true"), ("later", "true")):
        run = "alone" if name == "later" else name
        settings = f"{TOGETHER}run: {run}\ntogether: {together}\n"
        (tmp_path / "config" / f"{name}.yaml").write_text(settings)
        overlays[name] = ("river", "tiny", name)
    for name, networks in (("alone", 4), ("together", 2)):
        told = checkout.run("--cores", "all", "--", "forecast", overlays=overlays[name])
        assert f"To do: {networks} networks to train" in told
    assert "Nothing to be done" in checkout.run("-n", "--", "forecast", overlays=overlays["later"])
    alone, together = (tmp_path / "results" / run for run in ("alone", "together"))
    for name in ("alone", "together"):
        assert len(list((tmp_path / "results" / name).rglob("seed*/*.weights.h5"))) == 8
    for file in filter(Path.is_file, (alone / "forecast").rglob("*")):
        other = together / file.relative_to(alone)
        if file.name == "history.csv":  # the loss of a step is summed in another order
            for ours, theirs in zip(history(file), history(other), strict=True):
                assert ours["val_loss"] == theirs["val_loss"]
                assert float(ours["loss"]) == pytest.approx(float(theirs["loss"]), abs=1e-6)
        else:
            assert file.read_bytes() == other.read_bytes(), file
    records = [
        [
            json.loads(file.read_text())
            for file in sorted((run / "logs/forecast").rglob("seed*.json"))
        ]
        for run in (alone, together)
    ]
    for ours, theirs in zip(*records, strict=True):
        assert (ours["rule"], ours["wildcards"]) == (theirs["rule"], theirs["wildcards"])
        assert theirs["together"] == [0, 1]
        assert theirs["estimate"] == pytest.approx(ours["estimate"], abs=1)


def test_seeds_together_are_seeds_alone(tmp_path):
    """Stopped and resumed, with endings in different epochs; bit for bit, or but for rounding."""
    (tmp_path / "together.py").write_text(TOGETHER_AND_ALONE)
    done = subprocess.run(
        [PYTHON, tmp_path / "together.py", tmp_path],
        cwd=REPOSITORY,
        env=os.environ | {"KERAS_BACKEND": "jax", "PYTHONPATH": "workflow"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout.splitlines()[-1])
    assert len(set(facts["lecture"]["shares"])) > 1
    assert facts["lecture"]["differences"] == [0] * len(facts["lecture"]["differences"])
    assert max(facts["everything"]["differences"]) < 1e-5
    assert all(case["resumed"] for case in facts.values())


TOGETHER_AND_ALONE = """
import json, signal, sys
from pathlib import Path
import h5py, keras, numpy as np
from reverie import backend
from reverie.checkpoints import Checkpoints
from reverie.forecast.training import train, train_together

folder, rows = Path(sys.argv[1]), 900
generator = np.random.default_rng(0)
np.savez(
    folder / "series.npz",
    values=generator.normal(size=(rows, 3)).astype(np.float32),
    time=3600.0 * np.arange(rows),
    columns=["a", "b", "c"],
    target=1,
    measured=generator.random(rows) < 0.98,
    unmeasured=generator.random(rows) < 0.1,
    interval_minutes=60.0,
    train_end=500,
    validation_end=700,
)
NETWORK = {
    "layers": [{"GRU": {"units": 4, "dropout": 0.2, "recurrent_dropout": 0.2}}],
    "optimizer": {"name": "RMSprop", "learning_rate": 0.01},
    "lookback": "24 hours", "step": "2 hours", "delay": "3 hours", "calendar": False,
    "reversed": False, "shuffled": False, "residual": False, "features": [], "quantiles": None,
    "average": None, "auxiliary": None, "replication": None, "schedule": [], "refit": False,
    "patience": None, "batch": 16, "evaluation_batch": 16, "steps": 9, "epochs": 6, "backend": "jax",
}
CASES = {
    "lecture": {"patience": 1, "refit": True},
    "everything": {
        "residual": "climatology", "schedule": "cosine", "average": 0.8, "replication": 0.3,
        "auxiliary": {"steps": 3, "columns": ["c"], "weight": 0.5}, "quantiles": [0.2, 0.5, 0.9],
        "epochs": 2,
    },
}


def arrays(folder):
    for file in sorted(folder.glob("*.npz")):
        with np.load(file) as saved:
            yield from (saved[name] for name in saved.files)
    for file in sorted(folder.glob("*.h5")):
        found = []
        with h5py.File(file) as saved:
            saved.visititems(lambda name, item: found.append(item[()]) if hasattr(item, "shape") else None)
        yield from found


facts = {}
for case, changes in CASES.items():
    network, where = NETWORK | changes, folder / case
    arguments = folder / "series.npz", Checkpoints(where / "checkpoints", "code")
    folders = {seed: where / f"together{seed}" for seed in (0, 1, 5)}
    calls, take = [], backend.Together.train

    def stopped(loop, rows):
        calls.append(rows)
        if len(calls) == 5:
            signal.raise_signal(signal.SIGTERM)
        return take(loop, rows)

    backend.Together.train = stopped
    try:
        train_together("v", network, folders, *arguments)
        resumed = False
    except SystemExit:
        resumed = True
    backend.Together.train = take
    keras.utils.clear_session()
    shares, differences = train_together("v", network, folders, *arguments), []
    for (seed, files), share in zip(folders.items(), shares):
        keras.utils.clear_session()
        alone = where / f"alone{seed}"
        assert train("v", network, seed, *arguments, alone) == share
        pairs = list(zip(arrays(files), arrays(alone), strict=True))
        assert len(pairs) > 10
        differences += [float(np.abs(np.subtract(a, b, dtype=float)).max()) for a, b in pairs]
    facts[case] = {"shares": shares, "differences": differences, "resumed": resumed}
print(json.dumps(facts))
"""


def test_from_the_same_weights_every_network_learns_the_same(tmp_path):
    """Without dropout, whose masks the backends draw differently: losses of each step to 1e-4.

    The forecasts after it too, which of one network are of averaged weights.
    """
    (tmp_path / "steps.py").write_text(STEPS)
    losses = []
    for python, backend in ((sys.executable, "tensorflow"), (PYTHON, "jax")):
        environment = os.environ | {"KERAS_BACKEND": backend, "PYTHONPATH": "workflow"}
        done = subprocess.run(
            [python, tmp_path / "steps.py"],
            cwd=REPOSITORY,
            env=environment | {"TF_CPP_MIN_LOG_LEVEL": "2"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        losses.append(json.loads(done.stdout.splitlines()[-1]))
    assert losses[0].keys() == losses[1].keys() and len(losses[0]) == 12
    for name, found in losses[0].items():
        assert losses[1][name] == pytest.approx(found, rel=1e-4), name
        assert found[4] != pytest.approx(found[0], rel=1e-4)  # it learned


STEPS = """
import json
import numpy as np, yaml
from reverie.config.model import load
from reverie.forecast import models, variants

config = yaml.safe_load(open("config.yaml"))
config["forecast"]["variants"]["everything"] = {
    "title": "Everything",
    "layers": [{"GRU": {"units": 8}}],
    "residual": "climatology",
    "average": 0.5,
    "auxiliary": {"steps": 3, "columns": ["c"]},
    "replication": 0.3,
    "quantiles": [0.1, 0.5, 0.9],
    "features": [{"kind": "change", "over": "3 hours"}],
}
settings = load(config).model_dump(mode="json")
generator = np.random.default_rng(0)
series = {
    "values": generator.normal(size=(600, 3)).astype(np.float32),
    "time": 3600.0 * np.arange(600),
    "columns": ["a", "b", "c"],
    "target": 1,
    "measured": np.ones(600, bool),
    "unmeasured": generator.random(600) < 0.2,
    "interval_minutes": 60.0,
    "train_end": 500,
}
rows = generator.integers(100, 500, (4, 32)).astype(np.int32)


def plain(spec):
    if isinstance(spec, dict):
        return {name: 0 if "dropout" in name else plain(value) for name, value in spec.items()}
    return [plain(item) for item in spec] if isinstance(spec, list) else spec


found = {}
for name, network in variants.networks(settings).items():
    network = plain(network)
    loop = models.loop(network, 96, 1, 6, series, name)
    weights = np.random.default_rng(1)
    for variable in loop.model.trainable_variables:
        variable.assign(weights.normal(size=variable.shape).astype(np.float32) * 0.1)
    found[name] = loop.train(np.concatenate([rows, rows])).tolist()
    found[name].append(float(loop.predict(np.arange(100, 132, dtype=np.int32))[1].mean()))
print(json.dumps(found))
"""
