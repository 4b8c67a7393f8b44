"""Weights files of Keras (.h5): whether one is sound, and reading it into the network it fits."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

from reverie.errors import ReverieError

SECONDS = 120  # in which a sound file is read, even over a slow network


def sound(file: Path) -> bool:
    """Whether all of the file can be read.

    Damaged metadata may let the HDF5 library crash or turn in a circle, so a process of its own tries.
    """
    command = [sys.executable, "-m", "reverie.weights", str(file)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def load(model, file: Path, name: str, advice: str) -> None:
    """Read the weights from the file into the Keras ``model``, all of them and no others.

    ``name`` is what the sentence of the ReverieError calls the network; ``advice`` ends it.
    """
    import numpy as np

    def refused(reason: str) -> ReverieError:
        return ReverieError(f"{file} does not hold the weights of {name}: {reason}; {advice}.")

    try:
        held = Counter(arrays(file))
    except Exception:  # what the HDF5 library raises for a damaged file is of many kinds
        raise refused("it is damaged or no .h5 file") from None
    wanted = Counter(tuple(weight.shape) for weight in model.weights)
    if held.total() != wanted.total():
        raise refused(f"it holds {held.total()} arrays instead of {wanted.total()}")
    if held != wanted:
        shape = " × ".join(map(str, next(iter(wanted - held))))
        raise refused(f"it lacks an array of {shape} numbers")
    for weight in model.weights:  # Keras only warns of some that it does not find
        weight.assign(np.full(weight.shape, np.nan, np.float32))
    try:
        model.load_weights(file)
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".:")
        raise refused(f"it cannot be read ({reason})") from None
    for layer in model.layers:
        if not all(np.isfinite(np.asarray(weight)).all() for weight in layer.weights):
            raise refused(f"it has no weights for the layer {layer.name}, or some are no numbers")


def arrays(file: Path) -> list[tuple[int, ...]]:
    """Shapes of all arrays of weights in the file, in Keras' format or its old one."""
    import h5py

    shapes = []

    def visit(_, item):
        if isinstance(item, h5py.Dataset) and item.dtype.kind == "f":
            shapes.append(item.shape)

    with h5py.File(file) as whole:
        # Beside the weights there may be the state of an optimizer.
        names = [name for name in ("layers", "model_weights") if name in whole]
        (whole[names[0]] if names else whole).visititems(visit)
    return shapes


def read_everything(file: Path) -> None:
    """Read all numbers and attributes; raises whatever is wrong with the file."""
    import h5py

    def visit(_, item):
        dict(item.attrs)
        if isinstance(item, h5py.Dataset):
            item[()]

    with h5py.File(file) as whole:
        dict(whole.attrs)
        whole.visititems(visit)


if __name__ == "__main__":
    read_everything(Path(sys.argv[1]))
