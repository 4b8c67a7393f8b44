"""`python -m benchmarks.forecasters RUN [REFERENCE]`: the forecasters of a finished run in one table.

It is printed, and put into the section of docs/best-forecast.md that has this command, if there is one.

Every figure comes from the files of the run, a folder in `results`: errors, changes against the naive
forecast and against the forecaster REFERENCE with their 95 % intervals, cost, and how alike the errors
of the best on validation are. Costs are means over seeds, of trainings that were not interrupted.
"""

import json
import sys
from pathlib import Path

import numpy as np
from reverie.forecast import trained, variants
from reverie.report.run import facts_of
from reverie.tables import read_table

from benchmarks import pages
from benchmarks.runs import REPOSITORY

PAGE = REPOSITORY / "docs" / "best-forecast.md"
CHECKPOINTS = ("", "best")  # those that are compared
ALIKE = 5  # forecasters whose errors are correlated


def main(run: Path, reference: str = "naive") -> str:
    """The tables in Markdown."""
    forecast = run / "forecast"
    errors: dict[str, dict[str, float]] = {}
    for line in read_table(forecast / "summary.csv"):
        if line["checkpoint"] in CHECKPOINTS:
            errors.setdefault(line["variant"], {})[line["split"]] = float(line["mae_mean"])
    order = sorted(errors, key=lambda name: errors[name]["val"])
    changes = {
        (line["variant"], line["against"], line["split"]): line
        for line in read_table(forecast / "pairs.csv")
        if line["checkpoint"] in CHECKPOINTS and line["against_checkpoint"] in CHECKPOINTS
    }
    heads = ["forecaster", "validation", "test", "against naive: validation", "test"]
    if reference != "naive":
        heads += [f"against {reference}: validation", "test"]
    heads += ["time", "memory"]
    lines = [heads, ["---"] * len(heads)]
    for name in order:
        against = [
            in_words(changes.get((name, other, split)))
            for other in dict.fromkeys(["naive", reference])
            for split in ("val", "test")
        ]
        figures = [f"{errors[name][split]:.4f}" for split in ("val", "test")]
        lines.append([name, *figures, *against, *cost(run, name)])
    config = facts_of(run)["config"]
    folders = trained.trainings(forecast, variants.seeds(config))
    best = [name for name in order if name in folders][:ALIKE]
    table = np.corrcoef(list(test_errors(folders, best).values()))
    alike = [["", *best], ["---"] * (len(best) + 1)]
    alike += [
        [name, *(f"{value:.2f}" for value in line)] for name, line in zip(best, table, strict=True)
    ]
    return (
        f"{pages.table(lines)}\nCorrelation of the errors on test of the best {ALIKE} on validation, "
        f"means over seeds:\n\n{pages.table(alike)}"
    )


def in_words(line: dict[str, str] | None) -> str:
    """A relative change with its interval, in per cent."""
    if line is None:
        return ""
    change, low, high = (100 * float(line[key] or "nan") for key in ("change", "low", "high"))
    return f"{change:+.1f} % ({low:+.1f} to {high:+.1f})"


def cost(run: Path, name: str) -> list[str]:
    """Mean processor time of a seed of a forecaster in seconds, and the largest memory of its jobs in MB.

    Seeds that trained together have one file and the same share of its time, which is said.
    """
    files = sorted((run / "benchmarks" / "forecast" / name).glob("seed*.tsv"))
    jobs = [
        dict(zip(*(line.split("\t") for line in f.read_text().splitlines()), strict=True))
        for f in files
    ]
    if not jobs:
        return ["", ""]
    seconds = np.mean([float(job["cpu_time"]) for job in jobs])
    time = f"{seconds:.0f} s"
    record = run / "logs" / "forecast" / name / files[0].with_suffix(".json").name
    if seeds := record.exists() and json.loads(record.read_text()).get("together"):
        time = f"{seconds / len(seeds):.0f} s ({len(seeds)} seeds together: {time})"
    return [time, f"{max(float(job['max_rss']) for job in jobs):.0f} MB"]


def test_errors(folders: dict[str, dict[int, Path]], names: list[str]) -> dict[str, np.ndarray]:
    """Signed errors of each forecaster's mean over seeds, (windows,), of the windows that all have."""
    rows, by_name = None, {}
    for name in names:
        saved = [trained.forecasts(folder, "test") for folder in folders[name].values()]
        mean = np.mean([arrays["prediction"] for arrays in saved], axis=0)
        by_name[name] = dict(zip(saved[0]["row"], mean - saved[0]["target"], strict=True))
        rows = by_name[name].keys() & rows if rows is not None else by_name[name].keys()
    return {
        name: np.array([errors[row] for row in sorted(rows)]) for name, errors in by_name.items()
    }


if __name__ == "__main__":
    text = main(Path(sys.argv[1]), *sys.argv[2:])
    print(text, end="")
    pages.fill(PAGE, " ".join(["python -m benchmarks.forecasters", *sys.argv[1:]]), text)
