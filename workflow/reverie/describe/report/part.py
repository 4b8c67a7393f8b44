"""Sentences for pictures in the report."""

from pathlib import Path

from reverie.describe import estimates, selection
from reverie.describe.results import Results
from reverie.report.part import Part
from reverie.report.run import Run, link


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
    """Link the files of a run whose evaluation is done; False if there are no results yet."""
    if not (source / "summary.csv").is_file():
        run.missing.append("describe: nothing is evaluated yet")
        return False
    link(source, target)
    return True


PART = Part("Sentences for pictures", section, narrow, jobs=estimates.jobs)
