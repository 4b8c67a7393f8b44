"""The weights files that a training saved."""

from pathlib import Path

from reverie.histories import best_epoch, read_history


def weights(training: Path) -> dict[int, Path]:
    """The training's weights files by epoch, in order, the best epoch always included."""
    files = {
        int(path.name.removeprefix("epoch").partition(".")[0]): path
        for path in (training / "weights").glob("epoch*.weights.h5")
    }
    files.setdefault(
        best_epoch(read_history(training))["epoch"], training / "weights" / "best.weights.h5"
    )
    return dict(sorted(files.items()))
