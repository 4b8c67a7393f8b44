"""What the commands have in common that people type without a workflow."""

import subprocess
import sys

# Mistakes that need no network; TensorFlow would take seconds to say so.
TYPED = {
    ("reverie.forecast",): "reverie: results/: there is no trained network of the part forecast",
    ("reverie.text", "What?"): "reverie: results/: there is no trained network of the part text",
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
