"""What there is of transfers of style that are not finished."""

from pathlib import Path

from reverie.report.run import Run, linked
from reverie.style import selection


def narrow(run: Run, source: Path, target: Path) -> bool:
    """Narrow the run to the pictures that are painted; False where there are none."""
    selected = selection.styles(run.settings)
    styles = {name: s for name, s in selected.items() if (source / f"{name}.png").is_file()}
    run.missing += [f"style: {name} is not painted" for name in selected if name not in styles]
    run.settings["style"] = {"select": None, "pictures": styles}
    for name in linked(styles, source, target):
        from reverie.style import plots

        plots.descent(source / f"{name}.csv", target / "plots" / f"{name}.svg")
    return bool(styles)
