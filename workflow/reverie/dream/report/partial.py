"""What there is of dreams that are not finished."""

from pathlib import Path

from reverie.dream import selection
from reverie.report.run import Run, linked


def narrow(run: Run, source: Path, target: Path) -> bool:
    """Narrow the run to the dreams that are dreamt; False where there are none."""
    dreams = {}
    for name, dream in selection.dreams(run.settings).items():
        if not (source / f"{name}.png").is_file():
            run.missing.append(f"dream: {name} is not dreamt")
            continue
        parts = {
            "sheet": source / "sheets" / f"{name}.png",
            "film": source / "films" / f"{name}.mp4",
        }
        absent = [part for part, file in parts.items() if dream[part] and not file.is_file()]
        run.missing += [f"dream: {name} has no {part}" for part in absent]
        dreams[name] = dream | dict.fromkeys(absent)
    run.settings["dream"] = {"select": None, "pictures": dreams}
    for name in linked(dreams, source, target):
        from reverie.dream import plots

        plots.ascent(source / f"{name}.csv", target / "plots" / f"{name}.svg")
    return bool(dreams)
