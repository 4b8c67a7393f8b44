"""The workflow, run once; tests copy it before they change it."""

import pytest
from checkouts import Checkout, river_checkout


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Checkout:
    """A checkout in which the workflow has run; tests copy it before they change it."""
    checkout = river_checkout(tmp_path_factory.mktemp("finished"))
    checkout.printed = checkout.run()
    return checkout


@pytest.fixture
def copy(finished, tmp_path) -> Checkout:
    """A copy of the finished checkout with its results and Snakemake's memory."""
    return finished.copied_to(tmp_path / "copy")
