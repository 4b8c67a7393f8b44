"""Pretended GPUs under the real Snakefile, whose trainings only hold their place for a while."""

import json

import pytest
from checkouts import GPU_BUILD, pretend_gpus, pretend_mps, pretend_packages, river_checkout
from reverie import devices

SEEDS = "forecast: {seeds: [0, 1, 2], select: [mlp]}\n"
HOLDS_ITS_PLACE = """
import time
from pathlib import Path

from reverie.network_jobs import network_job

with network_job(snakemake):
    time.sleep(2)
    for file in snakemake.output:
        Path(file).touch()
"""
LOGS = "results/river-tiny-seeds/logs/forecast/mlp"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    checkout = river_checkout(tmp_path_factory.mktemp("gpus"))
    (checkout.folder / "config/seeds.yaml").write_text(SEEDS)
    for name in ("check_model", "train_forecaster"):
        script = checkout.folder / f"workflow/reverie/forecast/scripts/{name}.py"
        script.write_text(HOLDS_ITS_PLACE)
    # Which device it computed on, only Keras could tell.
    backend = checkout.folder / "workflow/reverie/backend.py"
    backend.write_text("def used():\n    return {}\n\ndef set_precision(tf32):\n    return ''\n")
    checkout.run(*ONLY, overlays=OVERLAYS)
    return checkout


OVERLAYS = ("river", "tiny", "seeds")
ONLY = ("--cores", "16", "--until", "train_forecaster", "--forcerun", "train_forecaster")


@pytest.fixture
def trained(checkout, tmp_path, monkeypatch):
    """A function that trains anew beside pretended GPUs and packages.

    It gives how many trainings were alive at once, at most, and the GPUs that stand in their records.
    """
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)

    def run(gpus, packages, *arguments):
        alive = pretend_gpus(tmp_path / "bin", *gpus)
        monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
        path = pretend_packages(tmp_path / "packages", *packages)
        # Places of its own: others on this machine may hold theirs.
        slots = {"TMPDIR": str(tmp_path)}
        checkout.run(
            *ONLY, *arguments, "--", "forecast", overlays=OVERLAYS, PYTHONPATH=path, **slots
        )
        records = [json.loads(file.read_text()) for file in (checkout.folder / LOGS).glob("*.json")]
        used = [record["gpu"] for record in records if record["rule"] == "train_forecaster"]
        assert len(used) == 3
        most = max(map(int, alive.read_text().split())) - 1  # Snakemake itself asks first
        return most, set(used)

    return run


def test_one_gpu_has_one_training_at_a_time(trained):
    assert trained(["0"], GPU_BUILD) == (1, {"0"})


def test_jobs_may_share_a_gpu(trained, tmp_path, monkeypatch):
    """By the service that lets them, which runs while the workflow does."""
    calls = pretend_mps(tmp_path / "mps")
    monkeypatch.setenv("PATH", str(tmp_path / "mps"), prepend=":")
    shared = trained(["0"], GPU_BUILD, "--config", "jobs_per_gpu=2", "mps=true")
    assert shared == (2, {"0"})
    start, end = calls.read_text().splitlines()
    assert start.startswith("-d of ") and end == f"quit of {start.removeprefix('-d of ')}"


def test_the_users_own_limit_holds(trained):
    most, _ = trained(["0", "1"], GPU_BUILD, "--resources", "gpu=1")
    assert most == 1


def test_the_users_own_limit_may_be_higher(trained):
    most, used = trained(["0"], GPU_BUILD, "--resources", "gpu=3")
    assert 1 < most <= 3
    assert used == {"0"}


@pytest.mark.parametrize(
    ("backend", "packages", "device"),
    [
        ("tensorflow", ["tensorflow-cpu"], "processor core"),
        ("tensorflow", GPU_BUILD, "GPU"),
        ("jax", ["jax", *GPU_BUILD], "processor core"),
        ("jax", ["jax", "jax-cuda12-plugin"], "GPU"),
    ],
    ids=str,
)
def test_a_gpu_is_asked_for_by_a_build_that_can_use_it(
    checkout, tmp_path, monkeypatch, backend, packages, device
):
    if device != "GPU" and devices.computes_on_gpus(backend):
        pytest.skip("the environment of this test computes on GPUs")
    pretend_gpus(tmp_path / "bin", "0")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    path = pretend_packages(tmp_path / "packages", *packages)
    asked = ("-n", *ONLY, "--config", f"backend={backend}", "--", "forecast")
    printed = checkout.run(*asked, overlays=OVERLAYS, PYTHONPATH=path)
    assert f" of {device} time" in printed
    assert ("EXTRA=" in printed) is (device != "GPU")
    together = (backend, device) == ("jax", "GPU")  # one job for all three seeds
    assert f"To do: {'1 network' if together else '3 networks'} to train" in printed


@pytest.mark.parametrize(
    ("gpus", "requests", "jobs"),
    [
        ([], ["train_forecaster:gpu=1", "train_writer:gpu=0"], "1 network"),
        ([], ["train_forecaster:gpu=0", "dream_picture:gpu=1"], "3 networks"),
        (["0"], ["train_forecaster:gpu=0"], "3 networks"),
    ],
    ids=str,
)
def test_seeds_train_together_if_their_own_rule_has_a_gpu(
    checkout, tmp_path, monkeypatch, gpus, requests, jobs
):
    pretend_gpus(tmp_path / "bin", *gpus)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    path = pretend_packages(tmp_path / "packages", "jax", "jax-cuda12-plugin")
    asked = ("-n", *ONLY, "--config", "backend=jax", "--set-resources", *requests)
    printed = checkout.run(*asked, "--", "forecast", overlays=OVERLAYS, PYTHONPATH=path)
    assert f"To do: {jobs} to train" in printed
