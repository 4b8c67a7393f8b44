# What a part needs that works on pictures with a trained network.


def picture_sources(part, name, settings, keys, but=None):
    """Weights and pictures of one entry of `pictures`, by what they are for.

    ``keys`` are the settings that name a picture; ``but`` is a word there that names none.
    """
    sources = {"weights": RECORDS / f"{SETTINGS.weights[settings['network']].asset}.json"}
    for key in sorted(keys):
        picture = settings[key]
        if picture not in (None, but):
            path = None if picture in SETTINGS.assets else picture
            sources[key] = source(part, f"pictures.{name}.{key}", path, picture)
    return sources


def weights_end(settings):
    """The last layer of the weights, where they are not all of the network's."""
    return SETTINGS.weights[settings["network"]].to
