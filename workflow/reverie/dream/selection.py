"""The selected dreams of the configuration, and the settings that their files depend on."""

from reverie import grids

OTHERS = {"title", "sheet", "film"}  # settings that do not change a dream's picture
UNUSED = {
    "dream": set(),
    "sheet": {"size", "octaves", "steps", "layers", "channels"},
    "film": {"size", "octaves", "octave_scale", "steps", "details", "blend"},
}


def dreams(settings: dict) -> dict[str, dict]:
    """The selected dreams by name; ``settings`` is the configuration."""
    return grids.selected(settings["dream"], "pictures")


def settings_for(dream: dict, part: str) -> dict:
    """Settings that determine the picture (``part`` "dream"), `sheet` or `film` of a dream."""
    unused = OTHERS | UNUSED[part]
    return {key: value for key, value in dream.items() if key not in unused or key == part}
