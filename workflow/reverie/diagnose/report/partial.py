"""What there is of diagnoses that are not finished."""

from pathlib import Path

from reverie import grids
from reverie.diagnose import models
from reverie.diagnose.kinds import ENSEMBLES
from reverie.report.run import Run, comparable, link

TABLES = [
    f"{name}.csv"
    for name in ("metrics", "summary", "pairs", "labels", "gaps", "calibration", "best")
]

STILLS = ("measures", "calibration", "conditions", "curves")


def narrow(run: Run, source: Path, target: Path) -> bool:
    """Narrow the run to the models and seeds that are trained or fitted; False where there are none."""
    config = run.settings["diagnose"]
    if not (source / "episodes.json").is_file():
        run.missing.append("diagnose: no episodes are prepared yet")
        return False
    folders = [*models.trained(run.settings), *models.fitted(run.settings)]
    done = {
        (folder, seed)
        for folder in folders
        for seed in config["seeds"]
        if (source / folder / f"seed{seed}" / "predictions.npz").is_file()
    }
    whole = len(done) == len(folders) * len(config["seeds"])
    if whole and all((source / name).is_file() for name in [*TABLES, "plots/measures.svg"]):
        link(source, target)
        return True
    seeds, ready = comparable(folders, config["seeds"], done)
    if not ready:
        run.missing.append("diagnose: no model is trained yet")
        return False
    run.missing += [
        f"diagnose: {folder} is not trained" for folder in folders if folder not in ready
    ]
    narrow_settings(config, ready)
    config["seeds"] = seeds
    link(source, target, {*TABLES, "plots"})
    from reverie.diagnose import comparison
    from reverie.diagnose.charts import Diagnoses

    comparison.measure(target, **models.compared(run.settings))
    if (source / "plots").is_dir():  # those of one network's predictions stay as they are
        link(source / "plots", target / "plots", {f"{name}.svg" for name in STILLS})
    else:
        (target / "plots").mkdir()
    charts = Diagnoses(target, **models.shown(run.settings)).charts()
    for name, chart in charts.items():
        chart.save(target / "plots" / f"{name}.svg")
    return True


def narrow_settings(config: dict, ready: list[str]) -> None:
    """Leave only the models whose folders are ``ready`` in the settings, and their ensembles."""
    tasks: dict[str, list[str]] = {}
    for folder in ready:
        task, _, name = folder.partition("/")
        tasks.setdefault(name, []).append(task)
    config["models"] = {
        name: model
        | ({} if model["kind"] in ENSEMBLES or config["table"] else {"tasks": tasks[name]})
        for name, model in grids.selected(config, "models").items()
        if name in tasks or model["kind"] in ENSEMBLES
    }
    config["select"] = None
    if not config["table"]:
        config["tasks"] = [
            task for task in config["tasks"] if any(task in of_model for of_model in tasks.values())
        ]
