"""`history.csv`: the losses of a training, a line an epoch."""

from pathlib import Path

from reverie.tables import read_table, write_table

COLUMNS = ["epoch", "loss", "val_loss", "seconds"]
DIGITS = {"epoch": "", "seconds": ".2f"}  # formats of columns; losses have nine decimals


def write_history(training: Path, history: list[dict], columns: list[str] = COLUMNS) -> None:
    """Write the history of a training into its folder."""
    lines = [[format(line[name], DIGITS.get(name, ".9f")) for name in columns] for line in history]
    write_table(training / "history.csv", columns, lines, line_end="\r\n")


def read_history(training: Path) -> list[dict]:
    """The epochs of a training in numbers, from its folder."""
    return [
        {name: int(value) if name == "epoch" else float(value) for name, value in line.items()}
        for line in read_table(training / "history.csv")
    ]


def is_over(history: list[dict], patience: int | None) -> bool:
    """Whether the last ``patience`` epochs had no lower validation loss than one before them."""
    return bool(patience and history) and len(history) - best_epoch(history)["epoch"] >= patience


def best_epoch(history: list[dict]) -> dict:
    """The epoch with the lowest validation loss."""
    return min(history, key=lambda line: line["val_loss"])
