"""The forecasts of several runs side by side: errors with paired differences, and curves."""

import json

import altair as alt
import numpy as np

from reverie import charts, look
from reverie.forecast import evaluation, trained, variants
from reverie.forecast.report import errors
from reverie.histories import read_history
from reverie.report.run import Run
from reverie.tables import read_table


def compared(runs: list[Run]) -> dict:
    """All that `compare.html` shows of the runs."""
    return {
        "forecasts": runs,
        "metrics": metrics(runs),
        "paired": same_series(runs),
        "charts": validation_curves(runs),
    }


def same_series(runs: list[Run]) -> bool:
    """Whether errors of the runs may be paired: same data, same split, same delay."""
    facts = [json.loads((run.folder / "forecast" / "series.json").read_text()) for run in runs]
    # Rows that cleaning dropped would shift the others.
    keys = ("sha256", "target", "rows")
    series = {(*(f[key] for key in keys), str(f["split"]), f["std"][f["target"]]) for f in facts}
    delays = {run.settings["forecast"]["delay"] for run in runs}
    return len(runs) > 1 and len(series) == len(delays) == 1


def metrics(runs: list[Run]) -> list[dict]:
    """A row a forecast on the test part: its title, and for each run its error and its change.

    `change` is that of the run's error against the first run's, with its 95 % interval over the
    windows and seeds of both; None where they cannot be paired.
    """
    first, paired, rows = runs[0], same_series(runs), {}
    for run in runs:
        titles = {"naive": "Naive"} | variants.titles(run.settings)
        for line in read_table(run.folder / "forecast" / "summary.csv"):
            name = line["variant"]
            if line["split"] == "test" and line["checkpoint"] != "last" and name in titles:
                row = rows.setdefault(name, {"title": titles[name], "runs": {}})
                row["runs"][run.name] = {
                    "mae": float(line["mae_mean"]),
                    "mae_unit": float(line["mae_unit_mean"]),
                    "unit": run.settings["forecast"]["series"]["unit"],
                    "seeds": int(line["seeds"]),
                    "change": change(first, run, name) if paired and run is not first else None,
                }
    return list(rows.values())


def change(first: Run, other: Run, variant: str, against: str | None = None) -> dict | None:
    """Relative change of the mean error of a forecast between two runs, paired by window.

    Against the same forecast in the first run, or the one named ``against``.
    """
    both = [errors.errors(first, against or variant), errors.errors(other, variant)]
    if None in both:
        return None
    (rows, before), (other_rows, after) = both
    shared, places, other_places = np.intersect1d(rows, other_rows, return_indices=True)
    if not len(shared):  # windows so long that the runs have none in common
        return None
    interval = json.loads((first.folder / "forecast" / "series.json").read_text())[
        "interval_minutes"
    ]
    block = evaluation.block(first.settings["forecast"]["delay"], interval)
    size, low, high, _ = evaluation.against(after[:, other_places], before[:, places], block)
    return {"size": size, "low": low, "high": high}


def validation_curves(runs: list[Run]) -> dict:
    """`curves`, the validation loss by epoch of every network, a colour a run; nothing without networks."""
    rows = []
    for run in runs:
        titles, networks = variants.titles(run.settings), variants.networks(run.settings)
        seeds = {name: run.settings["forecast"]["seeds"] for name in networks}
        for variant, folders in trained.trainings(run.folder / "forecast", seeds).items():
            for seed, folder in folders.items():
                label = {"title": titles[variant], "run": run.name, "seed": str(seed)}
                for epoch in read_history(folder):
                    rows.append(label | {"epoch": epoch["epoch"], "loss": epoch["val_loss"]})
    if not rows:
        return {}
    shades = look.colours([run.name for run in runs])
    titles = dict.fromkeys(row["title"] for row in rows)
    tooltip = ["run:N", "title:N", "seed:N", "epoch:Q", alt.Tooltip("loss:Q", format=".4f")]
    chart = (
        alt.Chart(charts.ROWS)
        .mark_line(point={"size": 18})
        .encode(
            x=charts.epochs_axis(rows),
            y=alt.Y("loss:Q", title="validation loss", scale=alt.Scale(zero=False)),
            color=charts.coloured(shades, "run"),
            detail=["seed:N", "title:N"],
            tooltip=tooltip,
        )
        .properties(height=300)
    )
    first = next(iter(titles), None)
    toggles = [
        charts.toggle("run", "Runs", shades),
        charts.toggle("title", "Network", titles, chosen=[first], single=True),
    ]
    return {"curves": charts.Chart(chart, rows, toggles).page()}
