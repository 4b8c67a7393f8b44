"""Keras' weights files (.h5): a check that one is readable, and loading one into its network."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

from reverie.errors import ReverieError

SECONDS = 120  # enough to read a sound file, even over a slow network


def sound(file: Path) -> bool:
    """Whether the whole file can be read.

    A process of its own tries, since damaged metadata can make the HDF5 library crash or hang.
    """
    command = [sys.executable, "-m", "reverie.weights", str(file)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def load(model, file: Path, name: str, advice: str) -> None:
    """Load the weights of the Keras ``model`` from ``file``, which must hold all of them and no others.

    Raises ReverieError, which calls the network ``name`` and ends with ``advice``.
    """
    import numpy as np

    def refused(reason: str) -> ReverieError:
        return ReverieError(f"{file} does not hold the weights of {name}: {reason}; {advice}.")

    try:
        shapes = Counter(arrays(file))
    except Exception:  # the HDF5 library raises exceptions of many types for a damaged file
        raise refused("it is damaged or no .h5 file") from None
    expected = Counter(tuple(weight.shape) for weight in model.weights)
    if shapes.total() != expected.total():
        raise refused(f"it holds {shapes.total()} arrays instead of {expected.total()}")
    if shapes != expected:
        shape = " × ".join(map(str, next(iter(expected - shapes))))
        raise refused(f"it lacks an array of {shape} numbers")
    for weight in model.weights:  # for some missing arrays Keras only warns; NaN shows them below
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
    """Shapes of all arrays of weights in the file, in Keras' current or legacy format."""
    import h5py

    shapes = []

    def visit(_, item):
        if isinstance(item, h5py.Dataset) and item.dtype.kind == "f":
            shapes.append(item.shape)

    with h5py.File(file) as root:
        # The file may also hold the state of an optimizer, in another group.
        names = [name for name in ("layers", "model_weights") if name in root]
        (root[names[0]] if names else root).visititems(visit)
    return shapes


def read_everything(file: Path) -> None:
    """Read all arrays and attributes; the HDF5 library raises an exception if that fails."""
    import h5py

    def visit(_, item):
        dict(item.attrs)
        if isinstance(item, h5py.Dataset):
            item[()]

    with h5py.File(file) as root:
        dict(root.attrs)
        root.visititems(visit)


if __name__ == "__main__":
    read_everything(Path(sys.argv[1]))
