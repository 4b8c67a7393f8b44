"""What there is of a forecast that is not finished."""

import json
from pathlib import Path

from reverie.forecast import evaluation, variants
from reverie.report.run import Run, link


def narrow(run: Run, source: Path, target: Path) -> bool:
    """Narrow the run to the networks and seeds that are trained; False where there are none."""
    config, seeds = run.settings["forecast"], run.settings["forecast"]["seeds"]
    chosen = variants.selected(run.settings)
    trained = {
        name: {
            seed: source / name / f"seed{seed}"
            for seed in seeds
            if (source / name / f"seed{seed}" / "history.csv").is_file()
        }
        for name in chosen
    }
    absent = [
        name
        if not found
        else f"{name} with seed {', '.join(str(s) for s in seeds if s not in found)}"
        for name, found in trained.items()
        if len(found) < len(seeds)
    ]
    trained = {name: found for name, found in trained.items() if found}
    series = source / "series.npz"
    if not trained or not series.is_file():
        run.missing.append("forecast: no network is trained yet")
        return False
    run.missing += [f"forecast: {name} is not trained" for name in absent]
    made = ["metrics.csv", "summary.csv", "conditions.csv", "pairs.csv"]
    if not absent and all((source / name).is_file() for name in [*made, "plots/curves.svg"]):
        link(source, target)
        return True
    config["select"] = None
    config["variants"] = {
        name: {**chosen[name], "ensemble": chosen[name]["ensemble"] and len(found) > 1}
        for name, found in trained.items()
    }
    config["seeds"] = [seed for seed in seeds if any(seed in found for found in trained.values())]
    link(source, target, {*made, "plots"})
    models = {name: json.loads((source / name / "model.json").read_text()) for name in trained}
    evaluation.evaluate(
        series, config["lookback"], config["step"], config["delay"], trained,
        {name: model["parameters"] for name, model in models.items()},
        [name for name, one in config["variants"].items() if one["ensemble"]],
        *(target / name for name in made),
    )  # fmt: skip
    from reverie.forecast import plots

    titles, unit, folder = variants.titles(run.settings), config["series"]["unit"], target / "plots"
    plots.draw_series(series, unit, folder)
    plots.draw(target, titles, config["seeds"], unit, config["step"], config["delay"], folder)
    return True
