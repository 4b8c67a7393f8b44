"""Setting up: one clear sentence where the machine does not fit."""

import os
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


def executable(path: Path, text: str) -> Path:
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return path


def set_up(tmp_path, **environment):
    (tmp_path / "requirements-cpu.lock").write_text("")
    done = subprocess.run(
        ["sh", REPOSITORY / "envs/venv.sh", "cpu"],
        cwd=tmp_path,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )
    assert not (tmp_path / ".venv").exists()
    assert done.returncode == 1
    return done.stderr.strip()


@pytest.mark.parametrize("version", ["Python 3.10.13", "Python 3.14.0", "Python 2.7.18"])
def test_python_too_old_or_too_new(tmp_path, version):
    # Asked whether it fits it says no, asked for its version it says it.
    python = executable(
        tmp_path / "python", f'[ "$1" = --version ] && echo "{version}" && exit 0; exit 1\n'
    )
    assert set_up(tmp_path, PYTHON=str(python)) == (
        f"reverie: Python 3.11, 3.12 or 3.13 is needed and {python} is '{version}'; install one, "
        "or name it: make PYTHON=/path/to/python3.12"
    )


def test_no_python(tmp_path):
    assert "is needed and nowhere is" in set_up(tmp_path, PYTHON="nowhere")


def test_venv_is_missing(tmp_path):
    python = executable(tmp_path / "python", 'case "$2" in *venv*) exit 1;; esac; exit 0\n')
    assert set_up(tmp_path, PYTHON=str(python)) == (
        f"reverie: {python} lacks the module venv; install it (Debian, Ubuntu: apt install "
        "python3-venv)."
    )


def test_the_disk_is_full(tmp_path):
    folder = tmp_path / "bin"
    folder.mkdir()
    executable(
        folder / "df", 'echo "Filesystem 1048576-blocks Used Available"; echo "x 10 9 12 90% /"\n'
    )
    assert set_up(tmp_path, PATH=f"{folder}:{os.environ['PATH']}") == (
        f"reverie: the disk is full: 12 MB are free in {tmp_path} and 3500 MB are needed."
    )


def test_an_installation_that_fails_leaves_nothing_behind(tmp_path):
    (tmp_path / "requirements-cpu.lock").write_text("no-such-package==1 --hash=sha256:" + "0" * 64)
    done = subprocess.run(
        ["sh", REPOSITORY / "envs/venv.sh", "cpu"],
        cwd=tmp_path,
        env=os.environ | {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""},
        capture_output=True,
        text=True,
    )
    assert "the installation from requirements-cpu.lock failed" in done.stderr
    assert not (tmp_path / ".venv").exists()
