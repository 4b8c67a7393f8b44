"""What a job may use of the machine. Imported before Keras, since it sets its environment."""

import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from ctypes.util import find_library
from importlib import metadata
from itertools import takewhile
from pathlib import Path

from filelock import FileLock, Timeout

NAME = re.compile(r"\d+|(GPU|MIG)-.+")  # of a device in `CUDA_VISIBLE_DEVICES`
WAIT = 0.2  # seconds until a job looks again for a free GPU
HELD: list[FileLock] = []  # this process's slot: the lock is gone when the process is


def gpus() -> list[str]:
    """The GPUs of this machine as `CUDA_VISIBLE_DEVICES` names them; of those that it names, if any.

    As for CUDA, the list ends before the first word that names no device: -1, NoDevFiles.
    """
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        command = ["nvidia-smi", "--query-gpu=index", "--format=csv,noheader"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        except (OSError, subprocess.TimeoutExpired):
            return []
        visible = ",".join(done.stdout.split()) if done.returncode == 0 else ""
    return list(takewhile(NAME.fullmatch, map(str.strip, visible.split(","))))


def usable_gpus(backend: str) -> list[str]:
    """The GPUs of this machine, or none where the installed build of the backend cannot use them."""
    names = gpus()
    return names if names and computes_on_gpus(backend) else []


def computes_on_gpus(backend: str) -> bool:
    """Whether the installed build of the Keras backend is for GPUs, asked without importing it.

    JAX needs its plugin for CUDA; TensorFlow must not be tensorflow-cpu, and needs cuDNN as a package
    beside it or from the system.
    """
    packages = {str(one.name).lower().replace("_", "-") for one in metadata.distributions()}

    def installed(pattern: str) -> bool:
        return any(re.fullmatch(pattern, package) for package in packages)

    if backend == "jax":
        return installed(r"jax-cuda\d+-plugin")
    return "tensorflow" in packages and (
        installed(r"nvidia-cudnn-cu\d+") or find_library("cudnn") is not None
    )


def take_slot(names: list[str], jobs_per_gpu: int, folder: Path) -> str:
    """Wait for a place on one of the GPUs, and keep it until this process ends; gives its name.

    A place is a locked file in ``folder``; the system frees it however the process ends. Each GPU's first
    place is tried before any second one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    while True:
        for place in range(jobs_per_gpu):
            for name in names:
                lock = FileLock(folder / f"{name}.{place}.lock", timeout=0)
                try:
                    HELD.append(lock.acquire().lock)
                except Timeout:
                    continue
                return name
        time.sleep(WAIT)


def slots_folder() -> Path:
    """Where the places are: the same for all jobs that see the same GPUs.

    Slurm gives each of its jobs GPUs of its own, which it may number from 0 for each.
    """
    whose = [str(os.getuid()), *filter(None, [os.environ.get("SLURM_JOB_ID")])]
    return Path(tempfile.gettempdir()) / f"reverie-gpus-{'-'.join(whose)}"


def use(backend: str, threads: int, jobs_per_gpu: int = 0) -> dict:
    """Choose the Keras backend, the GPU and the number of threads of this process.

    Gives `gpu`, its name or None, and `waited`, the seconds until it had a place there.

    With ``jobs_per_gpu`` the process gets a place on a GPU, which it shares with so many others at
    most, and waits for it; 0 is for a process that needs none. Single-threaded training is the rule
    on a processor: a second core buys a recurrent network little, a second network on it buys twice
    the work. TensorFlow uses oneDNN on every processor, not on Intel's alone: convolutions and their
    gradients take about half the time.
    """
    names = usable_gpus(backend) if jobs_per_gpu else []
    begin = time.monotonic()
    slot = take_slot(names, jobs_per_gpu, slots_folder()) if names else ""
    waited = round(time.monotonic() - begin, 2)
    os.environ["CUDA_VISIBLE_DEVICES"] = slot
    # Memory as it is needed, since other jobs may share the GPU.
    os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"
    os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"
    if not slot:
        os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"
    os.environ["KERAS_BACKEND"] = backend
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
    for variable in (
        "OMP_NUM_THREADS",
        "TF_NUM_INTRAOP_THREADS",
        "TF_NUM_INTEROP_THREADS",
    ):
        os.environ[variable] = str(threads)
    if threads == 1:  # JAX has no setting of its own
        os.environ["XLA_FLAGS"] = " ".join(
            [
                os.environ.get("XLA_FLAGS", ""),
                "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
            ]
        ).strip()
    return {"gpu": slot or None, "waited": waited}


@contextmanager
def quiet():
    """What compiled libraries write to standard error inside is dropped; exceptions pass."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
