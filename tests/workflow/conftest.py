"""The workflow, run once; tests copy it before they change it."""

from pathlib import Path

import pytest
from checkouts import Checkout, river_checkout
from once import once_for_all


@pytest.fixture(scope="session")
def finished(tmp_path_factory, worker_id) -> Checkout:
    """A checkout in which the workflow has run, and what it printed."""

    def make(folder: Path) -> None:
        (folder / "reverie").mkdir()
        (folder / "printed.txt").write_text(river_checkout(folder / "reverie").run())

    folder = once_for_all(tmp_path_factory, worker_id, "finished", make)
    checkout = Checkout.at(folder / "reverie")
    checkout.printed = (folder / "printed.txt").read_text()
    return checkout


@pytest.fixture
def copy(finished, tmp_path) -> Checkout:
    """A copy of the finished checkout with its results and Snakemake's memory."""
    return finished.copied_to(tmp_path / "copy")
