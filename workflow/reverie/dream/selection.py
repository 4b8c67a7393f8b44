"""Which dreams and transfers of style run, from the configuration."""

from reverie import grids

BESIDES = {"title", "sheet", "film"}  # settings that do not change the picture of a dream
UNUSED = {
    "dream": set(),
    "sheet": {"size", "octaves", "steps", "layers", "channels"},
    "film": {"size", "octaves", "octave_scale", "steps", "details", "blend"},
}


def dreams(settings: dict) -> dict[str, dict]:
    """The selected dreams by name; ``settings`` is the configuration."""
    return chosen(settings["dream"])


def styles(settings: dict) -> dict[str, dict]:
    """The selected transfers of style by name, grids spelled out: `sky.style_weight-10`, …."""
    transfers = {}
    for name, style in chosen(settings["style"]).items():
        for full_name, words, weights in grids.combinations(name, style["grid"], plain):
            title = ", ".join([style["title"] or name, *(word.replace("_", " ") for word in words)])
            transfers[full_name] = {**style, **weights, "grid": {}, "title": title}
    return transfers


def plain(value: float) -> str:
    """Without an exponent: 0.000001."""
    return f"{value:.9f}".rstrip("0").rstrip(".")


def chosen(section: dict) -> dict[str, dict]:
    """The entries of `dream` or `style` that its `select` names, or all."""
    pictures = section["pictures"]
    return {name: pictures[name] for name in section["select"] or pictures}


def settings_for(dream: dict, part: str) -> dict:
    """What the picture (``part`` "dream"), the `sheet` or the `film` of a dream depends on."""
    unused = BESIDES | UNUSED[part]
    return {key: value for key, value in dream.items() if key not in unused or key == part}
