"""Sentences for pictures in the report."""

from pathlib import Path

from reverie.describe import estimates, evaluation, selection
from reverie.describe.results import Results
from reverie.report.part import Part
from reverie.report.run import Run, link

DATA = ["described.npz", "features.npy", "pictures.json"]


def section(run: Run) -> dict:
    """All that `section.html` shows of the run."""
    results = Results(run.folder / "describe", selection.titles(run.settings))
    facts, config = results.facts, run.settings["describe"]
    real = f"{facts['pictures']:,} pictures with sentences"
    return {
        "data": {"real": [], "samples": ["drawn scenes"]}
        if facts["sample"]
        else {"real": [real], "samples": []},
        "facts": facts,
        "about": None if config["folder"] else run.about(config["pictures"]),
        "results": results,
    }


def narrow(run: Run, source: Path, target: Path) -> bool:
    """Narrow the run to what is trained with every seed; False if there is nothing yet."""
    tables = {f"{name}.csv" for name in evaluation.TABLES} | {"captions.jsonl"}
    if all((source / name).is_file() for name in [*tables, "pictures.json"]):
        link(source, target)
        return True
    if not all((source / name).is_file() for name in DATA):
        run.missing.append("describe: no features are computed yet")
        return False
    wanted = selection.evaluated(run.settings)
    files = dict.fromkeys(wanted["models"], ["model.json", "ranks_val.npz", "ranks_test.npz"])
    files |= dict.fromkeys(wanted["writers"], ["model.json", "captions.jsonl"])
    ready = [
        name
        for name, needed in files.items()
        if all(
            (source / name / f"seed{k}" / file).is_file()
            for k in wanted["seeds"]
            for file in needed
        )
    ]
    run.missing += [f"describe: {name} is not trained" for name in files if name not in ready]
    if not ready:
        return False
    run.settings["describe"]["select"] = ready
    link(source, target, tables)
    evaluation.evaluate(target, **selection.evaluated(run.settings))
    return True


PART = Part("Sentences for pictures", section, narrow, jobs=estimates.jobs)
