"""From the variants in the configuration to networks with all settings that training depends on."""

from reverie import durations, grids
from reverie.forecast.kinds import BLEND, NETWORK, WITHOUT_CHANCE

# Settings that default to those of `forecast` where a variant does not state them.
SHARED = ("batch", "steps", "patience", "lookback", "step")
# Settings of a variant alone that its training depends on, but for the epochs.
OWN = (
    "layers", "optimizer", "schedule", "reversed", "shuffled", "calendar", "residual", "average",
    "auxiliary", "replication", "features", "quantiles", "refit",
)  # fmt: skip


def expanded(variants: dict[str, dict]) -> dict[str, dict]:
    """The variants with each `grid` expanded: `gru` with units 8 and 16 gives `gru.units-8`, ….

    A key of a grid is a setting of the variant, an argument of its optimizer, or one of its layers (of
    every layer that states it). Raises KeyError for any other key. Every variant must have its
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
    if variant["optimizer"] and (key == "learning_rate" or key in variant["optimizer"]):
        return {**variant, "optimizer": {**variant["optimizer"], key: value}}
    layers, stated = replaced(variant["layers"] or [], key, value)
    if not stated:
        raise KeyError(key)
    return {**variant, "layers": layers}


def replaced(layers: list[dict], key: str, value) -> tuple[list[dict], bool]:
    """The layers with the argument replaced wherever it is stated, and whether any layer states it."""
    changed_layers, stated = [], False
    for spec in layers:
        ((name, arguments),) = spec.items()
        if key in arguments:
            arguments, stated = {**arguments, key: value}, True
        if "layer" in arguments:
            (inner,), inner_stated = replaced([arguments["layer"]], key, value)
            arguments, stated = {**arguments, "layer": inner}, stated or inner_stated
        changed_layers.append({name: arguments})
    return changed_layers, stated


def selected(settings: dict) -> dict[str, dict]:
    """The variants that run, by name, with grids expanded; ``settings`` is the configuration."""
    forecast = settings["forecast"]
    return expanded(
        {
            name: {**variant, "optimizer": variant["optimizer"] or forecast["optimizer"]}
            for name, variant in grids.selected(forecast, "variants").items()
        }
    )


def network(settings: dict, variant: dict) -> dict:
    """All settings that a variant's training depends on, as plain values; durations in words."""
    forecast = settings["forecast"]
    return {
        **{key: variant[key] for key in OWN},
        **{key: variant[key] or forecast[key] for key in SHARED},
        "epochs": min(variant["epochs"], forecast["max_epochs"] or variant["epochs"]),
        "delay": forecast["delay"],
        "evaluation_batch": forecast["batch"],
        "backend": settings["backend"],
    }


def networks(settings: dict) -> dict[str, dict]:
    """The settings of every network that runs, by name."""
    return {
        name: network(settings, variant)
        for name, variant in selected(settings).items()
        if variant["kind"] == NETWORK
    }


def fitted(settings: dict) -> dict[str, dict]:
    """All settings on which a forecaster that is fitted depends, by name; durations in words."""
    forecast = settings["forecast"]
    return {
        name: {
            "kind": variant["kind"],
            "refit": variant["refit"],
            **{key: variant[key] or forecast[key] for key in ("lookback", "step")},
            "delay": forecast["delay"],
            "evaluation_batch": forecast["batch"],
        }
        for name, variant in selected(settings).items()
        if variant["kind"] not in (NETWORK, BLEND)
    }


def blends(settings: dict) -> dict[str, list[str]]:
    """The members of every blend that runs, by name: variants, and perhaps `naive`."""
    variants = selected(settings)
    every = [name for name, variant in variants.items() if variant["kind"] != BLEND]
    return {
        name: [*every, "naive"] if variant["blend"] == "all" else variant["blend"]
        for name, variant in variants.items()
        if variant["kind"] == BLEND
    }


def steps(settings: dict) -> dict[str, str]:
    """The step of every variant that runs, by name; of a blend, the shortest among its members."""
    default, by_blend = settings["forecast"]["step"], blends(settings)
    own = {name: variant["step"] or default for name, variant in selected(settings).items()}
    return own | {
        name: min((own.get(member, default) for member in members), key=durations.minutes)
        for name, members in by_blend.items()
    }


def kinds(settings: dict) -> dict[str, str]:
    """The kind of every variant that runs, by name."""
    return {name: variant["kind"] for name, variant in selected(settings).items()}


def seeds(settings: dict) -> dict[str, list[int]]:
    """The seeds of every variant that runs, by name; one without chance is made once, as 0."""
    return {
        name: [0] if kind in WITHOUT_CHANCE else settings["forecast"]["seeds"]
        for name, kind in kinds(settings).items()
    }


def default_spans(settings: dict) -> dict[str, str]:
    """The durations of a window by the path of their setting, without those of single variants."""
    forecast = settings["forecast"]
    return {f"forecast.{key}": forecast[key] for key in ("lookback", "step", "delay")}


def spans(settings: dict) -> dict[str, str]:
    """Every duration that is counted in rows of the series, by the path of its setting."""
    by_path = default_spans(settings)
    for name, variant in selected(settings).items():
        for key in ("lookback", "step"):
            if variant[key]:
                by_path[f"forecast.variants.{name}.{key}"] = variant[key]
    return by_path


def titles(settings: dict) -> dict[str, str]:
    """The title of every variant that runs, and of the ensembles of those that have one, by name."""
    by_name = {}
    for name, variant in selected(settings).items():
        by_name[name] = variant["title"]
        if variant["ensemble"] and len(settings["forecast"]["seeds"]) > 1:
            by_name[f"{name}_ensemble"] = f"{variant['title']}: mean of its forecasts"
    return by_name
