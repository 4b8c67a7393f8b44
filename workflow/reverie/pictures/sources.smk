# Inputs of the parts that work on pictures with a pretrained network.


def picture_sources(part, name, settings, keys, but=None):
    """Files of the weights and pictures that the entry ``name`` of `pictures` needs, by purpose.

    ``keys`` are the settings that name a picture; ``but`` is a value of them that names none.
    """
    sources = {"weights": RECORDS / f"{SETTINGS.weights[settings['network']].asset}.json"}
    for key in keys:
        picture = settings[key]
        if picture not in (None, but):
            path = None if picture in SETTINGS.assets else picture
            sources[key] = source(part, f"pictures.{name}.{key}", path, picture)
    return sources


def weights_end(settings):
    """The last layer that the weights file has, if it does not have all layers."""
    return SETTINGS.weights[settings["network"]].to
