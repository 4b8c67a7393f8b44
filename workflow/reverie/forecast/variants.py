"""From the configuration's variants to networks with all that their training depends on."""

from reverie import grids

# Settings of a variant that fall back on the forecast's own.
SHARED = ("batch", "steps", "lookback", "step")


def expanded(variants: dict[str, dict]) -> dict[str, dict]:
    """The variants with each `grid` spelled out: `gru` with units 8 and 16 gives `gru.units-8`, ….

    A key of a grid is a setting of the variant, or an argument of its optimizer or of its layers
    (of all that state it). Raises KeyError with a key that is none of these. Every variant has its
    optimizer.
    """
    networks = {}
    for name, variant in variants.items():
        for full_name, words, settings in grids.combinations(name, variant["grid"]):
            network = {**variant, "grid": {}, "title": ", ".join([variant["title"], *words])}
            for key, value in settings.items():
                network = changed(network, key, value)
            networks[full_name] = network
    return networks


def changed(variant: dict, key: str, value) -> dict:
    """The variant with one setting or argument replaced."""
    if key in variant:
        return {**variant, key: value}
    if key == "learning_rate" or key in variant["optimizer"]:
        return {**variant, "optimizer": {**variant["optimizer"], key: value}}
    layers, met = replaced(variant["layers"], key, value)
    if not met:
        raise KeyError(key)
    return {**variant, "layers": layers}


def replaced(layers: list[dict], key: str, value) -> tuple[list[dict], bool]:
    """The layers with the argument replaced wherever it is stated, and whether it was."""
    changed_layers, met = [], False
    for spec in layers:
        ((name, arguments),) = spec.items()
        if key in arguments:
            arguments, met = {**arguments, key: value}, True
        if "layer" in arguments:
            (inner,), inner_met = replaced([arguments["layer"]], key, value)
            arguments, met = {**arguments, "layer": inner}, met or inner_met
        changed_layers.append({name: arguments})
    return changed_layers, met


def selected(settings: dict) -> dict[str, dict]:
    """The variants that run, by name, grids spelled out; ``settings`` is the configuration."""
    forecast = settings["forecast"]
    return expanded(
        {
            name: {**variant, "optimizer": variant["optimizer"] or forecast["optimizer"]}
            for name, variant in grids.selected(forecast, "variants").items()
        }
    )


def network(settings: dict, variant: dict) -> dict:
    """All that a variant's training depends on, in plain values; durations in words."""
    forecast = settings["forecast"]
    kept = ("layers", "optimizer", "schedule", "reversed", "shuffled", "calendar", "residual")
    return {
        **{key: variant[key] for key in kept},
        **{key: variant[key] or forecast[key] for key in SHARED},
        "epochs": min(variant["epochs"], forecast["max_epochs"] or variant["epochs"]),
        "delay": forecast["delay"],
        "evaluation_batch": forecast["batch"],
        "backend": settings["backend"],
    }


def networks(settings: dict) -> dict[str, dict]:
    """Every network that runs, by name."""
    return {name: network(settings, variant) for name, variant in selected(settings).items()}


def spans(settings: dict) -> dict[str, str]:
    """Every duration that is counted in rows of the series, by the path of its setting."""
    forecast = settings["forecast"]
    durations = {f"forecast.{key}": forecast[key] for key in ("lookback", "step", "delay")}
    for name, variant in selected(settings).items():
        for key in ("lookback", "step"):
            if variant[key]:
                durations[f"forecast.variants.{name}.{key}"] = variant[key]
    return durations


def titles(settings: dict) -> dict[str, str]:
    """Title of every network that runs, each followed by its ensemble where it has one."""
    by_name = {}
    for name, variant in selected(settings).items():
        by_name[name] = variant["title"]
        if variant["ensemble"] and len(settings["forecast"]["seeds"]) > 1:
            by_name[f"{name}_ensemble"] = f"{variant['title']}: mean of its forecasts"
    return by_name
