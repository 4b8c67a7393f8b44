"""A disk that is full or read-only: a sentence, and nothing is lost."""

import os
import re
import shutil
import subprocess

import pytest

RUN = "results/river-tiny"


@pytest.fixture
def disk(finished, tmp_path):
    """A finished checkout whose results lie on a disk of their own, and what changes that disk."""
    checkout = finished.copied_to(tmp_path / "reverie")
    place = checkout.folder / "results"
    shutil.move(place, tmp_path / "results")
    place.mkdir()

    def remount(options: str):
        subprocess.run(["mount", "-o", f"remount,{options}", place], check=True)

    mounted = not os.getuid() and not subprocess.call(
        ["mount", "-t", "tmpfs", "-o", "size=50m", "tmpfs", place], stderr=subprocess.DEVNULL
    )
    if not mounted:
        pytest.skip("NO MOUNT: a full disk needs the right to mount one")
    shutil.copytree(tmp_path / "results", place, dirs_exist_ok=True)
    yield checkout, remount
    subprocess.run(["umount", place], check=True)


def lines(checkout, **options) -> list[str]:
    """What the workflow printed; none is of a traceback."""
    printed = checkout.run(**options)
    assert "Traceback" not in printed
    return printed.splitlines()


@pytest.mark.faults
def test_a_disk_that_is_read_only_and_then_full_costs_nothing_but_time(disk, finished):
    """From a training to the report, which fits last."""
    checkout, remount = disk
    run = checkout.folder / RUN
    shutil.rmtree(run / "forecast" / "mlp" / "seed0")
    for name in ("forecast/metrics.csv", "forecast/summary.csv", "provenance.json", "report.html"):
        (run / name).unlink()
    remount("ro")
    printed = lines(checkout, succeeds=False)
    assert re.match(rf"{RUN}/\S+ is to be made again but may not be written; make it", printed[-1])
    # Another run, of which nothing is there.
    printed = lines(checkout, overlays=("river",), succeeds=False)
    assert "Read-only file system" in printed[-1]
    remount("rw,size=900k")
    printed = lines(checkout, succeeds=False)
    assert any(line.endswith("No space left on device.") for line in printed[-3:]), printed
    assert (run / "forecast" / "mlp" / "seed0" / "history.csv").is_file()
    assert not (run / "report.html").exists()
    remount("size=50m")
    lines(checkout)
    for name in ("metrics.csv", "summary.csv"):
        paths = [one.folder / RUN / "forecast" / name for one in (checkout, finished)]
        assert paths[0].read_bytes() == paths[1].read_bytes()
    assert (run / "report.html").is_file()
    assert checkout.planned() == {}
