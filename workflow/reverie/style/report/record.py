"""The transfers of style on record: small copies, and how far each loss fell."""

from reverie.pictures import record
from reverie.pictures.origins import sources
from reverie.report.run import Run, copy_files
from reverie.report.words import share
from reverie.style import selection
from reverie.tables import read_table

# The loss of F. Chollet's own run of section 8.3 of the book after its first and its last iteration.
BOOK = {"first": 7.41e9, "last": 5.00e8, "iterations": 20}


def keep(run: Run, folder) -> None:
    """Copy pictures, small, and the tables of steps."""
    source = run.folder / "style"
    for name in selection.styles(run.settings):
        record.keep(source / f"{name}.png", folder / f"{name}.jpg")
        copy_files(source, folder, [f"{name}.csv"])


def shown(run: Run) -> dict:
    """All that `record.md` shows of the run."""
    folder, styles = run.folder / "style", selection.styles(run.settings)
    origins = sources(run, styles)
    pictures = []
    for name, style in styles.items():
        losses = [float(line["loss"]) for line in read_table(folder / f"{name}.csv")]
        pictures.append(
            {
                "name": name,
                "title": style["title"] or name,
                "about": f"{origins['network'][style['network']]}, {style['optimizer']}",
                "steps": len(losses),
                "left": share(losses[-1] / losses[0]),
                "sizes": len(style["sizes"]),
            }
        )
    return {
        "pictures": pictures,
        "book": BOOK,
        "left": share(BOOK["last"] / BOOK["first"]),
        "origins": origins["origins"],
        "short": "Of its first value, the loss keeps "
        + ", ".join(f"{picture['left']} in “{picture['title']}”" for picture in pictures)
        + ".",
    }
