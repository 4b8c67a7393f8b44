"""What there is of a forecast that is not finished."""

from pathlib import Path

from reverie.forecast import evaluation, trained, variants
from reverie.forecast.charts import Forecasts
from reverie.forecast.kinds import WITHOUT_CHANCE
from reverie.report.run import Run, link

TABLES = [f"{name}.csv" for name in evaluation.TABLES]


def narrow(run: Run, source: Path, target: Path) -> bool:
    """Narrow the run to the networks and seeds that are trained; False where there are none."""
    config, seeds = run.settings["forecast"], variants.seeds(run.settings)
    selected = variants.selected(run.settings)
    trainings = trained.trainings(source, seeds)
    absent = [
        f"{name} with seed {', '.join(str(seed) for seed in seeds[name] if seed not in folders)}"
        if folders
        else name
        for name, folders in trainings.items()
        if len(folders) < len(seeds[name])
    ]
    trainings = {name: folders for name, folders in trainings.items() if folders}
    series = source / "series.npz"
    if not trainings or not series.is_file():
        run.missing.append("forecast: no network is trained yet")
        return False
    run.missing += [f"forecast: {name} is not trained" for name in absent]
    drawn = [f"plots/{name}.svg" for name in ("errors", "years", "days")]  # one of each job's
    if not absent and all((source / name).is_file() for name in [*TABLES, *drawn]):
        link(source, target)
        return True
    config["select"] = None
    config["variants"] = {
        name: {**selected[name], "ensemble": selected[name]["ensemble"] and len(folders) > 1}
        for name, folders in trainings.items()
    }
    chance = [f for name, f in trainings.items() if selected[name]["kind"] not in WITHOUT_CHANCE]
    done = [seed for seed in config["seeds"] if any(seed in folders for folders in chance)]
    config["seeds"] = done or config["seeds"]
    link(source, target, {*TABLES, "plots"})
    evaluated = {
        name: evaluation.Variant.read(
            source / name,
            folders,
            config["variants"][name]["ensemble"],
            selected[name]["kind"],
            selected[name]["quantiles"],
        )
        for name, folders in trainings.items()
    }
    spans = (config[key] for key in ("lookback", "step", "delay"))
    steps = variants.steps(run.settings)
    evaluation.evaluate(evaluation.read_target(series, *spans, steps), evaluated, target)
    from reverie.forecast import plots

    plots.draw(series, config["series"]["unit"], target / "plots")
    shown = variants.titles(run.settings), variants.seeds(run.settings), config
    for name, chart in Forecasts(target, *shown).charts().items():
        chart.save(target / "plots" / f"{name}.svg")
    return True
