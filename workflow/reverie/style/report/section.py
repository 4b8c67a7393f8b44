"""The report's part on style transfer: what its template is filled with."""

from pathlib import Path

from reverie.pictures.origins import sources
from reverie.report.embedded import SMALL, picture
from reverie.report.part import Outcome
from reverie.report.run import Run
from reverie.style import selection
from reverie.tables import read_table


def section(run: Run) -> dict:
    """All that `section.html` shows of the run."""
    styles = selection.styles(run.settings)
    shown = [described(run.folder / "style", name, style) for name, style in styles.items()]
    name, *_ = styles
    outcome = Outcome(
        detail=styles[name]["title"] or name,
        picture=picture(run.folder / "style" / f"{name}.png", SMALL),
    )
    return sources(run, styles) | {"styles": shown, "outcome": outcome}


def described(folder: Path, name: str, style: dict) -> dict:
    """One transfer: its pictures as addresses, its settings, its first and last loss."""
    losses = [float(line["loss"]) for line in read_table(folder / f"{name}.csv")]
    return {
        "name": name,
        "title": style["title"],
        "settings": style,
        "content": picture(folder / "originals" / f"{name}.content.png"),
        "style": picture(folder / "originals" / f"{name}.style.png"),
        "result": picture(folder / f"{name}.png"),
        "steps": len(losses),
        "first": losses[0],
        "last": losses[-1],
    }
