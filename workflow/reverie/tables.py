"""Tables of results: .csv files, as every run leaves them."""

import csv
import math
from pathlib import Path


def read_table(path: Path) -> list[dict[str, str]]:
    """The lines of a .csv by the names of its columns."""
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def write_table(path: Path, header: list[str], lines: list, line_end: str = "\n") -> None:
    """A .csv with six decimals (below 0.1 six digits), and nothing where a number is not known.

    Texts stand as they are, for numbers with other digits.
    """

    def written(value) -> str:
        if not isinstance(value, float):  # numpy's float64 is a float, too
            return str(value)
        if math.isnan(value):
            return ""
        return f"{value:.6g}" if 0 < abs(value) < 0.1 else f"{value:.6f}"

    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator=line_end)
        writer.writerow(header)
        writer.writerows([[written(value) for value in line] for line in lines])
