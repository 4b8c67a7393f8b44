"""Places on GPUs: real processes, pretended devices."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from reverie import devices

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
    given = json.dumps([str(folder), names, shared, seconds])
    environment = os.environ | {"PYTHONPATH": str(WORKFLOW)}
    return subprocess.Popen(
        [sys.executable, "-c", JOB, given], env=environment, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize(("names", "shared"), [(["0", "1"], 1), (["0", "2"], 2), (["GPU-a"], 3)])
def test_never_two_on_one_place_and_never_a_free_one_idle(tmp_path, names, shared):
    seconds = random.Random(0)
    jobs = [job(tmp_path, names, shared, seconds.uniform(0.3, 1)) for _ in range(9)]
    assert [one.wait(timeout=60) for one in jobs] == [0] * 9
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
    for visible, found in (("", []), ("-1", []), ("0", ["0"]), ("2,GPU-ab", ["2", "GPU-ab"])):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        assert devices.gpus() == found
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    tool = tmp_path / "nvidia-smi"
    for said, found in (("echo 0; echo 1", ["0", "1"]), ("exit 9", []), ("", [])):
        tool.write_text(f"#!/bin/sh\n{said}\n")
        tool.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
        assert devices.gpus() == found
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    assert devices.gpus() == []


def test_what_a_job_sees(monkeypatch, tmp_path):
    """One GPU of its own, or none; Slurm's jobs count for themselves."""
    monkeypatch.setattr(devices.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(devices, "HELD", [])
    for name in ("KERAS_BACKEND", "JAX_PLATFORMS", "XLA_FLAGS", "TF_NUM_INTRAOP_THREADS"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    assert devices.use("tensorflow", 1, jobs_per_gpu=1) == "0"
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "0"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    assert devices.use("tensorflow", 1, jobs_per_gpu=1) == "1"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    assert devices.use("tensorflow", 1, jobs_per_gpu=1) == "0"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    assert devices.use("tensorflow", 1) is None
    assert os.environ["CUDA_VISIBLE_DEVICES"] == ""
    assert os.environ["JAX_PLATFORMS"] == "cpu"
