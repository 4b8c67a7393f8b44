"""The report's part on style transfer: what its template is filled with."""

import csv
from pathlib import Path

from reverie.dream import selection
from reverie.report.dream import network_names, origins
from reverie.report.embedded import picture


def section(run: Path, settings: dict) -> dict:
    """All that `style.html` shows of the run in the folder ``run``."""
    folder, chosen = run / "style", selection.styles(settings)
    return {
        "origins": origins(run, settings, chosen),
        "network": network_names(run, settings),
        "styles": [shown(folder, name, one) for name, one in chosen.items()],
    }


def shown(folder: Path, name: str, one: dict) -> dict:
    """One transfer: its pictures as addresses, its settings, its first and last loss."""
    with open(folder / f"{name}.csv", newline="") as table:
        losses = [float(line["loss"]) for line in csv.DictReader(table)]
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
