"""The report's part on dreams: what its template is filled with."""

from pathlib import Path

from reverie.dream import selection
from reverie.pictures.origins import sources
from reverie.report.embedded import SMALL, film, picture
from reverie.report.part import Outcome
from reverie.report.run import Run
from reverie.tables import read_table

FILM_LIMIT = 4_000_000  # bytes; a larger film is named, not shown


def section(run: Run) -> dict:
    """All that `section.html` shows of the run."""
    dreams = selection.dreams(run.settings)
    shown = [described(run.folder / "dream", name, dream) for name, dream in dreams.items()]
    name, *_ = dreams
    outcome = Outcome(
        detail=dreams[name]["title"] or name,
        picture=picture(run.folder / "dream" / f"{name}.png", SMALL),
    )
    return sources(run, dreams) | {"dreams": shown, "outcome": outcome}


def described(folder: Path, name: str, dream: dict) -> dict:
    """One dream: its pictures as addresses, its settings in words."""
    file = folder / "films" / f"{name}.mp4" if dream["film"] else None
    return {
        "name": name,
        "title": dream["title"] or name,
        "settings": dream,
        "layers": {layer: weight for layer, weight in dream["layers"].items() if weight},
        "before": picture(folder / "originals" / f"{name}.png"),
        "after": picture(folder / f"{name}.png"),
        "octaves": picture(folder / "octaves" / f"{name}.png"),
        "sheet": picture(folder / "sheets" / f"{name}.png") if dream["sheet"] else None,
        "film": film(file) if file and file.stat().st_size <= FILM_LIMIT else None,
        "film_path": file and file.relative_to(folder.parent).as_posix(),
        "steps": len(read_table(folder / f"{name}.csv")),
    }
