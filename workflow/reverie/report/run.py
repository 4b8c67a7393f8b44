"""A run's files as the report reads them: all of them, or what is there so far.

Plots are imported where one is to be drawn: matplotlib and pandas take as long as all of a report.
"""

import copy
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from reverie import config as configuration
from reverie import provenance
from reverie.dream import selection
from reverie.errors import ReverieError
from reverie.forecast import evaluation, variants
from reverie.text import measures

WHOLE, PARTIAL = "report.html", "report.partial.html"


@dataclass
class Run:
    """Where its files lie, its configuration, what is known of its making, and what is missing."""

    name: str
    folder: Path
    settings: dict
    provenance: dict
    missing: list[str] = field(default_factory=list)

    @property
    def assets(self) -> dict[str, dict]:
        """Records of the assets that it used, by name."""
        return {asset["asset"]: asset for asset in self.provenance["assets"]}


def finished(folder: Path) -> Run:
    """A run of which the workflow made everything."""
    facts = json.loads((folder / "provenance.json").read_text())
    return Run(folder.name, folder, facts["config"], facts)


def so_far(folder: Path, scratch: Path) -> Run:
    """What is there of a run, and what follows from it without a network.

    ``scratch`` is an empty folder: files of the run are linked into it, and what the workflow has
    not come to (errors, figures) is made there. The run's own folder stays as it is. Raises
    ReverieError where nothing of a run is found.
    """
    facts = facts_of(folder)
    run = Run(folder.resolve().name, scratch, copy.deepcopy(facts["config"]), facts)
    gather = {"forecast": forecast, "text": text, "dream": dream, "style": style}
    run.settings["parts"] = [
        part
        for part in facts["config"]["parts"]
        if gather[part](run, folder.resolve() / part, scratch / part)
    ]
    return run


def facts_of(folder: Path) -> dict:
    """The provenance as written, or as far as it is known from the plan of the last start."""
    newest = provenance.newest(folder)
    try:
        facts = json.loads(newest.read_text())
    except (OSError, ValueError):
        raise ReverieError(
            f"{folder} is not the folder of a run: it has neither provenance.json nor plan.json; "
            "name one such as results/quick."
        ) from None
    try:
        facts["config"] = configuration.load(facts["config"]).model_dump(mode="json")
    except configuration.ConfigError:
        raise ReverieError(
            f"{folder} was made by another version, whose configuration this one does not "
            "understand; run it again, or use the version at its commit "
            f"({(facts.get('commit') or 'unknown')[:9]})."
        ) from None
    if newest.name == "provenance.json":
        return facts
    return provenance.filled(facts, folder.resolve().parents[1])


def link(source: Path, target: Path, but: set[str] = frozenset()) -> None:
    """Every file of a part of the run in the folder ``target``, but for some."""
    target.mkdir()
    for path in sorted(source.iterdir()) if source.is_dir() else []:
        if path.name not in but:
            os.symlink(path, target / path.name)


def forecast(run: Run, source: Path, target: Path) -> bool:
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


def text(run: Run, source: Path, target: Path) -> bool:
    """Narrow the run to the seeds that have written; False where there are none."""
    config = run.settings["text"]
    written = {
        seed: source / f"seed{seed}"
        for seed in config["seeds"]
        if (source / f"seed{seed}" / "samples.jsonl").is_file()
    }
    absent = [seed for seed in config["seeds"] if seed not in written]
    if not written or not (source / "corpus.json").is_file():
        run.missing.append("text: nothing is written yet")
        return False
    run.missing += [f"text: seed {seed} has not written" for seed in absent]
    made = ["samples.jsonl", "metrics.csv", "invented.json", "comparisons.csv", "reference.json"]
    if not absent and all((source / name).is_file() for name in [*made, "plots/curves.svg"]):
        link(source, target)
        return True
    config["seeds"] = list(written)
    link(source, target, {*made, "plots"})
    measures.measure(source / "corpus.npz", written, *(target / name for name in made))
    from reverie.text import plots

    plots.draw(
        [folder / "history.csv" for folder in written.values()],
        next(iter(written.values())) / "next.json",
        target / "metrics.csv",
        target / "reference.json",
        config["sampling"]["temperatures"],
        target / "plots",
    )
    return True


def dream(run: Run, source: Path, target: Path) -> bool:
    """Narrow the run to the dreams that are dreamt; False where there are none."""
    found = {}
    for name, one in selection.dreams(run.settings).items():
        if not (source / f"{name}.png").is_file():
            run.missing.append(f"dream: {name} is not dreamt")
            continue
        parts = {
            "sheet": source / "sheets" / f"{name}.png",
            "film": source / "films" / f"{name}.mp4",
        }
        absent = [part for part, file in parts.items() if one[part] and not file.is_file()]
        run.missing += [f"dream: {name} has no {part}" for part in absent]
        found[name] = one | dict.fromkeys(absent)
    run.settings["dream"] = {"select": None, **found}
    for name in linked(found, source, target):
        from reverie.dream import plots

        plots.ascent(source / f"{name}.csv", target / "plots" / f"{name}.svg")
    return bool(found)


def style(run: Run, source: Path, target: Path) -> bool:
    """Narrow the run to the pictures that are painted; False where there are none."""
    chosen = selection.styles(run.settings)
    found = {name: one for name, one in chosen.items() if (source / f"{name}.png").is_file()}
    run.missing += [f"style: {name} is not painted" for name in chosen if name not in found]
    run.settings["style"] = {"select": None, **found}
    for name in linked(found, source, target):
        from reverie.style import plots

        plots.descent(source / f"{name}.csv", target / "plots" / f"{name}.svg")
    return bool(found)


def linked(found: dict, source: Path, target: Path) -> list[str]:
    """Link a part of pictures; names of those whose figure is still to be drawn."""
    if not found:
        return []
    link(source, target, {"plots"})
    link(source / "plots", target / "plots")
    return [name for name in found if not (target / "plots" / f"{name}.svg").exists()]
