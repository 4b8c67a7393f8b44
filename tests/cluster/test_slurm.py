"""The tiny workflow on a real Slurm, with a job that is cancelled and one that runs out of time."""

import json
import re
import subprocess
import time
from pathlib import Path

import pytest
from checkouts import Checkout, history

OVERLAYS = ("river", "tiny", "long")
RUN = "results/river-tiny-long"
# Both are met in training, and what is left of gru outlasts Slurm's look at the clock, every 30 s.
LONG = """\
forecast:
  steps: 9000
  max_epochs: 12
  variants:
    mlp: {steps: 40000}
"""


def slurm_says(*command) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def job_of(comment: str) -> str | None:
    """The running Slurm job whose comment has this in it."""
    for line in slurm_says("squeue", "-h", "-t", "R", "-o", "%i|%k").splitlines():
        number, _, said = line.partition("|")
        if comment in said:
            return number
    return None


@pytest.fixture(scope="module")
def done(cluster):
    """The checkout after the run, with what was `printed`, and a `local` run beside it.

    `gpus`: the one of each training while both were at work; `ended`: the jobs that were ended.
    """
    (cluster.folder / "config" / "long.yaml").write_text(LONG)
    cluster.local = cluster.copied_to(cluster.folder.with_name("local"))
    local = start(cluster.local)
    process = start(cluster, "--workflow-profile", "profiles/slurm")
    logs = cluster.folder / RUN / "logs" / "forecast"
    in_training = {name: job_in_training(process, logs, name) for name in ("mlp", "gru")}
    cluster.gpus = {name: gpu_of(job) for name, job in in_training.items()}
    slurm_says("scancel", in_training["mlp"])
    slurm_says("scontrol", "update", f"JobId={in_training['gru']}", "TimeLimit=00:00:01")
    cluster.ended = {"CANCELLED": in_training["mlp"], "TIMEOUT": in_training["gru"]}
    cluster.printed, _ = process.communicate(timeout=600)
    assert process.returncode == 0, cluster.printed
    said, _ = local.communicate(timeout=600)
    assert local.returncode == 0, said
    return cluster


def start(checkout: Checkout, *arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        checkout.command(*arguments, "--", "forecast", overlays=OVERLAYS),
        cwd=checkout.folder, text=True,
        env=checkout.environment(PYTHONPATH=str(checkout.folder / "packages")),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def job_in_training(process: subprocess.Popen, logs: Path, name: str) -> str:
    """The Slurm job of the variant, once it has trained for an epoch."""
    log = logs / name / "seed0.log"
    while process.poll() is None:
        if log.exists() and "epoch 1 of 12" in log.read_text() and (job := job_of(name)):
            return job
        time.sleep(0.2)
    raise AssertionError(f"the workflow ended before {name} trained: {process.communicate()[0]}")


def gpu_of(job: str) -> str | None:
    """The number of the GPU that Slurm has given to the running job."""
    told = slurm_says("scontrol", "show", "job", "--details", "--oneliner", job)
    index = re.search(r"GRES=gpu:1\(IDX:(\d+)\)", told)
    return index and index[1]


def record(checkout, name: str) -> dict:
    return json.loads((checkout.folder / RUN / "logs" / f"{name}.json").read_text())


def test_each_training_has_a_gpu_of_its_own_and_helpers_have_none(done):
    assert set(done.gpus.values()) == {"0", "1"}
    for name in ("mlp", "gru"):  # by the second attempt, which may have the other one
        assert record(done, f"forecast/{name}/seed0")["gpu"] in {"0", "1"}
    for name in ("forecast/series", "forecast/metrics"):
        assert "gpu" not in record(done, name)
    told = slurm_says("scontrol", "show", "job", "--oneliner").splitlines()
    jobs = {re.search(r"Comment=(\S+)", job)[1]: job for job in told if "Comment=" in job}
    assert len(jobs) >= 5
    for comment, job in jobs.items():
        assert ("gres:gpu:1" in job or "gres/gpu" in job) is ("train" in comment), comment


def test_a_cancelled_job_and_one_out_of_time_are_tried_again_and_go_on(done):
    states = slurm_says("scontrol", "show", "job", "--oneliner")
    for state, job in done.ended.items():
        assert re.search(rf"^JobId={job} .*JobState={state}", states, re.MULTILINE), states
    for name in ("mlp", "gru"):
        log = (done.folder / RUN / f"logs/forecast/{name}/seed0.log").read_text()
        assert "resumes in epoch" in log
    assert done.printed.count("Trying to restart job") >= 2
    assert list((done.folder / RUN / "checkpoints").iterdir()) == []


def test_the_logs_of_failed_jobs_are_named(done):
    failed = done.printed.split("Error in rule train_forecaster")[1:]
    assert len(failed) >= 2
    for message in failed:
        log = re.search(r"(\S*logs/forecast/\w+/seed0\.log)", message)[1]
        assert (done.folder / log).is_file()


def test_the_results_are_those_of_a_local_run(done):
    """All but the seconds, on the same processor."""
    for name in ("metrics.csv", "summary.csv", "pairs.csv", "conditions.csv", "coverage.csv"):
        paths = [one.folder / RUN / "forecast" / name for one in (done, done.local)]
        assert paths[0].read_bytes() == paths[1].read_bytes(), name
    for variant in ("mlp", "gru"):
        files = [
            one.folder / RUN / f"forecast/{variant}/seed0/history.csv" for one in (done, done.local)
        ]
        assert history(files[0]) == history(files[1])
