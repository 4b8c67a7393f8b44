"""`make bench`: every figure of docs/performance.md, measured anew, into benchmarks/results.csv.

`python -m benchmarks ROUNDS PART ...` measures some parts only, in so many rounds. Each part is written when
it is done, so that an interrupted measurement loses one part at most.
"""

import csv
import sys
from dataclasses import fields
from itertools import groupby
from pathlib import Path

from reverie import provenance
from reverie.files import replacing
from reverie.tables import read_table

from benchmarks import costs, dream, forecast, text, untuned
from benchmarks.rounds import Row

HERE = Path(__file__).parent
RESULTS = HERE / "results.csv"
PAGE = HERE.parent / "docs" / "performance.md"
PARTS = {
    "forecast": forecast,
    "untuned": untuned,
    "text": text,
    "dream": dream,
    "costs": costs,
}
BEGIN, END = "<!-- by make bench -->\n", "<!-- end -->\n"
ROUNDS = 3
COLUMNS = ["part", "rounds", "machine", *(figure.name for figure in fields(Row))]


def number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def page(lines: list[dict[str, str]]) -> str:
    """The lines of the .csv as the page shows them: a table a part."""
    shown = []
    for part, of_part in groupby(lines, lambda line: line["part"]):
        rows = list(of_part)
        shown += [
            f"**{part}**: {rows[0]['machine']}; rounds: {rows[0]['rounds']}.",
            "",
            "| | the lecture’s way | Reverie | ratio (rounds) | asked |",
            "|---|---|---|---|---|",
        ]
        for row in rows:
            spread = f"{row['ratio']} ({row['low']} to {row['high']})" if row["ratio"] else ""
            lecture = f"{row['lecture']} {row['unit']}" if row["lecture"] else ""
            reverie = f"{row['reverie']} {row['unit']}"
            shown.append(f"| {row['what']} | {lecture} | {reverie} | {spread} | {row['asked']} |")
        shown.append("")
    return "\n".join(shown)


def machine() -> str:
    """Processor, cores and versions."""
    found = provenance.machine()
    versions = ", ".join(f"{name} {number}" for name, number in provenance.versions().items())
    return f"{found['cores']} cores ({found['processor']}), {versions}"


def renew(part: str, rounds: int, rows: list[Row]) -> None:
    """Put the part's rows in the place of those that the .csv had, and the page in step with it."""
    facts = [part, str(rounds), machine()]
    values = [[v if isinstance(v, str) else number(v) for v in row.values()] for row in rows]
    lines = [dict(zip(COLUMNS, [*facts, *line], strict=True)) for line in values]
    kept = read_table(RESULTS) if RESULTS.exists() else []
    lines += [line for line in kept if line["part"] != part]
    lines.sort(key=lambda line: list(PARTS).index(line["part"]))
    with replacing(RESULTS) as half, open(half, "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
    before, _, rest = PAGE.read_text().partition(BEGIN)
    PAGE.write_text(before + BEGIN + page(lines) + END + rest.partition(END)[2])


def main(given: list[str]) -> None:
    rounds = int(given[0]) if given else ROUNDS
    for part in given[1:] or list(PARTS):
        renew(part, rounds, PARTS[part].rows(rounds))


if __name__ == "__main__":
    main(sys.argv[1:])
