"""What the report says of the files behind dreams and style transfers, and of their networks."""

from reverie.report.run import Run

SAMPLES = {
    "sky": "a drawn sky with fractal clouds",
    "meadow": "a drawn meadow",
    "painting": "a painting of drawn strokes",
    "squeezenet": "SqueezeNet 1.1, a small network, which was also trained on ImageNet",
}
# What the head of the page calls pictures and weights.
WORDS = {
    "real": {"picture": "pictures", "weights": "networks"},
    "samples": {"picture": "drawn pictures", "weights": "SqueezeNet"},
}


def sources(run: Run, pictures: dict[str, dict]) -> dict:
    """Where the files behind dreams or transfers of style come from, and their networks' names.

    `origins` are sentences, `data` a text for the head of the page, both by `samples` and `real`.
    """
    sentences = origins(run, pictures)
    data = {}
    for kind, words in WORDS.items():
        used = [
            word for use, word in words.items() if any(s.startswith(use) for s in sentences[kind])
        ]
        data[kind] = [", ".join(used)] if used else []
    return {"origins": sentences, "data": data, "network": network_names(run)}


def network_names(run: Run) -> dict[str, str]:
    """What the report calls each network: SqueezeNet, where that stands in for it."""
    return {
        name: f"SqueezeNet in place of {name}"
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
    real: list[str] = []
    replaced: dict[str, list[str]] = {}
    for name, use in uses.items():
        asset = run.assets.get(name)
        if asset and asset["sample"]:
            kind = SAMPLES[settings["assets"][name]["sample"]]
            replaced.setdefault(kind, []).append(use)
        elif asset:
            about = run.about(name)
            real.append(f"{use}: {asset['source']}" + (f" ({about})" if about else ""))
        elif name in settings["assets"] or "." in name:
            real.append(f"{use}: your own file")
    samples = [f"{' and '.join(uses)} by {kind}" for kind, uses in replaced.items()]
    return {"samples": samples, "real": real}
