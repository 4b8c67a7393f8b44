"""`make bench`: measure every figure of docs/performance.md and write it to benchmarks/results.csv.

`python -m benchmarks ROUNDS PART ...` measures only these parts, in that many rounds. Each part is
written when it is done, so that an interruption loses at most one part. `python -m benchmarks series`
measures no speed, but how right `make forecast` is: see series.py. `python -m benchmarks gpu` measures
a GPU: see gpu.py.
"""

import sys

if __name__ == "__main__" and sys.argv[1:2] == ["gpu"]:  # first, since it needs few packages
    from benchmarks import gpu

    sys.exit(gpu.main(sys.argv[2:]))

import csv
from dataclasses import fields
from itertools import groupby
from pathlib import Path

from reverie import provenance
from reverie.files import replacing
from reverie.tables import read_table

from benchmarks import costs, dream, forecast, pages, series, text, untuned
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
COMMAND = "make bench"
ROUNDS = 3
COLUMNS = ["part", "rounds", "machine", *(field.name for field in fields(Row))]


def number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def page(lines: list[dict[str, str]]) -> str:
    """The lines of the .csv in Markdown, a table for each part."""
    text = []
    for part, group in groupby(lines, lambda line: line["part"]):
        rows = list(group)
        text += [
            f"**{part}**: {rows[0]['machine']}; rounds: {rows[0]['rounds']}.",
            "",
            "| | the lecture’s way | Reverie | ratio (rounds) | asked |",
            "|---|---|---|---|---|",
        ]
        for row in rows:
            ratio = row["ratio"]
            if ratio and int(row["rounds"]) > 1:
                ratio += f" ({row['low']} to {row['high']})"
            lecture = f"{row['lecture']} {row['unit']}" if row["lecture"] else ""
            reverie = f"{row['reverie']} {row['unit']}"
            goal = f"**{row['asked']}**" if missed(row) else row["asked"]
            text.append(f"| {row['figure']} | {lecture} | {reverie} | {ratio} | {goal} |")
        text.append("")
    return "\n".join(text)


def missed(row: dict[str, str]) -> bool:
    """Whether the row misses its goal: the least of a ratio to the lecture's way, else the most."""
    if not row["asked"]:
        return False
    if row["lecture"]:
        return float(row["ratio"]) < float(row["asked"])
    return float(row["ratio"] or row["reverie"]) > float(row["asked"])


def machine() -> str:
    """Cores, processor and versions of this machine."""
    facts = provenance.machine()
    versions = ", ".join(f"{name} {number}" for name, number in provenance.versions().items())
    return f"{facts['cores']} cores ({facts['processor']}), {versions}"


def renew(part: str, rounds: int, rows: list[Row]) -> None:
    """Replace the rows of the part in the .csv, and update the tables of the page."""
    facts = [part, str(rounds), machine()]
    values = [[v if isinstance(v, str) else number(v) for v in row.values()] for row in rows]
    lines = [dict(zip(COLUMNS, [*facts, *line], strict=True)) for line in values]
    kept = read_table(RESULTS) if RESULTS.exists() else []
    lines += [line for line in kept if line["part"] != part]
    lines.sort(key=lambda line: list(PARTS).index(line["part"]))
    with replacing(RESULTS) as new, open(new, "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
    pages.fill(PAGE, COMMAND, page(lines))


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["series"]:
        return series.main(arguments[1:])
    rounds = int(arguments[0]) if arguments else ROUNDS
    for part in arguments[1:] or list(PARTS):
        renew(part, rounds, PARTS[part].rows(rounds))


if __name__ == "__main__":
    main(sys.argv[1:])
