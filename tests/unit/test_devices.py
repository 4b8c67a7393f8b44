"""Places on GPUs: real processes, pretended devices."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from unittest import mock

import pytest
from checkouts import GPU_BUILD, pretend_mps, pretend_packages
from reverie import devices
from reverie.errors import ReverieError

WORKFLOW = Path(__file__).parents[2] / "workflow"
JOB = """
import json, os, sys, time
from pathlib import Path
from reverie import devices
folder, names, shared, seconds = json.loads(sys.argv[1])
slot = devices.take_slot(names, shared, Path(folder) / "slots")
start = time.time()
if seconds < 0:
    print(slot, flush=True)
    time.sleep(60)
time.sleep(seconds)
(Path(folder) / f"{os.getpid()}.json").write_text(json.dumps([slot, start, time.time()]))
"""


def job(folder: Path, names: list[str], shared: int, seconds: float) -> subprocess.Popen:
    arguments = json.dumps([str(folder), names, shared, seconds])
    environment = os.environ | {"PYTHONPATH": str(WORKFLOW)}
    return subprocess.Popen(
        [sys.executable, "-c", JOB, arguments], env=environment, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize(("names", "shared"), [(["0", "1"], 1), (["0", "2"], 2), (["GPU-a"], 3)])
def test_never_two_on_one_place_and_never_a_free_one_idle(tmp_path, names, shared):
    seconds = random.Random(0)
    jobs = [job(tmp_path, names, shared, seconds.uniform(0.3, 1)) for _ in range(9)]
    assert [process.wait(timeout=60) for process in jobs] == [0] * 9
    held = sorted(json.loads(file.read_text()) for file in tmp_path.glob("*.json"))
    events = sorted(
        [(start, 1, name) for name, start, _ in held] + [(end, -1, name) for name, _, end in held]
    )
    running, most = dict.fromkeys(names, 0), 0
    for _, change, name in events:
        running[name] += change
        assert running[name] <= shared
        most = max(most, sum(running.values()))
    assert most == len(names) * shared
    # A place that is given back is taken within a moment while others wait.
    starts = sorted(start for _, start, _ in held)[len(names) * shared :]
    ends = sorted(end for _, _, end in held)
    assert all(start - end < 50 * devices.WAIT for start, end in zip(starts, ends, strict=False))


def test_a_crashed_job_frees_its_place(tmp_path):
    first = job(tmp_path, ["0"], 1, -1)
    assert first.stdout.readline() == "0\n"
    second = job(tmp_path, ["0"], 1, 0)
    time.sleep(1)
    assert second.poll() is None
    first.send_signal(signal.SIGKILL)
    assert second.wait(timeout=30) == 0
    first.wait()
    first.stdout.close()


def test_which_gpus_there_are(monkeypatch, tmp_path):
    for visible, expected in (
        ("", []),
        ("-1", []),
        ("NoDevFiles", []),
        ("0", ["0"]),
        ("2,GPU-ab", ["2", "GPU-ab"]),
        ("MIG-GPU-ab/1/0, 1", ["MIG-GPU-ab/1/0", "1"]),
        ("1,-1,0", ["1"]),  # CUDA ends the list there
    ):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        assert devices.gpus() == expected
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    tool = tmp_path / "nvidia-smi"
    for said, expected in (("echo 0; echo 1", ["0", "1"]), ("exit 9", []), ("", [])):
        tool.write_text(f"#!/bin/sh\n{said}\n")
        tool.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
        assert devices.gpus() == expected
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    assert devices.gpus() == []


@pytest.mark.parametrize(
    ("backend", "packages", "cudnn", "computes"),
    [
        ("tensorflow", ["tensorflow-cpu"], True, False),
        ("tensorflow", ["tensorflow"], False, False),
        ("tensorflow", ["tensorflow"], True, True),
        ("tensorflow", GPU_BUILD, False, True),
        ("tensorflow", ["tensorflow", "nvidia-cudnn-cu13"], False, True),
        ("tensorflow", ["tensorflow-cpu", "nvidia-cudnn-cu12"], True, False),
        ("tensorflow", ["tensorflow-cpu", "jax", "jax-cuda12-plugin"], True, False),
        ("jax", ["jax", "jaxlib"], True, False),
        ("jax", ["jax", *GPU_BUILD], True, False),
        ("jax", ["jax", "jax-cuda12-plugin"], False, True),
        ("jax", ["jax", "jax-cuda13-plugin"], False, True),
    ],
    ids=str,
)
def test_a_gpu_is_for_a_build_that_can_use_it(
    monkeypatch, tmp_path, backend, packages, cudnn, computes
):
    """``cudnn``: whether the system has that library."""
    (tmp_path / "half_removed-1.dist-info").mkdir()  # pip leaves such
    folder = pretend_packages(tmp_path, *packages)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    monkeypatch.setattr(devices, "find_library", lambda _: "libcudnn.so.9" if cudnn else None)
    with monkeypatch.context() as alone:
        alone.setattr(sys, "path", [folder])
        assert devices.usable_gpus(backend) == ["0"] * computes
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert devices.usable_gpus(backend) == []


def test_a_job_says_how_long_it_waited_for_its_gpu(monkeypatch):
    def take_slot(*_):
        time.sleep(0.3)
        return "0"

    for name in ("CUDA_VISIBLE_DEVICES", "KERAS_BACKEND", "XLA_FLAGS"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
    monkeypatch.setattr(devices, "usable_gpus", lambda _: ["0"])
    monkeypatch.setattr(devices, "take_slot", take_slot)
    record = devices.use("tensorflow", 1, jobs_per_gpu=1)
    assert record["gpu"] == "0"
    assert record["waited"] >= 0.3


def test_what_a_job_sees(monkeypatch, tmp_path):
    """One GPU of its own, or none; Slurm's jobs count for themselves."""
    monkeypatch.syspath_prepend(pretend_packages(tmp_path / "build", *GPU_BUILD))
    monkeypatch.setattr(devices.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(devices, "HELD", [])
    for name in ("KERAS_BACKEND", "JAX_PLATFORMS", "XLA_FLAGS", "TF_NUM_INTRAOP_THREADS"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    assert devices.use("tensorflow", 1, jobs_per_gpu=1)["gpu"] == "0"
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "0"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    assert devices.use("tensorflow", 1, jobs_per_gpu=1)["gpu"] == "1"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    assert devices.use("tensorflow", 1, jobs_per_gpu=1)["gpu"] == "0"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    assert devices.use("tensorflow", 1) == {"gpu": None, "waited": 0}
    assert os.environ["CUDA_VISIBLE_DEVICES"] == ""
    assert os.environ["JAX_PLATFORMS"] == "cpu"


def test_jobs_that_share_a_gpu_have_a_service_of_their_workflow(monkeypatch, tmp_path):
    """It sees all GPUs, whatever the workflow may use: its clients name theirs as others do."""
    ends = []
    monkeypatch.setattr(devices.atexit, "register", lambda *call: ends.append(call))
    for name in ("CUDA_MPS_PIPE_DIRECTORY", "CUDA_MPS_LOG_DIRECTORY"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    with pytest.raises(
        ReverieError, match="^mps: nvidia-cuda-mps-control does not start .* or set"
    ):
        devices.start_mps()
    assert not ends
    calls = pretend_mps(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    devices.start_mps()
    folder = Path(os.environ["CUDA_MPS_PIPE_DIRECTORY"])
    ((stop, *arguments),) = ends
    stop(*arguments)
    assert calls.read_text().splitlines() == [f"-d of {folder} ", f"quit of {folder} 1"]
    assert not folder.exists()


@pytest.mark.parametrize(("gpus", "folder"), [([], devices.platform.node()), (["0"], "gpu")])
def test_jax_keeps_what_it_compiles(monkeypatch, tmp_path, gpus, folder):
    """But for other machines, whose processors may have other instructions, and where it may not write."""
    monkeypatch.setattr(devices, "usable_gpus", lambda _: gpus)
    monkeypatch.setattr(devices, "take_slot", lambda *_: "0")
    with mock.patch.dict(os.environ, XDG_CACHE_HOME=str(tmp_path)):
        os.environ.pop("JAX_COMPILATION_CACHE_DIR", None)
        devices.use("jax", 1, jobs_per_gpu=1)
        kept = Path(os.environ["JAX_COMPILATION_CACHE_DIR"])
        assert kept == tmp_path / "reverie" / "jax" / folder and kept.is_dir()
    (tmp_path / "file").touch()
    with mock.patch.dict(os.environ, XDG_CACHE_HOME=str(tmp_path / "file")):
        os.environ.pop("JAX_COMPILATION_CACHE_DIR", None)
        devices.use("jax", 1, jobs_per_gpu=1)
        assert "JAX_COMPILATION_CACHE_DIR" not in os.environ
