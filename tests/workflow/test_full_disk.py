"""A disk that is full or read-only: a sentence, and nothing is lost."""

import os
import subprocess

import pytest
from checkouts import river_checkout

RUN = "results/river-tiny"


@pytest.fixture
def disk(tmp_path):
    """A checkout whose results lie on a disk of their own, and what changes that disk."""
    folder = tmp_path / "reverie"
    folder.mkdir()
    checkout = river_checkout(folder)
    place = folder / "results"
    place.mkdir(exist_ok=True)

    def remount(options: str):
        subprocess.run(["mount", "-o", f"remount,{options}", place], check=True)

    mounted = not os.getuid() and not subprocess.call(
        ["mount", "-t", "tmpfs", "-o", "size=900k", "tmpfs", place], stderr=subprocess.DEVNULL
    )
    if not mounted:
        pytest.skip("NO MOUNT: a full disk needs the right to mount one")
    yield checkout, remount
    subprocess.run(["umount", place], check=True)


def test_a_disk_that_is_read_only_and_then_full_costs_nothing_but_time(disk, finished):
    checkout, remount = disk
    remount("ro")
    printed = checkout.make("reproduce", succeeds=False)
    assert "Read-only file system" in printed[-1]
    remount("rw")
    printed = checkout.make("reproduce", succeeds=False)
    assert any(line.endswith("No space left on device.") for line in printed[-3:]), printed
    remount("size=50m")
    checkout.make("reproduce")
    for name in ("metrics.csv", "summary.csv"):
        paths = [one.folder / RUN / "forecast" / name for one in (checkout, finished)]
        assert paths[0].read_bytes() == paths[1].read_bytes()
    assert (checkout.folder / RUN / "report.html").is_file()
    assert checkout.planned() == {}
