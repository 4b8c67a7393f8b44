"""The diagnoses of several runs side by side."""

from reverie.diagnose import models
from reverie.diagnose.results import TASKS, Results
from reverie.report.run import Run


def compared(runs: list[Run]) -> dict:
    """All that `compare.html` shows of the runs."""
    return {"having": runs, "diagnoses": diagnoses(runs)}


def diagnoses(runs: list[Run]) -> list[dict]:
    """By task, its `title` and rows: the `title` of a model and its AUC on test in each run that has it."""
    tables: dict[str, dict] = {}
    for run in runs:
        results = Results(run.folder / "diagnose", models.shown(run.settings)["titles"])
        for task in results.tasks():
            rows = tables.setdefault(task, {})
            for name in results.models(task):
                row = rows.setdefault(name, {"title": results.titles[name], "runs": {}})
                row["runs"][run.name] = results.on_test(task, name, "micro_auc")
    return [{"title": TASKS[task], "rows": [*rows.values()]} for task, rows in tables.items()]
