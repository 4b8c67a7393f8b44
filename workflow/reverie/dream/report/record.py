"""The dreams on record: small copies, and how far each drove its objective."""

from markupsafe import Markup

from reverie.dream import selection
from reverie.pictures import record
from reverie.pictures.origins import sources
from reverie.report.run import Run, copy_files
from reverie.report.words import digits, markdown
from reverie.tables import read_table

SHEET = 800  # pixels a side
# F. Chollet's own run of section 8.2 of the book: layers, the steps of its three octaves, and the objective.
BOOK = {
    "layers": {"mixed2": 0.2, "mixed3": 3.0, "mixed4": 2.0, "mixed5": 1.5},
    "steps": 20 + 10 + 7,
    "objective": "0.672 to 9.99",
    "first_octave": "0.672 to 9.94 (178 × 178)",
}


def keep(run: Run, folder) -> None:
    """Copy pictures and contact sheets, small, and the tables of steps."""
    source = run.folder / "dream"
    for name, dream in selection.dreams(run.settings).items():
        record.keep(source / f"{name}.png", folder / f"{name}.jpg")
        copy_files(source, folder, [f"{name}.csv"])
        if dream["sheet"]:
            record.keep(source / "sheets" / f"{name}.png", folder / "sheets" / f"{name}.jpg", SHEET)
            copy_files(source, folder, [f"sheets/{name}.csv"])


def shown(run: Run) -> dict:
    """All that `record.md` shows of the run."""
    folder, dreams = run.folder / "dream", selection.dreams(run.settings)
    names = sources(run, dreams)["network"]
    pictures = []
    for name, dream in dreams.items():
        steps = read_table(folder / f"{name}.csv")
        layers = {layer: weight for layer, weight in dream["layers"].items() if weight}
        inception = dream["network"] == "InceptionV3" == names["InceptionV3"] and not dream["guide"]
        pictures.append(
            {
                "name": name,
                "title": dream["title"] or name,
                "about": f"{names[dream['network']]}, {', '.join(layers)}",
                "steps": len(steps),
                "objective": climbed(steps),
                "first_octave": first_octave(steps),
                "as_book": inception and layers == BOOK["layers"],
                "sheet": dream["sheet"] is not None,
            }
        )
    first = pictures[0]
    return {
        "pictures": pictures,
        "book": BOOK,
        "as_book": [f"“{picture['title']}”" for picture in pictures if picture["as_book"]],
        "origins": sources(run, dreams)["origins"],
        "short": Markup(
            f"{len(pictures)} dream{'s' * (len(pictures) > 1)}"
            + f"; the objective of “{markdown(first['title'])}” went from {first['objective']}"
            * (first["steps"] > 0)
            + "."
        ),
    }


def climbed(steps: list[dict]) -> str:
    """The first and the last objective of some lines of a dream's table."""
    return " to ".join(digits(float(step["loss"])) for step in steps[:1] + steps[-1:]) or "–"


def first_octave(steps: list[dict]) -> str:
    """The objective in the smallest octave, with its width and height in pixels."""
    mine = [step for step in steps if step["octave"] == "1"]
    return f"{climbed(mine)} ({mine[0]['width']} × {mine[0]['height']})" if mine else "–"
