"""What a job may use of the machine. Imported before Keras, since it sets its environment."""

import os
import sys
from contextlib import contextmanager


def use(backend: str, threads: int, convolutions: bool = False) -> None:
    """Choose the Keras backend and the number of threads of this process.

    Single-threaded training is the rule: a second core buys a recurrent network little, a second
    network on it buys twice the work. With ``convolutions`` TensorFlow uses oneDNN on every
    processor, not on Intel's alone: their gradients take half the time.
    """
    if convolutions:
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
