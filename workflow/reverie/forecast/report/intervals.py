"""What the report says of the intervals: how often they held on the test part, and how wide they are."""

from pathlib import Path

from reverie.forecast.probabilities import COVERS, LEVELS, TOO_NARROW, TOO_WIDE
from reverie.forecast.recommendation import NAIVE
from reverie.report.words import digits, number, share
from reverie.tables import read_table

TEXTS = ("variant", "split", "verdict")  # all other columns are numbers
VERDICTS = {
    COVERS: "Hold as often as they should, as far as the test part can tell",
    TOO_NARROW: "Too narrow, because errors on the test part lie otherwise than on validation",
    TOO_WIDE: "Too wide, because errors on the test part lie otherwise than on validation",
    "": "Not tested, because that needs validation and test parts of {blocks}, and one of them is shorter",
}


def shown(folder: Path, titles: dict[str, str], unit: str, blocks: str) -> dict:
    """`rows`, a line of `coverage.csv` on the test part each, `sentences` about them, and if any are `own`.

    ``folder`` has `coverage.csv`, ``titles`` those of all forecasts, ``blocks`` how many are needed.
    """
    lines = []
    for line in read_table(folder / "coverage.csv"):
        numbers = {key: float(line[key]) if line[key] else None for key in line.keys() - set(TEXTS)}
        name = line["variant"]
        about = {"title": titles[name], "naive": name in NAIVE}
        lines.append(line | numbers | about | {"share": numbers["high"] - numbers["low"]})
    rows = [line for line in lines if line["split"] == "test"]
    sentences, several = [sharpest(lines, unit)], len({share(row["share"]) for row in rows}) > 1
    for verdict, words in VERDICTS.items():
        judged = [
            f"{row['title']} ({share(row['share'])})" if several else row["title"]
            for row in rows
            if row["verdict"] == verdict
        ]
        if judged:
            sentences.append(f"{words.format(blocks=blocks)}: {'; '.join(judged)}.")
    own = any(row["coverage_before"] is not None for row in rows)
    return {"rows": rows, "sentences": sentences, "own": own}


def sharpest(lines: list[dict], unit: str) -> str:
    """A sentence on the forecast with the lowest pinball loss on validation, beside the naive one."""
    alike = [line for line in lines if [line["low"], line["high"]] == LEVELS]
    best = min(
        (line for line in alike if line["split"] == "val"), key=lambda line: line["pinball_unit"]
    )
    test, naive = (
        next(line for line in alike if (line["split"], line["variant"]) == ("test", variant))
        for variant in (best["variant"], "naive")
    )
    ends = [number(100 * test[key], 1) for key in ("ci_low", "ci_high") if test[key] is not None]
    between = f" (95 % interval {ends[0]} to {ends[1]} %)" if ends else ""
    widths = [f"{digits(row['width_unit'])} {unit}".strip() for row in (test, naive)]
    return (
        f"{test['title']}, whose intervals score best on validation (lowest pinball loss): of its "
        f"{share(test['share'])} intervals, {number(100 * test['coverage'], 1)} %{between} "
        f"held on test; their mean width is {widths[0]}, against {widths[1]} for the naive forecast."
    )
