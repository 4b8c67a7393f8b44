"""What the commands have in common that people type without a workflow."""

import os
import signal
import subprocess
import sys

import pytest

# Mistakes that need no network; TensorFlow would take seconds to say so.
TYPED = {
    ("reverie.forecast",): "reverie: results/: there is no trained network of the part forecast",
    ("reverie.text", "What?"): "reverie: results/: there is no trained network of the part text",
    ("reverie.describe", "a.jpg"): "reverie: results/: there is no trained network of the part",
    ("reverie.dream", "a.jpg", "--layers", "mixed4"): "reverie: There is no configuration file",
    ("reverie.style", "a.jpg", "--style", "b.jpg"): "reverie: There is no configuration file",
}
PROGRAM = f"""
import runpy, sys
for command in {list(TYPED)}:
    sys.argv = list(command)
    try:
        runpy.run_module(command[0], run_name="__main__")
    except SystemExit as ended:
        print(ended.code)
print("keras" in sys.modules)
"""


def test_a_mistake_shows_before_keras_is_imported(tmp_path):
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    *sentences, imported = done.stdout.splitlines()
    for sentence, begin in zip(sentences, TYPED.values(), strict=True):
        assert sentence.startswith(begin)
    assert imported == "False"
    assert done.stderr == ""


def imported_first(module: str, code: str, folder) -> subprocess.CompletedProcess:
    """The command of the module, where the first package that is not ours is this code."""
    for name in ("jinja2", "numpy", "tqdm", "yaml"):
        (folder / f"{name}.py").write_text(code)
    environment = os.environ | {"PYTHONPATH": str(folder)}
    command = [sys.executable, "-m", module]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


PARTS = ["config", "describe", "dream", "forecast", "own", "report", "style", "text"]


@pytest.mark.parametrize("part", PARTS)
def test_ctrl_c_during_imports_shows_no_traceback(tmp_path, part):
    done = imported_first(f"reverie.{part}", "raise KeyboardInterrupt\n", tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


def test_any_other_exception_during_imports_has_its_traceback(tmp_path):
    done = imported_first("reverie.forecast", "raise RuntimeError('broken')\n", tmp_path)
    assert done.stderr.startswith("Traceback")
    assert done.stderr.endswith("RuntimeError: broken\n")
