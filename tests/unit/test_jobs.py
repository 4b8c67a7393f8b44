"""What surrounds every job."""

import json
import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from checkouts import REPOSITORY
from reverie import jobs
from reverie.checkpoints import Interrupted


def too_large_for_numpy():
    np.zeros(2**60, np.float32)


def too_large_for_tensorflow():
    import tensorflow

    tensorflow.zeros((2**28, 2**28))


@pytest.mark.parametrize("attempt", [too_large_for_numpy, too_large_for_tensorflow])
def test_a_lack_of_memory_has_its_sentence(tmp_path, capsys, attempt):
    log = tmp_path / "dream.log"
    snakemake = SimpleNamespace(
        rule="dream_picture",
        log=[log],
        input={},
        wildcards={},
        resources={},
        params=SimpleNamespace(code="x"),
    )
    with pytest.raises(SystemExit) as end, jobs.job(snakemake):
        attempt()
    sentence = (
        "dream_picture: there is not enough memory; choose smaller sizes, batches or networks.\n"
    )
    assert end.value.code == 1
    assert capsys.readouterr().err.endswith(sentence)
    assert log.read_text() == sentence


def interrupted_alone():
    os.kill(os.getpid(), signal.SIGINT)


def interrupted_in_an_import():
    """As a compiled module ends whose initialisation is interrupted."""
    try:
        os.kill(os.getpid(), signal.SIGINT)
    except KeyboardInterrupt:
        raise ImportError("initialization failed") from None


def interrupted_by_the_saver():
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "attempt", [interrupted_alone, interrupted_in_an_import, interrupted_by_the_saver]
)
def test_an_interrupt_has_its_sentence(tmp_path, capsys, attempt):
    snakemake = SimpleNamespace(
        rule="dream_picture",
        log=[tmp_path / "dream.log"],
        input={},
        wildcards={},
        resources={},
        params=SimpleNamespace(code="x"),
    )
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(SystemExit) as end, jobs.job(snakemake):
        attempt()
    assert end.value.code == 130
    assert capsys.readouterr().err == "dream_picture: interrupted.\n"
    assert signal.getsignal(signal.SIGINT) == handler


def test_a_stopped_training_leaves_its_sentence_in_the_log(tmp_path):
    snakemake = SimpleNamespace(
        rule="train_writer",
        log=[tmp_path / "seed0.log"],
        input={},
        wildcards={},
        resources={},
        params=SimpleNamespace(code="x"),
    )
    with pytest.raises(SystemExit) as end, jobs.job(snakemake):
        raise Interrupted("seed 0: stopped in epoch 2; it resumes from there")
    assert end.value.code == 1
    told = jobs.failure("train_writer", {"seed": "0"}, str(tmp_path / "seed0.log"))
    assert told == "train_writer: seed 0: stopped in epoch 2; it resumes from there"


@pytest.mark.parametrize(
    ("weights", "sample", "estimate"),
    [("vgg19.json", False, 90), ("vgg19.json", True, None), ("", False, 90)],
)
def test_a_stand_in_is_no_measure_of_the_network_that_it_replaces(
    tmp_path, weights, sample, estimate
):
    (tmp_path / "vgg19.json").write_text(json.dumps({"sample": sample}))
    snakemake = SimpleNamespace(
        rule="dream_picture",
        log=[tmp_path / "dream.log"],
        input={"weights": str(tmp_path / weights)},  # a folder, as in the text, without a name
        wildcards={"dream": "sky"},
        resources={"estimated_seconds": 90},
        params=SimpleNamespace(code="x"),
    )
    with jobs.job(snakemake):
        pass
    assert json.loads((tmp_path / "dream.json").read_text())["estimate"] == estimate


NETWORK_JOB = """
import sys
from types import SimpleNamespace
from reverie.network_jobs import network_job

snakemake = SimpleNamespace(
    rule="train_forecaster",
    log=[sys.argv[1]],
    input={},
    wildcards={},
    resources={},
    threads=1,
    config={"backend": "tensorflow", "jobs_per_gpu": 1},
    params=SimpleNamespace(code="x"),
)
with network_job(snakemake):
    print(sorted({"keras", "pandas"} & sys.modules.keys()))
"""


def test_the_body_of_a_network_job_finds_keras_imported_quietly(tmp_path):
    """Whatever the body imports first: not before its device is chosen, nor with pandas."""
    log = tmp_path / "gru.log"
    command = [sys.executable, "-c", NETWORK_JOB, log]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("['keras']\n", "")
    assert log.read_text() == done.stdout
    record = json.loads(log.with_suffix(".json").read_text())
    assert (record["gpu"], record["device"], record["waited"]) == (None, "cpu", 0)
    assert (record["precision"], record["recurrent"]) == ("float32", "")


PRECISION = """
import sys
from reverie import backend
backend.on_processor = lambda: False
if sys.argv[1] == "jax":
    import jax
    used = lambda: jax.config.jax_default_matmul_precision != "float32"
else:
    import tensorflow as tf
    used = tf.config.experimental.tensor_float_32_execution_enabled
print([(backend.set_precision(tf32), used()) for tf32 in (False, True)])
"""
PYTHONS = {"tensorflow": sys.executable, "jax": os.environ.get("REVERIE_JAX")}


@pytest.mark.parametrize("framework", PYTHONS)
def test_a_gpu_rounds_to_tf32_only_where_it_may(framework):
    if not PYTHONS[framework]:
        pytest.skip("NO JAX: REVERIE_JAX names a python that has it")
    done = subprocess.run(
        [PYTHONS[framework], "-c", PRECISION, framework],
        env=os.environ | {"KERAS_BACKEND": framework, "PYTHONPATH": str(REPOSITORY / "workflow")},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "[('float32', False), ('TF32', True)]\n", done.stderr
