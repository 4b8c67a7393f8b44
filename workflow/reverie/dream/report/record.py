"""The dreams on record: small copies, and how far each drove its objective."""

from markupsafe import Markup

from reverie.dream import selection
from reverie.pictures import record
from reverie.pictures.origins import sources
from reverie.report.run import Run, copy_files
from reverie.report.words import digits, markdown
from reverie.tables import read_table

SHEET = 800  # pixels a side
# The first and last objective of F. Chollet's own run of section 8.2 of the book, which has these layers.
BOOK = {
    "first": 0.671784,
    "last": 9.94124,
    "layers": {"mixed2": 0.2, "mixed3": 3.0, "mixed4": 2.0, "mixed5": 1.5},
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
        objective = [float(line["loss"]) for line in read_table(folder / f"{name}.csv")]
        layers = {layer: weight for layer, weight in dream["layers"].items() if weight}
        inception = dream["network"] == "InceptionV3" == names["InceptionV3"] and not dream["guide"]
        pictures.append(
            {
                "name": name,
                "title": dream["title"] or name,
                "about": f"{names[dream['network']]}, {', '.join(layers)}",
                "steps": len(objective),
                "objective": " to ".join(map(digits, objective[:1] + objective[-1:])) or "–",
                "as_book": inception and layers == BOOK["layers"],
                "sheet": dream["sheet"] is not None,
            }
        )
    first = pictures[0]
    return {
        "pictures": pictures,
        "book": BOOK,
        "as_book": [picture["title"] for picture in pictures if picture["as_book"]],
        "origins": sources(run, dreams)["origins"],
        "short": Markup(
            f"{len(pictures)} dream{'s' * (len(pictures) > 1)}"
            + f"; the objective of “{markdown(first['title'])}” went from {first['objective']}"
            * (first["steps"] > 0)
            + "."
        ),
    }
