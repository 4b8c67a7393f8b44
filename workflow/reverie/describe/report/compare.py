"""Sentences for pictures of several runs side by side."""

from reverie.describe import selection
from reverie.describe.results import Results
from reverie.report.run import Run

RECALLS = ("annotation_recall_10", "search_recall_10")
BLEU = "bleu_4"


def compared(runs: list[Run]) -> dict:
    """All that `compare.html` shows of the runs."""
    return {"having": runs, "models": models(runs), "writers": writers(runs)}


def results_of(run: Run) -> Results:
    return Results(run.folder / "describe", selection.titles(run.settings))


def models(runs: list[Run]) -> list[dict]:
    """By alignment model, its `title` and by run its recall at 10 in both directions."""
    rows: dict[str, dict] = {}
    for run in runs:
        results = results_of(run)
        for name in results.models:
            row = rows.setdefault(name, {"title": results.titles[name], "runs": {}})
            row["runs"][run.name] = [
                results.summary[name, None, "test", measure] for measure in RECALLS
            ]
    return [*rows.values()]


def writers(runs: list[Run]) -> list[dict]:
    """By writer, its `title` and by run its BLEU-4 with the best beam on validation pictures."""
    rows: dict[str, dict] = {}
    for run in runs:
        results = results_of(run)
        for name in results.writers:
            row = rows.setdefault(name, {"title": results.titles[name], "runs": {}})
            row["runs"][run.name] = results.summary[name, results.best_beam(name), "test", BLEU]
    return [*rows.values()]
