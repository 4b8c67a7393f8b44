"""The transfers of style on record: small copies, and how far each loss fell."""

from reverie.pictures import record
from reverie.pictures.origins import sources
from reverie.report.run import Run, copy_files
from reverie.report.words import capitalize_first, listed, share
from reverie.style import selection
from reverie.tables import read_table

FIRST = 20  # evaluations of the loss before the book prints one
# F. Chollet's own run of section 8.3 of the book: its loss after the first and the last of its iterations, each of
# which takes FIRST evaluations.
BOOK = {
    "first": 7.40874e9,
    "last": 5.00414e8,
    "iterations": 20,
    "content": "block5_conv2",
    "styles": [f"block{number}_conv1" for number in range(1, 6)],
}


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
        final = at_last_size(losses, len(style["sizes"]), style["steps"])
        whole = len(final) <= FIRST
        pictures.append(
            {
                "name": name,
                "title": style["title"] or name,
                "about": f"{origins['network'][style['network']]}, {style['optimizer']}",
                "content": style["content_layer"],
                "styles": style["style_layers"],
                "steps": len(losses),
                "final": len(final),
                "size": style["sizes"][-1],
                "left": left(final[0 if whole else FIRST - 1], final[-1]),
                "whole": whole,
            }
        )
    return {
        "pictures": pictures,
        "book": BOOK,
        "first": FIRST,
        "left": left(BOOK["first"], BOOK["last"]),
        "origins": origins["origins"],
        "several": any(len(style["sizes"]) > 1 for style in styles.values()),
        "stand_in": any(
            origins["network"][style["network"]] != style["network"] for style in styles.values()
        ),
        "short": short(pictures),
    }


def at_last_size(losses: list[float], sizes: int, steps: int) -> list[float]:
    """The losses before the steps at the last of several sizes, of which each has ``steps`` at most.

    L-BFGS may end early at any size. But it never raises the loss, so that a higher one begins a size.
    """
    places = range(
        max(len(losses) - steps, sizes - 1), min((sizes - 1) * steps, len(losses) - 1) + 1
    )
    rises = [place for place in places if place and losses[place] > losses[place - 1]]
    return losses[rises[-1] if rises else places[0] :]


def left(first: float, last: float) -> str:
    """The last loss as a share of the first."""
    return share(last / first) if first else "–"


def short(pictures: list[dict]) -> str:
    """What is left of the losses, in a sentence."""
    parts = []
    for whole, start in ((False, f"step {FIRST}"), (True, "the first step")):
        mine = [
            f"{picture['left']} in “{picture['title']}”"
            for picture in pictures
            if picture["whole"] == whole
        ]
        if mine:
            parts.append(
                f"from {start} at the last size to the end, the loss falls to {listed(mine)}"
            )
    return capitalize_first("; ".join(parts)) + "."
