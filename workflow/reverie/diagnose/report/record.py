"""The diagnoses on record: what is kept of them, and their measures beside the paper's."""

from reverie.diagnose import evaluation, models
from reverie.diagnose.report import claims, published, section
from reverie.diagnose.results import TASKS, Results
from reverie.report.run import Run, copy_files
from reverie.report.words import number
from reverie.tables import read_table, write_table

FILES = [
    "episodes.json",
    *(f"{name}.csv" for name in ("metrics", "summary", "labels", "gaps", "calibration", "best")),
    "plots/measures.svg",
]
SHOWN = ("micro_auc", "macro_auc", "micro_f1", "macro_f1")


def keep(run: Run, folder) -> None:
    """Copy the tables and the histories; of the many pairs of models, what the page tells of."""
    histories = [
        f"{name}/seed{seed}/history.csv"
        for name in models.trained(run.settings)
        for seed in run.settings["diagnose"]["seeds"]
    ]
    copy_files(run.folder / "diagnose", folder, FILES + histories)
    lines = [
        line
        for line in read_table(run.folder / "diagnose" / "pairs.csv")
        if line["measure"] in (claims.AUC, claims.GAP)
    ]
    write_table(folder / "pairs.csv", evaluation.TABLES["pairs"], [line.values() for line in lines])


def shown(run: Run) -> dict:
    """All that `record.md` shows of the run."""
    config = run.settings["diagnose"]
    results = Results(run.folder / "diagnose", models.shown(run.settings)["titles"])
    return {
        "short": " ".join(map(" ".join, section.chosen_in_words(results))),
        "facts": results.facts,
        "own": bool(config["table"]),
        "tables": [table(results, task, config) for task in results.tasks()],
        "paper": published.PAPER,
        "deaths": published.DEATHS,
        "order": order(results, config),
        "gaps": [row | {"gap": in_words(row["gap"], 4)} for row in section.gaps(results)],
    }


def table(results: Results, task: str, config: dict) -> dict:
    """A task's title and rows: the model, and each measure here and in the paper in words."""
    columns = [measure for measure in SHOWN if measure in results.columns(task)]
    rows = []
    for name in results.models(task):
        paper = dict(
            zip(
                published.MEASURES,
                published.TABLE.get(config["models"][name]["slide"], ()),
                strict=False,
            )
        )
        cells = [
            (in_words(results.on_test(task, name, measure)), number(paper.get(measure), 3))
            for measure in columns
        ]
        rows.append({"title": results.titles[name], "cells": cells})
    return {
        "task": task,
        "title": TASKS[task],
        "columns": section.headings(columns, config["k"]),
        "rows": rows,
        "beside": task != "death" and not config["table"],
    }


def order(results: Results, config: dict) -> str:
    """How many pairs of the paper's models have its order by micro AUC here; "" where there is none."""
    task, measure = results.tasks()[0], SHOWN[0]
    paper = {
        name: published.TABLE[config["models"][name]["slide"]][0]
        for name in results.models(task)
        if config["models"][name]["slide"] in published.TABLE
    }
    pairs = [(one, other) for one in paper for other in paper if paper[one] > paper[other]]
    if task == "death" or config["table"] or not pairs:
        return ""
    here = {name: results.mean(task, name, measure) for name in paper}
    highest = {
        (line["model"], line["against"]): float(line["high"] or "nan")
        for line in read_table(results.folder / "pairs.csv")
        if (line["task"], line["measure"]) == (task, measure)
    }
    alike = sum(here[one] > here[other] for one, other in pairs)
    turned = sum(highest.get(pair, 0) < 0 for pair in pairs)
    have = {count: "has" if count == 1 else "have" for count in (alike, turned)}
    return (
        f"Of the {len(pairs)} pairs of models that the paper orders by micro AUC, {alike} {have[alike]} the same "
        f"order here; {turned} {have[turned]} the other, by the 95 % interval of each difference alone."
    )


def in_words(cell: dict, digits: int = 3) -> str:
    """ "0.897 (0.885 to 0.909)"."""
    if cell["mean"] is None:
        return "–"
    text = number(cell["mean"], digits)
    if cell["low"] is None:
        return text
    return f"{text} ({number(cell['low'], digits)} to {number(cell['high'], digits)})"
