"""Jobs and the workflow itself are killed again and again; the end is that of a quiet run."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress

import psutil
import pytest
from checkouts import add_harbour, history, river_checkout

pytestmark = pytest.mark.skipif(
    not os.environ.get("REVERIE_KILLS"), reason="NO KILLS: REVERIE_KILLS=1 spends minutes on them"
)
KILLS = 24
OVERLAYS = ("river", "tiny", "kills")
RUN = "results/river-tiny-kills"
OVERLAY = """\
parts: [forecast, text, dream]
samples: auto
mirrors: [nowhere]
assets:
  inception_v3: {addresses: []}
  nietzsche: {addresses: []}
forecast:
  steps: 1500
  variants:
    mlp: {steps: 2000}
text:
  seeds: [0]
  epochs: 2
  steps: 60
  layers: [{LSTM: {units: 8}}]
  sampling: {characters: 40, temperatures: [0.5], epochs: [1]}
dream:
  select: [harbour]
  harbour:
    picture: harbour.jpg
    network: InceptionV3
    layers: {mixed3: 1}
    size: 190
    octaves: 2
    steps: 20
    sheet: {layers: [mixed0, mixed4], size: 190, octaves: 1, steps: 10}
    film: {frames: 12, steps: 2, size: 190}
"""


def checkout_at(folder):
    folder.mkdir()
    checkout = river_checkout(folder)
    (folder / "config" / "kills.yaml").write_text(OVERLAY)
    add_harbour(folder)
    checkout.edit("workflow/reverie/checkpoints.py", "SAVE_SECONDS = 60.0", "SAVE_SECONDS = 0.5")
    # The sample of a network is named after its code, which was just changed.
    code = "from reverie import assets; import pathlib; print(assets.convnet_path(pathlib.Path()))"
    name = subprocess.run(
        [sys.executable, "-c", code],
        env=checkout.environment(PYTHONPATH=str(folder / "workflow")),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    next((folder / "resources").glob("sample_convnet_*")).rename(folder / "resources" / name)
    return checkout


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """A quiet run, and one with kills; what was killed, and what every start printed."""
    folder = tmp_path_factory.mktemp("kills")
    quiet = checkout_at(folder / "quiet")
    noisy = quiet.copied_to(folder / "noisy")  # with the very weights: pictures carry their hash
    quiet.run(overlays=OVERLAYS)
    noisy.killed, generator = [], random.Random(0)
    while len(noisy.killed) < KILLS:
        process = start(noisy)
        while process.poll() is None and len(noisy.killed) < KILLS:
            time.sleep(generator.uniform(0.5, 6))
            aim(process, generator, noisy.killed)
        process.wait(timeout=300)
        assert_alone(noisy)
        if process.returncode == 0:  # done before all kills were spent: begin again
            remove_a_result(noisy, generator)
    assert start(noisy).wait(timeout=300) == 0, said(noisy)
    return quiet, noisy


def said(checkout) -> str:
    """All that the workflow printed in all its starts."""
    return (checkout.folder / "said.log").read_text()


def start(checkout) -> subprocess.Popen:
    """What `make` does: unlock if nobody is at work, and go on."""
    subprocess.run(
        [sys.executable, "-m", "reverie.running"],
        cwd=checkout.folder,
        env=checkout.environment(PYTHONPATH=str(checkout.folder / "workflow")),
        check=True,
    )
    with open(checkout.folder / "said.log", "a") as log:
        return subprocess.Popen(
            checkout.command(overlays=OVERLAYS),
            cwd=checkout.folder,
            env=checkout.environment(),
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def aim(process, generator, killed: list) -> None:
    """Send a signal to one of the jobs, or one time in four to the workflow itself."""
    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(process.pid)
        jobs = [
            child
            for child in parent.children(recursive=True)
            if "python" in child.name() and any("scripts/tmp" in word for word in child.cmdline())
        ]
        number = generator.choice([signal.SIGKILL, signal.SIGTERM])
        if jobs and generator.random() < 0.75:
            child = generator.choice(jobs)
            script = child.cmdline()[-1].rpartition(".")[0].rpartition(".")[2]
            child.send_signal(number)
            killed.append((script, number))
        elif jobs:
            parent.send_signal(number)
            killed.append(("snakemake", number))
            process.wait(timeout=300)


def assert_alone(checkout) -> None:
    """Nobody is at work in the folder any more: jobs have ended with their workflow."""
    for _ in range(300):
        left = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.cwd() == str(checkout.folder) and process.status() != "zombie":
                    left.append(process.cmdline())
        if not left:
            return
        time.sleep(0.1)
    raise AssertionError(left)


def remove_a_result(checkout, generator) -> None:
    """Of a training, a dream or a film, and what was made of it: what stands at the end is asked for."""
    results = generator.choice(
        [
            ["forecast/gru/seed0/history.csv", "forecast/metrics.csv"],
            ["dream/harbour.png"],
            ["dream/films/harbour.mp4"],
        ]
    )
    for name in [*results, "provenance.json", "report.html"]:
        (checkout.folder / RUN / name).unlink(missing_ok=True)


def test_enough_was_killed(both):
    _, noisy = both
    assert len(noisy.killed) == KILLS
    victims = {name for name, _ in noisy.killed}
    assert "snakemake" in victims
    assert len(victims) >= 3
    assert {number for _, number in noisy.killed} == {signal.SIGKILL, signal.SIGTERM}


def test_the_end_is_that_of_a_quiet_run(both):
    quiet, noisy = (one.folder / RUN for one in both)
    compared = 0
    for path in sorted(quiet.rglob("*")):
        name = path.relative_to(quiet).as_posix()
        if path.is_file() and name.startswith(("forecast", "text", "dream")):
            other = noisy / name
            if path.name == "history.csv":
                assert history(path) == history(other), name
            else:
                assert path.read_bytes() == other.read_bytes(), name
            compared += 1
    assert compared > 40


def test_nothing_is_left_behind(both):
    quiet, noisy = both
    assert noisy.planned(overlays=OVERLAYS) == {}
    assert not list((noisy.folder / ".snakemake/locks").iterdir())
    assert list((noisy.folder / RUN / "checkpoints").iterdir()) == []
    files = [
        {p.relative_to(one.folder).as_posix() for p in (one.folder / RUN).rglob("*")}
        for one in both
    ]
    assert files[0] == files[1]  # no half file either
    assert len(json.loads((noisy.folder / RUN / "provenance.json").read_text())["jobs"]) > 10


def test_a_workflow_at_work_is_not_unlocked(tmp_path):
    """Only what the system says is gone counts as gone."""
    checkout = checkout_at(tmp_path / "one")
    shutil.rmtree(checkout.folder / ".snakemake", ignore_errors=True)
    process = start(checkout)
    locks = checkout.folder / ".snakemake/locks"
    for _ in range(300):
        if locks.is_dir() and list(locks.iterdir()):
            break
        time.sleep(0.1)
    unlock = [sys.executable, "-m", "reverie.running"]
    environment = checkout.environment(PYTHONPATH=str(checkout.folder / "workflow"))
    command = {"cwd": checkout.folder, "env": environment, "capture_output": True, "text": True}
    assert subprocess.run(unlock, **command).stdout == ""
    assert list(locks.iterdir())
    process.kill()
    process.wait()
    assert "The last run was killed" in subprocess.run(unlock, **command).stdout
    assert not list(locks.iterdir())
    assert_alone(checkout)
