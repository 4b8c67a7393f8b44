"""The selected style transfers of the configuration."""

from reverie import grids


def styles(settings: dict) -> dict[str, dict]:
    """The selected transfers by name, with their grids expanded: `sky.style_weight-10`, ….

    ``settings`` is the configuration.
    """
    transfers = {}
    for name, style in grids.selected(settings["style"], "pictures").items():
        for full_name, words, weights in grids.combinations(name, style["grid"], plain):
            title = ", ".join([style["title"] or name, *(word.replace("_", " ") for word in words)])
            transfers[full_name] = {**style, **weights, "grid": {}, "title": title}
    return transfers


def plain(value: float) -> str:
    """The number without an exponent, such as 0.000001."""
    return f"{value:.9f}".rstrip("0").rstrip(".")
