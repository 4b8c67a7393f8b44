"""The embedded samples by name: where each lies, and what writes it."""

import subprocess
import sys
from pathlib import Path

from filelock import FileLock

from reverie.codehash import code_hash
from reverie.errors import ReverieError


def path_of(sample: str, folder: Path) -> Path:
    """Where the sample lies in the folder. The small convnet is named after its code."""
    if sample == "convnet":
        code = code_hash(Path(__file__).with_name("convnet.py"))
        return folder / f"sample_convnet_{code}.weights.h5"
    suffix = {"weather": "csv", "docstrings": "txt"}.get(sample, "png")
    return folder / f"sample_{sample}.{suffix}"


def make(sample: str, folder: Path) -> Path:
    """Write the sample into the folder; return its path."""
    from reverie.samples import docstrings, drawings, weather

    write = {
        "weather": weather.write,
        "docstrings": docstrings.write,
        "sky": lambda path: drawings.write(path, drawings.sky()),
        "painting": lambda path: drawings.write(path, drawings.painting()),
        "sheet": lambda path: drawings.write(path, drawings.sheet()),
        "convnet": train_convnet,
    }
    path = path_of(sample, folder)
    write[sample](path)
    return path


def train_convnet(path: Path) -> None:
    """Train the small convnet, unless another asset needed it before, and write its weights.

    In a process of its own: a change of its code must not fetch every asset anew.
    """
    with FileLock(path.parent / ".convnet.lock"):
        if not path.is_file():
            print("A small network is trained on drawings; that takes a minute or two.", flush=True)
            command = [sys.executable, "-m", "reverie.samples.convnet", str(path)]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                reason = (done.stderr.strip().splitlines() or ["it was ended"])[-1]
                raise ReverieError(f"The small network could not be trained: {reason}")
            print(done.stdout.strip())
