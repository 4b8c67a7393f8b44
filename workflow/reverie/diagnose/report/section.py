"""The report's part on the diagnoses: what its template is filled with."""

from pathlib import Path

from reverie.diagnose import models
from reverie.diagnose.charts import KINDS, Diagnoses
from reverie.diagnose.kinds import ENSEMBLES
from reverie.diagnose.report import published
from reverie.diagnose.results import MEASURES, TASKS, Results
from reverie.report import embedded
from reverie.report.part import Outcome
from reverie.report.run import Run
from reverie.report.words import number
from reverie.tables import read_table

DIGITS = 3
GAP = "loss_gap"
DOWNLOADS = ("metrics", "summary", "pairs", "labels", "gaps", "calibration", "best")


def section(run: Run) -> dict:
    """All that `section.html` shows of the run."""
    folder, config = run.folder / "diagnose", run.settings["diagnose"]
    shown = models.shown(run.settings)
    results = Results(folder, shown["titles"])
    return {
        "outcome": outcome(results),
        "config": config,
        "own": bool(config["table"]),
        "facts": results.facts,
        "about": None if config["table"] else run.about(config["sets"][0]["records"]),
        "data": data(results.facts, config),
        "main": results.tasks()[0],
        "tables": [table(results, task, config) for task in results.tasks()],
        "conditions": conditions(results),
        "gaps": gaps(results),
        "dropped": dropped(results.facts["dropped"]),
        "charts": {
            name: chart.page() for name, chart in Diagnoses(folder, **shown).charts().items()
        },
        "files": {name: embedded.table(folder / f"{name}.csv") for name in DOWNLOADS},
        "few_seeds": len(config["seeds"]) < 2,
        "explained": explained(run),
        "paper": published.PAPER,
        "deaths": published.DEATHS,
    }


def explained(run: Run) -> str | None:
    """The title of the network that is shown hour by hour; None if there is none."""
    folder = models.explained(run.provenance["config"])  # whatever is missing of the run
    if not folder or not (run.folder / "diagnose" / "plots" / "episode.svg").is_file():
        return None
    name = folder.rpartition("/")[2]
    return run.provenance["config"]["diagnose"]["models"][name]["title"]


def data(facts: dict, config: dict) -> dict:
    """For the first screen: which data are real, and which stand in for others."""
    if facts["sample"]:
        return {"real": [], "samples": ["simulated stays"]}
    if config["table"]:
        return {"real": [Path(config["table"]).name], "samples": []}
    return {"real": [f"{facts['episodes']:,} stays in intensive care"], "samples": []}


def outcome(results: Results) -> Outcome:
    """For the first screen: the best model of each task, chosen on validation episodes."""
    (number_of_first, words), *others = chosen_in_words(results)
    return Outcome(number_of_first, words, " ".join(f"{auc} {what}" for auc, what in others))


def chosen_in_words(results: Results) -> list[tuple[str, str]]:
    """For each task the AUC of the best model, and what it is of."""
    return [
        (
            number(results.mean(task, name, "micro_auc"), DIGITS),
            f"{'micro AUC' if len(results.columns(task)) > 2 else 'AUC'} on test episodes "
            f"({TASKS[task].lower()}; {results.titles[name]}).",
        )
        for task in results.tasks()
        for name in [results.chosen(task)]
    ]


def table(results: Results, task: str, config: dict) -> dict:
    """A task's `name, title, hours, columns` and `rows`; the best of each column is marked."""
    columns = results.columns(task)
    rows = []
    for name in results.models(task):
        line = {measure: results.on_test(task, name, measure) for measure in columns}
        rows.append(
            {
                "title": results.titles[name],
                "slide": config["models"][name]["slide"],
                "paper": published.TABLE.get(config["models"][name]["slide"], ())[:2],
                "parameters": weights(results, task, name, config["models"]),
                "cells": [line[measure] for measure in columns],
                "chosen": name == results.chosen(task),
                "difference": results.on_test(task, name, "micro_auc"),
            }
        )
    for place in range(len(columns)):
        known = [row["cells"][place]["mean"] for row in rows if row["cells"][place]["mean"]]
        for row in rows:
            cell = row["cells"][place]
            cell["highest"] = bool(known) and cell["mean"] == max(known)
    return {
        "name": task,
        "title": TASKS[task],
        "columns": headings(columns, config["k"]),
        "rows": rows,
        "beside_paper": task == "conditions" and any(row["paper"] for row in rows),
        "against": results.kinds.get(task, {}).get("mlp"),
        "combined": combined(results, task, config["models"]),
    }


def weights(results: Results, task: str, name: str, settings: dict) -> float | None:
    """The weights of a model, all members' of an ensemble; None of trees, which have none."""
    model = settings[name]
    if "trees" in (model["of"] if model["kind"] in ENSEMBLES else [model["kind"]]):
        return None
    return results.on_test(task, name, "micro_auc")["parameters"]


def combined(results: Results, task: str, settings: dict) -> list[tuple[str, str]]:
    """Of each kind that an ensemble of the task combines, its name and the title of its best model."""
    kinds = dict.fromkeys(
        kind
        for name in results.models(task)
        if settings[name]["kind"] in ENSEMBLES
        for kind in settings[name]["of"]
    )
    return [(KINDS[kind], results.titles[results.kinds[task][kind]]) for kind in kinds]


def headings(measures: list[str], k: int) -> list[str]:
    """What the columns of the measures are called; with one label, none is an average over labels."""
    if len(measures) > 2:
        return [MEASURES[measure].format(k=k) for measure in measures]
    return ["AUC", "F1"][: len(measures)]


def conditions(results: Results) -> list[dict]:
    """A row a label of the first task: what it is, and how many episodes have it."""
    return [
        label | {"positives": sum(label[part] for part in results.facts["split"])}
        for label in results.facts["labels"].values()
    ]


def gaps(results: Results) -> list[dict]:
    """A row a model of the first task: losses on training and test episodes, and the gap, over seeds."""
    task = results.tasks()[0]
    by_model: dict[str, dict[str, list[float]]] = {}
    for line in read_table(results.folder / "gaps.csv"):
        if (line["task"], line["measure"]) == (task, "loss"):
            losses = by_model.setdefault(line["model"], {"train": [], "test": []})
            for part in losses:
                losses[part].append(float(line[part]))
    return [
        {"title": results.titles[name]}
        | {part: sum(values) / len(values) for part, values in by_model[name].items()}
        | {"gap": results.on_test(task, name, GAP)}
        for name in results.models(task)
        if name in by_model
    ]


def dropped(counts: dict) -> list[tuple[str, int]]:
    """What was left out when the records were read, in words, with how often."""
    words = {
        "without_measurements": "episodes without a measurement",
        "without_outcomes": "episodes without labels",
        "without_name": "lines without the name of a variable",
        "missing_values": "values marked as missing",
        "unknown_variables": "values of unknown variables",
        "beyond_limits": "values that no living patient has",
    }
    reasons = []
    for key, text in words.items():
        count = counts.get(key, 0)
        count = sum(count.values()) if isinstance(count, dict) else count
        if count:
            reasons.append((text, count))
    return reasons
