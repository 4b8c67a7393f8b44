"""Which dreams and transfers of style run, from the configuration."""

import itertools

from reverie.forecast.variants import slug

TOLD = {"title", "sheet", "film"}
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
    found = {}
    for name, style in chosen(settings["style"]).items():
        for values in itertools.product(*style["grid"].values()):
            changes = dict(zip(style["grid"], values, strict=True))
            plain = {key: f"{value:.9f}".rstrip("0").rstrip(".") for key, value in changes.items()}
            words = (f"{key.replace('_', ' ')} {value}" for key, value in plain.items())
            title = ", ".join([style["title"] or name, *words])
            slugs = (slug(key, value) for key, value in plain.items())
            found[".".join([name, *slugs])] = {**style, **changes, "grid": {}, "title": title}
    return found


def chosen(section: dict) -> dict[str, dict]:
    """The entries of `dream` or `style` that its `select` names, or all."""
    pictures = section["pictures"]
    return {name: pictures[name] for name in section["select"] or pictures}


def settings_for(dream: dict, part: str) -> dict:
    """What the picture (``part`` "dream"), the `sheet` or the `film` of a dream depends on."""
    unused = TOLD | UNUSED[part]
    return {key: value for key, value in dream.items() if key not in unused or key == part}
