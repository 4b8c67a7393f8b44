"""What all tests share."""

import gc
import os

from fixtures import mirror, trained_run, whole_run  # noqa: F401

gc.disable()  # until all test files are imported, which makes many objects and no garbage

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
# As in jobs; threads of several test processes would wait for each other.
os.environ |= dict.fromkeys(
    ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1"
)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores, since many tests wait for other processes."""
    return len(os.sched_getaffinity(0)) + 1


LONG = {
    "test_training.py",
    "test_recurrent.py",
    "test_text.py",
    "test_weather.py",
    "test_workflow.py",
}


def pytest_collection_modifyitems(items: list) -> None:
    """The longest files of one core first: at the end the other processes would wait for them."""
    items.sort(key=lambda item: item.path.name not in LONG)


def pytest_collection_finish() -> None:
    """What is imported by now is no garbage and need not be searched for any, again and again."""
    gc.collect()
    gc.freeze()
    gc.enable()
