"""The report's part on dreams: what its template is filled with."""

from pathlib import Path

from reverie.dream import selection
from reverie.report.embedded import film, picture
from reverie.report.run import Run
from reverie.samples import drawings
from reverie.tables import read_table

FILM_LIMIT = 4_000_000  # bytes; a larger film is named, not shown
SAMPLES = {
    "sky": "a sky of fractal clouds",
    "sheet": "a sheet of drawings",
    "painting": "a painting of drawn strokes",
    "convnet": "a small network that was taught " + ", ".join(k.__name__ for k in drawings.KINDS),
}


def section(run: Run) -> dict:
    """All that `section.html` shows of the run."""
    chosen = selection.dreams(run.settings)
    found = origins(run, chosen)
    return {
        "origins": found,
        "data": counted(found),
        "network": network_names(run),
        "dreams": [shown(run.folder / "dream", name, one) for name, one in chosen.items()],
    }


def shown(folder: Path, name: str, one: dict) -> dict:
    """One dream: its pictures as addresses, its settings in words."""
    losses = [float(line["loss"]) for line in read_table(folder / f"{name}.csv")]
    made = folder / "films" / f"{name}.mp4" if one["film"] else None
    return {
        "name": name,
        "title": one["title"] or name,
        "settings": one,
        "layers": {layer: weight for layer, weight in one["layers"].items() if weight},
        "before": picture(folder / "originals" / f"{name}.png"),
        "after": picture(folder / f"{name}.png"),
        "octaves": picture(folder / "octaves" / f"{name}.png"),
        "sheet": picture(folder / "sheets" / f"{name}.png") if one["sheet"] else None,
        "film": film(made) if made and made.stat().st_size <= FILM_LIMIT else None,
        "film_path": made and made.relative_to(folder.parent).as_posix(),
        "steps": len(losses),
    }


def network_names(run: Run) -> dict[str, str]:
    """What the report calls each network: the small convnet, where that stands in for it."""
    return {
        name: f"A small network in the place of {name}"
        if run.assets.get(weights["asset"], {}).get("sample")
        else name
        for name, weights in run.settings["weights"].items()
    }


def origins(run: Run, chosen: dict[str, dict]) -> dict[str, list[str]]:
    """Where pictures and weights come from: `samples` and `real`, sentences by name."""
    settings, used = run.settings, {}
    for one in chosen.values():
        used[settings["weights"][one["network"]]["asset"]] = f"weights of {one['network']}"
        for key in ("picture", "guide", "style"):
            if one.get(key):
                used[one[key]] = f"picture {one[key]}"
    found: dict[str, list[str]] = {"samples": [], "real": []}
    for name, what in used.items():
        asset = run.assets.get(name)
        if asset and asset["sample"]:
            kind = SAMPLES[settings["assets"][name]["sample"]]
            found["samples"].append(f"{what}: {kind}")
        elif asset:
            found["real"].append(f"{what}: {asset['source']}")
        elif name in settings["assets"] or "." in name:
            found["real"].append(f"{what}: a file of your own")
    return found


def counted(origins: dict[str, list[str]]) -> dict[str, list[str]]:
    """How many are real and how many samples, in a word for the head of the page."""
    return {kind: [f"{len(found)} files"] if found else [] for kind, found in origins.items()}
