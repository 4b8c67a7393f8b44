"""The report's part on style transfer: what its template is filled with."""

from pathlib import Path

from reverie.dream.report.section import counted, network_names, origins
from reverie.report.embedded import picture
from reverie.report.run import Run
from reverie.style import selection
from reverie.tables import read_table


def section(run: Run) -> dict:
    """All that `section.html` shows of the run."""
    chosen = selection.styles(run.settings)
    found = origins(run, chosen)
    return {
        "origins": found,
        "data": counted(found),
        "network": network_names(run),
        "styles": [shown(run.folder / "style", name, one) for name, one in chosen.items()],
    }


def shown(folder: Path, name: str, one: dict) -> dict:
    """One transfer: its pictures as addresses, its settings, its first and last loss."""
    losses = [float(line["loss"]) for line in read_table(folder / f"{name}.csv")]
    return {
        "name": name,
        "title": one["title"],
        "settings": one,
        "content": picture(folder / "originals" / f"{name}.content.png"),
        "style": picture(folder / "originals" / f"{name}.style.png"),
        "result": picture(folder / f"{name}.png"),
        "steps": len(losses),
        "first": losses[0],
        "last": losses[-1],
    }
