"""The benchmark of a GPU measures the lecture's networks and pictures, and adds up the whole lecture."""

import json
import os
import subprocess

import pytest
import yaml
from checkouts import REPOSITORY
from reverie.config.model import load
from reverie.dream import estimates, selection
from reverie.forecast import variants

from benchmarks import gpu


@pytest.fixture(scope="module")
def lecture() -> dict:
    """The lecture's settings with all defaults, which the benchmark of a GPU knows without pydantic."""
    return load(yaml.safe_load((REPOSITORY / "config.yaml").read_text())).model_dump(mode="json")


def test_a_gpu_is_measured_with_the_networks_of_the_lecture(lecture):
    assert gpu.networks() == variants.networks(lecture | {"backend": "jax"})


def test_and_with_its_pictures(lecture):
    (_, pixels, jobs, shapes), (_, painted, styles, _) = gpu.pictures()
    expected = 0.0
    for dream in selection.dreams(lecture).values():
        expected += estimates.octave_pixels(dream, dream["octave_scale"])
        if sheet := dream["sheet"]:
            tiles = estimates.octave_pixels(sheet, dream["octave_scale"])
            expected += tiles * len(sheet["layers"])
        if film := dream["film"]:
            expected += film["size"] ** 2 * film["frames"] * film["steps"]
    assert pixels == pytest.approx(0.5625 * expected)
    assert (jobs, styles) == (6 + 2 + 1, 2) and shapes > 20
    assert painted == pytest.approx(0.75 * 300 * (256**2 + 512**2 + 320**2))


GRU = {"step": 4.0, "validation": 1.0, "start": 30.0, "note": "", "recurrent": "a loop"}


def test_the_whole_lecture_is_the_sum_of_what_was_measured():
    assert gpu.minutes({}) == {}
    assert gpu.minutes({"gru": GRU}) == pytest.approx({"gru": 3 * (20 * (2 + 1) + 30) / 60})
    three = {"together": 5.0, "validation_together": 1.5}
    both = {"gru": GRU, "gru, 3 seeds": three}
    assert gpu.minutes(both)["gru"] == pytest.approx((20 * (2.5 + 1.5) + 30) / 60)
    slow = {"gru": GRU, "gru, 3 seeds": three | {"together": 50.0}}  # then one after the other
    assert gpu.minutes(slow) == gpu.minutes({"gru": GRU})


def test_the_table_compares_epochs_and_says_what_is_missing():
    text = gpu.table({"gru": GRU, "gru, PyTorch": GRU | {"step": 10.0}}, "A card", small=False)
    assert text.startswith("**GPU**: A card.\n")
    line = next(line for line in text.splitlines() if line.startswith("| gru |"))
    assert "| 3 |" in line and "a loop; PyTorch’s epoch takes 2 times as long" in line
    assert "without mlp, gru_dropout," in text and text.endswith(": 4.5 min.")


@pytest.mark.skipif(
    not os.environ.get("REVERIE_JAX"), reason="NO JAX: REVERIE_JAX names a python that has it"
)
def test_a_gpu_is_measured_without_tensorflow_and_goes_on_where_it_stopped(tmp_path):
    figures = tmp_path / "gpu.json"
    before = {"small": True, "lines": {"gru": GRU | {"done": True}}, "card": "A card"}
    figures.write_text(json.dumps(before))
    done = subprocess.run(
        [os.environ["REVERIE_JAX"], "-m", "benchmarks", "gpu", "--small"]
        + ["--file", figures, "--only", "gru", "mlp"],
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": "workflow"},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = json.loads(figures.read_text())["lines"]
    assert lines["gru"] == before["lines"]["gru"]
    assert lines["mlp"].keys() >= {"step", "validation", "start", "memory", "done"}, done.stderr
    assert lines["mlp"]["recurrent"] == "" and "\n| mlp | " in done.stdout
    assert done.stderr.startswith("mlp: ") and "\n" not in done.stderr.strip()
