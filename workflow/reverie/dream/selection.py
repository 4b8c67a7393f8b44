"""Which dreams run, from the configuration, and what each of their files depends on."""

from reverie import grids

BESIDES = {"title", "sheet", "film"}  # settings that do not change the picture of a dream
UNUSED = {
    "dream": set(),
    "sheet": {"size", "octaves", "steps", "layers", "channels"},
    "film": {"size", "octaves", "octave_scale", "steps", "details", "blend"},
}


def dreams(settings: dict) -> dict[str, dict]:
    """The selected dreams by name; ``settings`` is the configuration."""
    return grids.selected(settings["dream"], "pictures")


def settings_for(dream: dict, part: str) -> dict:
    """What the picture (``part`` "dream"), the `sheet` or the `film` of a dream depends on."""
    unused = BESIDES | UNUSED[part]
    return {key: value for key, value in dream.items() if key not in unused or key == part}
