"""What a training left behind: its history and its weights."""

from pathlib import Path

from reverie.tables import read_table


def history(training: Path) -> list[dict]:
    """Its epochs in numbers; ``training`` is the folder of one seed."""
    lines = [
        {key: float(value) for key, value in line.items()}
        for line in read_table(training / "history.csv")
    ]
    return [line | {"epoch": int(line["epoch"])} for line in lines]


def best(lines: list[dict]) -> dict:
    """The epoch with the lowest loss on the held-out text."""
    return min(lines, key=lambda line: line["val_loss"])


def weights(training: Path) -> dict[int, Path]:
    """Its weights files by epoch, in order; the best epoch is always among them."""
    found = {
        int(path.name.removeprefix("epoch").partition(".")[0]): path
        for path in (training / "weights").glob("epoch*.weights.h5")
    }
    found.setdefault(best(history(training))["epoch"], training / "weights" / "best.weights.h5")
    return dict(sorted(found.items()))
