"""`make bench`: every figure of docs/performance.md, measured in one go, into benchmarks/results.csv.

`python -m benchmarks [ROUNDS] [PART ...]` measures some parts only, in so many rounds, and prints them.
"""

import csv
import sys
from pathlib import Path

from reverie import provenance

from benchmarks import costs, dream, forecast, text
from benchmarks.rounds import Row

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "performance.md"
PARTS = {"forecast": forecast, "text": text, "dream": dream, "costs": costs}
BEGIN, END = "<!-- by make bench -->\n", "<!-- end -->\n"
ROUNDS = 3
COLUMNS = ["what", "unit", "lecture", "reverie", "ratio", "low", "high", "asked"]


def number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def table(rows: list[list[str]]) -> str:
    """The rows of the .csv as the page shows them."""
    lines = ["| | the lecture’s way | Reverie | ratio (rounds) | asked |", "|---|---|---|---|---|"]
    for what, unit, lecture, reverie, ratio, low, high, asked in rows:
        spread = f"{ratio} ({low} to {high})" if ratio else ""
        lecture = f"{lecture} {unit}" if lecture else ""
        lines.append(f"| {what} | {lecture} | {reverie} {unit} | {spread} | {asked} |")
    return "\n".join(lines) + "\n"


def machine() -> str:
    """Processor, cores and versions."""
    found = provenance.machine()
    versions = ", ".join(f"{name} {number}" for name, number in provenance.versions().items())
    return f"{found['cores']} cores ({found['processor']}), {versions}"


def main(given: list[str]) -> None:
    count = int(given[0]) if given else ROUNDS
    chosen = given[1:] or list(PARTS)
    rows: list[Row] = []
    for name in chosen:
        rows += PARTS[name].rows(count)
    lines = [[v if isinstance(v, str) else number(v) for v in row.values()] for row in rows]
    shown = f"{machine()}; medians of {count} rounds.\n\n{table(lines)}"
    print(shown)
    if chosen == list(PARTS):
        with open(HERE / "results.csv", "w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([COLUMNS, *lines])
        before, _, rest = PAGE.read_text().partition(BEGIN)
        PAGE.write_text(before + BEGIN + shown + END + rest.partition(END)[2])


if __name__ == "__main__":
    main(sys.argv[1:])
