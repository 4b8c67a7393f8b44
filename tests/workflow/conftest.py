"""The workflow, run once; tests copy it before they change it."""

import pytest
from checkouts import Checkout, river_checkout
from filelock import FileLock


@pytest.fixture(scope="session")
def finished(tmp_path_factory, worker_id) -> Checkout:
    """A checkout in which the workflow has run, once for all workers of pytest-xdist."""
    shared = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        shared = shared.parent
    folder, printed = shared / "finished", shared / "finished.txt"
    with FileLock(shared / "finished.lock"):
        if printed.exists():
            checkout = Checkout.at(folder)
        else:
            folder.mkdir()
            checkout = river_checkout(folder)
            printed.write_text(checkout.run())
    checkout.printed = printed.read_text()
    return checkout


@pytest.fixture
def copy(finished, tmp_path) -> Checkout:
    """A copy of the finished checkout with its results and Snakemake's memory."""
    return finished.copied_to(tmp_path / "copy")
