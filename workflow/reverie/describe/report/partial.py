"""What there is of sentences for pictures that are not finished."""

from pathlib import Path

from reverie.describe import selection
from reverie.describe.report.section import TABLES
from reverie.report.run import Run, comparable, link

FILES = [*(f"{name}.csv" for name in TABLES), "captions.jsonl"]
DATA = ["pictures.json", "described.npz", "features.npy"]  # of which tables are made
RESULTS = {"models": "ranks_test.npz", "writers": "captions.jsonl"}


def narrow(run: Run, source: Path, target: Path) -> bool:
    """Narrow the run to the models, writers and seeds that are trained; False where there are none."""
    config = run.settings["describe"]
    names = {name: group for group in RESULTS for name in selection.chosen(run.settings, group)}
    done = {
        (name, seed)
        for name, group in names.items()
        for seed in config["seeds"]
        if (source / name / f"seed{seed}" / RESULTS[group]).is_file()
    }
    whole = len(done) == len(names) * len(config["seeds"])
    if whole and (source / "plots").is_dir() and all((source / name).is_file() for name in FILES):
        link(source, target)
        return True
    if not all((source / name).is_file() for name in DATA):
        run.missing.append("describe: no features of pictures are computed yet")
        return False
    seeds, ready = comparable(list(names), config["seeds"], done)
    if not ready:
        run.missing.append("describe: no model is trained yet")
        return False
    run.missing += [f"describe: {name} is not trained" for name in names if name not in ready]
    for group in RESULTS:
        config[group] = {name: entry for name, entry in config[group].items() if name in ready}
    config |= {"select": None, "seeds": seeds}
    link(source, target, {*FILES, "plots"})
    from reverie.describe import evaluation
    from reverie.describe.charts import Descriptions

    evaluation.evaluate(target, **selection.evaluated(run.settings))
    (target / "plots").mkdir()
    charts = Descriptions(target, selection.titles(run.settings), seeds).charts()
    for name, chart in charts.items():
        chart.save(target / "plots" / f"{name}.svg")
    return True
