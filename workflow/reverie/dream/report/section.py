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
    dreams = selection.dreams(run.settings)
    shown = [described(run.folder / "dream", name, dream) for name, dream in dreams.items()]
    return sources(run, dreams) | {"dreams": shown}


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


def sources(run: Run, pictures: dict[str, dict]) -> dict:
    """Where the files behind dreams or transfers of style come from, and their networks' names.

    `origins` are sentences, `data` a word for the head of the page, both by `samples` and `real`.
    """
    sentences = origins(run, pictures)
    data = {kind: [f"{len(files)} files"] if files else [] for kind, files in sentences.items()}
    return {"origins": sentences, "data": data, "network": network_names(run)}


def network_names(run: Run) -> dict[str, str]:
    """What the report calls each network: the small convnet, where that stands in for it."""
    return {
        name: f"A small network in the place of {name}"
        if run.assets.get(weights["asset"], {}).get("sample")
        else name
        for name, weights in run.settings["weights"].items()
    }


def origins(run: Run, pictures: dict[str, dict]) -> dict[str, list[str]]:
    """Where pictures and weights come from: `samples` and `real`, a sentence for each file."""
    settings, uses = run.settings, {}
    for entry in pictures.values():
        uses[settings["weights"][entry["network"]]["asset"]] = f"weights of {entry['network']}"
        for key in ("picture", "guide", "style"):
            if entry.get(key):
                uses[entry[key]] = f"picture {entry[key]}"
    sentences: dict[str, list[str]] = {"samples": [], "real": []}
    for name, use in uses.items():
        asset = run.assets.get(name)
        if asset and asset["sample"]:
            kind = SAMPLES[settings["assets"][name]["sample"]]
            sentences["samples"].append(f"{use}: {kind}")
        elif asset:
            sentences["real"].append(f"{use}: {asset['source']}")
        elif name in settings["assets"] or "." in name:
            sentences["real"].append(f"{use}: a file of your own")
    return sentences
