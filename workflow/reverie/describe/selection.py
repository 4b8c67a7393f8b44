"""From the models and writers in the configuration to all settings that a training depends on."""


def chosen(settings: dict, group: str) -> dict[str, dict]:
    """The selected entries of `models` or `writers`, whichever ``group`` says; ``settings`` is the configuration."""
    describe = settings["describe"]
    names = describe["select"]
    return {
        name: entry for name, entry in describe[group].items() if names is None or name in names
    }


def networks(settings: dict, group: str) -> dict[str, dict]:
    """All settings that each training depends on, as the `train` of alignment or of writers takes them."""
    most = settings["describe"]["max_epochs"]
    return {
        name: {key: value for key, value in entry.items() if key != "title"}
        | {
            "epochs": min(entry["epochs"], most or entry["epochs"]),
            "backend": settings["backend"],
        }
        for name, entry in chosen(settings, group).items()
    }


def evaluated(settings: dict) -> dict:
    """What `evaluation.evaluate` needs besides the folder."""
    describe = settings["describe"]
    return {
        "models": list(chosen(settings, "models")),
        "writers": list(chosen(settings, "writers")),
        "seeds": describe["seeds"],
        "beams": describe["beams"],
    }


def titles(settings: dict) -> dict[str, str]:
    """Those of the selected models and writers by name, in the order of the report."""
    return {
        name: entry["title"]
        for group in ("models", "writers")
        for name, entry in chosen(settings, group).items()
    }


def read(settings: dict) -> dict:
    """What `inputs.prepare` needs besides files."""
    describe = settings["describe"]
    return {
        "own": describe["folder"] is not None,
        "seed": describe["seeds"][0],
        **{key: describe[key] for key in ("encoding", "fewest", "longest", "most", "features")},
    }


def network(settings: dict) -> dict:
    """The `asset` of the weights that features need, and `to`, its last layer."""
    name = settings["describe"]["features"]["network"]
    return settings["weights"].get(name, {"asset": None, "to": None})


def features(settings: dict) -> dict:
    """What `features.compute` takes as `network`."""
    return settings["describe"]["features"] | {"to": network(settings)["to"]}
