# What the rules of the dreams need to know: names, sources, and functions of wildcards.
from reverie.dream import estimates as dream_estimates
from reverie.dream import selection as dream_selection
from reverie.dream.config import NOISE

lecture_first("dream", "pictures")
DREAMS = dream_selection.dreams(config)
SHEETS = [name for name, dream in DREAMS.items() if dream["sheet"]]
FILMS = [name for name, dream in DREAMS.items() if dream["film"]]
DREAM_SOURCES = {
    name: picture_sources("dream", name, dream, ["picture", "guide"], but=NOISE)
    for name, dream in DREAMS.items()
}


def dream_of(wildcards):
    """The settings of the dream, and the kind of output: `dream`, `sheet` or `film`."""
    [(kind, name)] = wildcards.items()
    return DREAMS[name], kind


def dream_sources(wildcards):
    [name] = wildcards
    return DREAM_SOURCES[name]


def dream_settings(wildcards):
    """The settings that the picture, sheet or film of the dream depends on."""
    return dream_selection.settings_for(*dream_of(wildcards))


def dream_weights_end(wildcards):
    return weights_end(dream_of(wildcards)[0])


def dream_seconds(wildcards):
    return round(dream_estimates.seconds(*dream_of(wildcards)))
