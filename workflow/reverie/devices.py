"""The backend, GPU and threads of a job. To be used before Keras is imported, which reads them then."""

import atexit
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from ctypes.util import find_library
from importlib import metadata
from itertools import takewhile
from pathlib import Path

from filelock import FileLock, Timeout

from reverie.errors import ReverieError

NAME = re.compile(r"\d+|(GPU|MIG)-.+")  # of a device in `CUDA_VISIBLE_DEVICES`
WAIT = 0.2  # seconds between two attempts to get a GPU
# The most in a folder of compiled code; what was used longest ago goes first.
COMPILED_BYTES = 2**29
MPS = "nvidia-cuda-mps-control"
HELD: list[FileLock] = []  # the lock of this process's slot, which the system frees at its end


def gpus() -> list[str]:
    """Names of this machine's GPUs; if `CUDA_VISIBLE_DEVICES` is set, only of those that it lists.

    As in CUDA, the list ends before the first word that is no device's name, such as -1.
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
    """Names of this machine's GPUs; none if the installed build of the backend cannot use them."""
    names = gpus()
    return names if names and computes_on_gpus(backend) else []


def computes_on_gpus(backend: str) -> bool:
    """Whether the installed build of the Keras backend is for GPUs; does not import it.

    JAX needs its CUDA plugin; TensorFlow must not be tensorflow-cpu, and needs cuDNN as a package or
    from the system.
    """
    names = (str(distribution.name) for distribution in metadata.distributions())
    packages = {name.lower().replace("_", "-") for name in names}

    def installed(pattern: str) -> bool:
        return any(re.fullmatch(pattern, package) for package in packages)

    if backend == "jax":
        return installed(r"jax-cuda\d+-plugin")
    return "tensorflow" in packages and (
        installed(r"nvidia-cudnn-cu\d+") or find_library("cudnn") is not None
    )


def take_slot(names: list[str], jobs_per_gpu: int, folder: Path) -> str:
    """Wait for a slot on one of the GPUs, keep it until this process ends, and return the GPU's name.

    A slot is a locked file in ``folder``; the system frees it however the process ends. The first slot
    of every GPU is tried before any second one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    while True:
        for slot in range(jobs_per_gpu):
            for name in names:
                lock = FileLock(folder / f"{name}.{slot}.lock", timeout=0)
                try:
                    HELD.append(lock.acquire().lock)
                except Timeout:
                    continue
                return name
        time.sleep(WAIT)


def slots_folder() -> Path:
    """The folder of the slots: the same for all jobs that see the same GPUs.

    Slurm gives each of its jobs GPUs of its own, which it may number from 0 in every job.
    """
    owner = [str(os.getuid()), *filter(None, [os.environ.get("SLURM_JOB_ID")])]
    return Path(tempfile.gettempdir()) / f"reverie-gpus-{'-'.join(owner)}"


def use(backend: str, threads: int, jobs_per_gpu: int = 0) -> dict:
    """Choose the Keras backend, the GPU and the number of threads of this process, by its environment.

    With ``jobs_per_gpu`` the process waits for a slot on a GPU, which at most so many processes share;
    0 is for a process that needs no GPU. Returns `gpu`, its name or None, and `waited`, the seconds
    until it had the slot.

    Training on a processor is single-threaded as a rule: a second core speeds up a recurrent network
    little, while a second network on it is twice the work. TensorFlow uses oneDNN on every processor,
    not on Intel's alone: convolutions and their gradients take about half the time.
    """
    names = usable_gpus(backend) if jobs_per_gpu else []
    begin = time.monotonic()
    gpu = take_slot(names, jobs_per_gpu, slots_folder()) if names else ""
    waited = round(time.monotonic() - begin, 2)
    os.environ.update(
        KERAS_BACKEND=backend,
        CUDA_VISIBLE_DEVICES=gpu,
        # Memory as it is needed, since other jobs may share the GPU.
        TF_FORCE_GPU_ALLOW_GROWTH="true",
        XLA_PYTHON_CLIENT_PREALLOCATE="false",
        TF_ENABLE_ONEDNN_OPTS="1",
        TF_CPP_MIN_LOG_LEVEL="2",
        OMP_NUM_THREADS=str(threads),
        TF_NUM_INTRAOP_THREADS=str(threads),
        TF_NUM_INTEROP_THREADS=str(threads),
    )
    if not gpu:
        os.environ["JAX_PLATFORMS"] = "cpu"
    if backend == "jax":
        keep_compiled(gpu)
    if threads == 1:  # JAX has no setting of its own
        flags = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
        os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {flags}".strip()
    return {"gpu": gpu or None, "waited": waited}


def keep_compiled(gpu: str) -> None:
    """Let JAX keep what it compiles in the user's cache folder, from where later jobs take it.

    JAX recompiles for other code, versions, flags and GPUs; each machine has a folder of its own for
    processors, in which compiled code may differ. ``gpu`` is a GPU's name, or empty.
    """
    from pooch import os_cache

    folder = os_cache("reverie") / "jax" / ("gpu" if gpu else platform.node())
    with suppress(OSError):  # a cache that cannot be written is none
        folder.mkdir(parents=True, exist_ok=True)
        os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(folder))
        os.environ.setdefault("JAX_COMPILATION_CACHE_MAX_SIZE", str(COMPILED_BYTES))
        os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.2")


def start_mps() -> None:
    """Start NVIDIA's Multi-Process Service for the jobs that this process starts; it ends with it.

    Jobs that share a GPU then compute at the same time rather than in turns. Raises ReverieError.
    """
    folder = tempfile.mkdtemp(prefix="reverie-mps-")
    os.environ.update(CUDA_MPS_PIPE_DIRECTORY=folder, CUDA_MPS_LOG_DIRECTORY=folder)
    # The service numbers what it sees, but jobs name GPUs as all processes do.
    everything = {key: os.environ[key] for key in os.environ.keys() - {"CUDA_VISIBLE_DEVICES"}}
    try:
        done = subprocess.run(
            [MPS, "-d"], env=everything, capture_output=True, text=True, timeout=60
        )
        problem = done.returncode and (done.stderr or done.stdout).strip()
    except (OSError, subprocess.TimeoutExpired) as error:
        problem = error
    if problem:
        raise ReverieError(
            f"mps: {MPS} does not start ({problem}); install it with NVIDIA's driver, or set `mps: false`."
        )
    atexit.register(stop_mps, folder)


def stop_mps(folder: str) -> None:
    """End the service; what it wrote into ``folder`` goes."""
    with suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run([MPS], input="quit\n", capture_output=True, text=True, timeout=60)
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def quiet():
    """Drop what compiled libraries write to standard error in the body; exceptions pass."""
    sys.stderr.flush()
    stderr, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)
