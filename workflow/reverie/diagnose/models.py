"""From the models in the configuration to all settings that a training or a fit depends on."""

from reverie import grids
from reverie.diagnose.kinds import ENSEMBLES, FITS, NETWORKS, OWN
from reverie.diagnose.variables import STATICS

READS = {"lstm": "hours", "gru_d": "decay", "mlp": "features", "logistic": "features"}
DEFAULTS = {"epochs": 24, "patience": 3, "batch": 64, "learning_rate": 0.004}
OF_PERCEPTRONS = {"epochs": 150, "patience": 8, "batch": 128, "learning_rate": 0.0003}
CLIPNORM = 1.0


def tasks(settings: dict) -> list[str]:
    """The tasks of the run; ``settings`` is the configuration."""
    diagnose = settings["diagnose"]
    return [OWN] if diagnose["table"] else diagnose["tasks"]


def of_task(settings: dict, task: str) -> dict[str, dict]:
    """The models that stand in the task, by name."""
    selected = grids.selected(settings["diagnose"], "models")
    return {name: model for name, model in selected.items() if stands(model, task)}


def stands(model: dict, task: str) -> bool:
    """Whether the model stands in the task.

    What a patient had before is known of conditions alone. Own episodes have no auxiliary labels: the
    model would be another one under another name.
    """
    if model["kind"] == "persistence" and task != "conditions":
        return False
    if task == OWN:
        return not model["auxiliary"]
    return model["tasks"] is None or task in model["tasks"]


def trained(settings: dict) -> dict[str, dict]:
    """All that the training of each network depends on, by its folder, `<task>/<name>`."""
    return {
        f"{task}/{name}": network(settings, model)
        for task in tasks(settings)
        for name, model in of_task(settings, task).items()
        if model["kind"] in NETWORKS
    }


def fitted(settings: dict) -> dict[str, dict]:
    """All that the fit of each other model depends on, by its folder, `<task>/<name>`."""
    return {
        f"{task}/{name}": {
            "kind": model["kind"],
            "reads": model["reads"] or "features",
            "indicators": model["indicators"],
            "statics": statics(settings),
        }
        for task in tasks(settings)
        for name, model in of_task(settings, task).items()
        if model["kind"] in FITS
    }


def ensembles(settings: dict) -> dict[str, dict]:
    """`combined` and `kinds` of each ensemble by name."""
    return {
        name: {"combined": model["kind"], "kinds": model["of"]}
        for name, model in grids.selected(settings["diagnose"], "models").items()
        if model["kind"] in ENSEMBLES
    }


def network(settings: dict, model: dict) -> dict:
    """All settings that a network's training depends on, as `training.train` takes them."""
    defaults = OF_PERCEPTRONS if model["kind"] == "mlp" else DEFAULTS
    chosen = {key: model[key] or value for key, value in defaults.items()}
    most = settings["diagnose"]["max_epochs"]
    own = ("kind", "indicators", "units", "dropout", "decay", "replication", "gain", "auxiliary")
    return {
        **{key: model[key] for key in own},
        "reads": model["reads"] or READS[model["kind"]],
        "statics": statics(settings),
        "optimizer": {
            "name": "Adam",
            "learning_rate": chosen["learning_rate"],
            "clipnorm": CLIPNORM,
        },
        "batch": chosen["batch"],
        "epochs": min(chosen["epochs"], most or chosen["epochs"]),
        "patience": chosen["patience"],
        "backend": settings["backend"],
    }


def statics(settings: dict) -> list[str]:
    """What models read of the start of a stay; of the user's own episodes nothing is known then."""
    diagnose = settings["diagnose"]
    return list(STATICS) if diagnose["statics"] and not diagnose["table"] else []


def explained(settings: dict) -> str | None:
    """The folder of the network whose predictions are shown hour by hour and by variable.

    Of the networks of the first task that have target replication, without which there are no hourly
    predictions, the largest one, among equals the first; None if there is none.
    """
    there = {
        folder: sum(trained_network["units"])
        for folder, trained_network in trained(settings).items()
        if folder.startswith(f"{tasks(settings)[0]}/")
        and trained_network["replication"] is not None
    }
    return max(there, key=there.get, default=None)


def compared(settings: dict) -> dict:
    """What `comparison.measure` needs besides the folder."""
    diagnose = settings["diagnose"]
    return {
        "kinds": {
            task: {
                name: model["kind"]
                for name, model in of_task(settings, task).items()
                if model["kind"] not in ENSEMBLES
            }
            for task in tasks(settings)
        },
        "ensembles": ensembles(settings),
        "seeds": diagnose["seeds"],
        "k": diagnose["k"],
    }


def shown(settings: dict) -> dict:
    """What `charts.Diagnoses` needs besides the folder."""
    diagnose = settings["diagnose"]
    selected = grids.selected(diagnose, "models")
    return {
        "titles": {name: model["title"] for name, model in selected.items()},
        "kinds": {name: model["kind"] for name, model in selected.items()},
        "seeds": diagnose["seeds"],
        "k": diagnose["k"],
    }
