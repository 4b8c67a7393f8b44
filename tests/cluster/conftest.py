"""A real Slurm of one node, started and stopped by `slurm.sh`."""

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from checkouts import GPU_BUILD, pretend_packages, river_checkout

SCRIPT = Path(__file__).parent / "slurm.sh"
PROFILE = Path("profiles/slurm/profile.yaml")
SOON = {"slurm-init-seconds-before-status-checks: 20": "slurm-init-seconds-before-status-checks: 2"}
SOON |= {"\nseconds-between-status-checks: 20": "\nseconds-between-status-checks: 2"}
SOON |= {"latency-wait: 60": "latency-wait: 10"}


@pytest.fixture(scope="session")
def slurm():
    """Slurm at work; skipped without it, unless REVERIE_SLURM demands it."""
    plugin = importlib.util.find_spec("snakemake_executor_plugin_slurm")
    if not plugin or not shutil.which("slurmctld") or os.getuid():
        missing = "the executor plugin, slurm-wlm, or the right to start it as root is missing"
        if os.environ.get("REVERIE_SLURM"):
            pytest.fail(f"REVERIE_SLURM is set, and {missing}")
        pytest.skip(f"NO SLURM: {missing}")
    done = subprocess.run([SCRIPT, "start"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    yield
    subprocess.run([SCRIPT, "stop"], check=True)


@pytest.fixture(scope="session")
def cluster(slurm, tmp_path_factory):
    """A checkout that runs on Slurm, with a profile that looks after its jobs more often.

    Its `packages` pretend a build for GPUs.
    """
    checkout = river_checkout(tmp_path_factory.mktemp("cluster"))
    pretend_packages(checkout.folder / "packages", *GPU_BUILD)
    for old, new in SOON.items():
        checkout.edit(PROFILE, old, new)
    return checkout
