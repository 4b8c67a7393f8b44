"""Runs that fail, are killed, or meet each other, by the commands that people type."""

import os
import shutil
import signal
import time
from contextlib import suppress

import psutil
import pytest
from checkouts import printed

from tests.torture.made import assert_fit_for_eyes

RUN = "results/river-tiny"


def child(process, word: str) -> psutil.Process:
    """The Python process below ``process`` that has the word in its command, once there is one."""
    for _ in range(1200):
        for below in psutil.Process(process.pid).children(recursive=True):
            with suppress(psutil.Error):  # it may just have ended
                if "python" in below.name() and any(word in part for part in below.cmdline()):
                    return below
        time.sleep(0.05)
    pytest.fail(f"no {word} began")


@pytest.mark.faults
def test_a_run_that_was_killed_goes_on(copy, finished):
    """A killed job, then a killed workflow beside a second start; the end is that of a quiet run."""
    run = copy.folder / RUN
    shutil.rmtree(run / "forecast" / "mlp" / "seed0")
    for name in ("forecast/metrics.csv", "provenance.json", "report.html"):
        (run / name).unlink()
    process = copy.start_make("reproduce")
    child(process, "train_forecaster").kill()
    report, failure = printed(process, succeeds=False)[-2:]
    assert report == f"The report so far: {RUN}/report.partial.html"
    assert failure.startswith("train_forecaster variant mlp seed 0 ended without a sentence: ")
    assert "forecast: mlp is not trained" in (run / "report.partial.html").read_text()
    assert not (run / "report.html").exists()

    process = copy.start_make("reproduce")
    child(process, "train_forecaster")
    workflow = child(process, "--cores")
    assert copy.make("reproduce", succeeds=False)[-1] == (
        f"Another run is at work on {RUN}: process {workflow.pid}. Wait until it is done, or stop it "
        f"by `kill {workflow.pid}`, which lets its jobs finish; then start again."
    )
    workflow.kill()
    printed(process, succeeds=False)

    assert copy.make("reproduce")[-1] == f"The report: {RUN}/report.html"
    files = [
        {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
        for folder in (run, finished.folder / RUN)
    ]
    assert files[0].keys() == files[1].keys()
    for name, path in files[1].items():
        if name.parts[0] == "forecast" and name.name != "history.csv":
            assert files[0][name].read_bytes() == path.read_bytes(), name


def test_ctrl_c_twice(copy):
    """By the terminal to all processes at once, while Snakemake begins or ends its jobs."""
    shutil.rmtree(copy.folder / RUN / "forecast" / "mlp" / "seed0")
    process = copy.start_make("reproduce", start_new_session=True)
    child(process, "train_forecaster")
    for pause in (0.3, 0):
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(pause)
    text = process.communicate(timeout=600)[0]
    assert_fit_for_eyes(text, interrupted=True)
    lines = [line for line in text.splitlines() if not line.startswith("make: ")]
    assert lines[-1] == "Interrupted; the same command goes on where it stopped."


def test_after_a_failure_its_sentence_is_the_last_line(copy):
    (copy.folder / "config" / "broken.yaml").write_text("""\
forecast:
  variants:
    lost: {title: Lost, layers: [Flatten, {Dense: {units: 4}}], epochs: 1, optimizer: {name: SGD, learning_rate: 1.0e+38}}
  select: [mlp, gru, lost]
run: river-tiny
""")
    before = (copy.folder / RUN / "report.html").read_bytes()
    report, failure = copy.make("reproduce", ("river", "tiny", "broken"), succeeds=False)[-2:]
    assert report == f"The report so far: {RUN}/report.partial.html"
    assert failure.startswith("train_forecaster: lost seed 0: the loss is not a number from step ")
    assert not list(copy.folder.glob(f"{RUN}/forecast/lost/seed0/*"))
    partial = (copy.folder / RUN / "report.partial.html").read_text()
    assert "This run is not finished.</strong> 1 job failed:" in partial
    assert failure.split("; ")[0] in partial
    assert "forecast: lost is not trained" in partial
    assert "Densely connected network" in partial
    assert (copy.folder / RUN / "report.html").read_bytes() == before
    copy.run()  # without the network that fails
    assert not list((copy.folder / RUN).glob("*partial*"))


def test_the_workflow_knows_the_names_of_runs(finished, tmp_path):
    """A name with a capital and a dot, and one that another overlay has already."""
    copy = finished.copied_to(tmp_path / "copy")
    (copy.folder / "config" / "Tiny.yaml").write_text("run: null\n")
    assert copy.run("-n", overlays=("river", "Tiny"), succeeds=False).splitlines()[-1] == (
        f"{RUN} is already the run of config/river.yaml and config/tiny.yaml, not of "
        "config/river.yaml and config/Tiny.yaml; rename an overlay, or name this run by `run:` in "
        "one of them."
    )
    copy.edit("config/Tiny.yaml", "run: null", "run: river-tiny")
    assert "Job stats" in copy.run("-n", overlays=("river", "Tiny"))
