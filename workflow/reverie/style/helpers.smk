# What the rules of the transfers of style need to know: names, sources, and functions of wildcards.
from reverie.style.selection import styles
from reverie.style import estimates as style_estimates

lecture_first("style", "pictures")
STYLES = styles(config)
STYLE_SOURCES = {
    name: picture_sources("style", name, style, ["picture", "style"])
    for name, style in STYLES.items()
}


def style_sources(wildcards):
    return STYLE_SOURCES[wildcards.style]


def style_settings(wildcards):
    """The settings without the title, which does not affect the picture."""
    return {key: value for key, value in STYLES[wildcards.style].items() if key != "title"}


def style_weights_end(wildcards):
    return weights_end(STYLES[wildcards.style])


def style_seconds(wildcards):
    return round(style_estimates.seconds(STYLES[wildcards.style]))
