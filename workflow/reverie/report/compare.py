"""Two or more runs side by side: metrics with paired differences, curves, samples, pictures."""

import json
import tempfile
from contextlib import ExitStack
from pathlib import Path

import altair as alt
import numpy as np

from reverie import look
from reverie.config.files import differences
from reverie.dream import selection
from reverie.errors import ReverieError
from reverie.forecast import evaluation, variants
from reverie.report import charts, embedded, page, partial
from reverie.report.run import Run
from reverie.tables import read_table
from reverie.text import trained
from reverie.text.report import section


def write(folders: list[Path]) -> Path:
    """Write `compare/<a>-vs-<b>.html` beside the runs' folders, finished or not."""
    names = [folder.resolve().name for folder in folders]
    if len(set(names)) < 2 or len(set(names)) < len(names):
        raise ReverieError(
            f"To compare are two or more different runs, not {' and '.join(names)}; name their "
            "folders in results/."
        )
    with ExitStack() as stack:
        found = [
            partial.so_far(folder, Path(stack.enter_context(tempfile.TemporaryDirectory())))
            for folder in folders
        ]
        forecasts = [run for run in found if "forecast" in run.settings["parts"]]
        curves = validation_curves(forecasts) if forecasts else None
        file = folders[0].resolve().parent / "compare" / f"{'-vs-'.join(names)}.html"
        page.save(
            file,
            "compare.html",
            charts=bool(curves),
            title=" vs ".join(names),
            runs=found,
            settings=changed(found),
            forecasts=forecasts,
            unit=forecasts[0].settings["forecast"]["series"]["unit"] if forecasts else "",
            metrics=metrics(forecasts),
            paired=same_series(forecasts),
            curves=curves,
            samples=samples(found),
            pictures=pictures(found),
        )
    return file


def changed(found: list[Run]) -> list[tuple[str, list]]:
    """Settings that differ between the runs: path, and the value in each."""
    first, *others = (run.provenance["config"] for run in found)
    paths = sorted({path for other in others for path in differences(other, first)})
    return [(path, [at(run.provenance["config"], path) for run in found]) for path in paths]


def at(config: dict, path: str):
    """The setting at a dotted path; None where there is none."""
    for key in keys(config, path):
        config = config.get(key) if isinstance(config, dict) else None
    return config


def keys(config: dict, path: str) -> list[str]:
    """The path in its keys, of which some have a dot themselves."""
    for key in config if isinstance(config, dict) else []:
        if path.startswith(f"{key}.") and config[key] is not None:
            return [key, *keys(config[key], path[len(key) + 1 :])]
    return [path]


def same_series(found: list[Run]) -> bool:
    """Whether errors of the runs may be paired: same data, same split, same delay."""
    facts = [json.loads((run.folder / "forecast" / "series.json").read_text()) for run in found]
    # Rows that cleaning dropped would shift the others.
    keys = [(one["sha256"], one["target"], one["std"][one["target"]], one["rows"]) for one in facts]
    delays = [run.settings["forecast"]["delay"] for run in found]
    return len(found) > 1 and len(set(keys)) == 1 and len(set(delays)) == 1


def metrics(found: list[Run]) -> list[dict]:
    """A row a forecast on the test part: its title, and for each run its error and its change.

    `change` is that of the run's error against the first run's, with its 95 % interval over the
    windows and seeds of both; None where they cannot be paired.
    """
    paired, rows = same_series(found), {}
    for run in found:
        titles = {"naive": "Naive"} | variants.titles(run.settings)
        for line in read_table(run.folder / "forecast" / "summary.csv"):
            name = line["variant"]
            if line["split"] == "test" and line["checkpoint"] != "last" and name in titles:
                row = rows.setdefault(name, {"title": titles[name], "runs": {}})
                row["runs"][run.name] = {
                    "mae": float(line["mae_mean"]),
                    "mae_unit": float(line["mae_unit_mean"]),
                    "seeds": int(line["seeds"]),
                    "change": change(found[0], run, name)
                    if paired and run is not found[0]
                    else None,
                }
    return list(rows.values())


def change(first: Run, other: Run, variant: str) -> dict | None:
    """Relative change of the mean error of a network between two runs, paired by window."""
    errors = [test_errors(run, variant) for run in (first, other)]
    if None in errors:
        return None
    (rows, before), (other_rows, after) = errors
    shared, here, there = np.intersect1d(rows, other_rows, return_indices=True)
    if not len(shared):  # windows so long that the runs have none in common
        return None
    config = first.settings["forecast"]
    spans = (config[key] for key in ("lookback", "step", "delay"))
    block = evaluation.read_target(first.folder / "forecast" / "series.npz", *spans).block
    size, low, high, verdict = evaluation.against(after[:, there], before[:, here], block)
    return {"size": size, "low": low, "high": high, "verdict": verdict}


def test_errors(run: Run, variant: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Rows of the test windows and their absolute errors, (seeds, windows); None without any."""
    folder, found = run.folder / "forecast" / variant, []
    for seed in run.settings["forecast"]["seeds"]:
        file = folder / f"seed{seed}" / "predictions_test.npz"
        if file.exists():
            with np.load(file, allow_pickle=False) as saved:
                rows, errors = saved["row"], np.abs(saved["prediction"] - saved["target"])
            found.append(errors.astype(np.float64))
    return (rows, np.stack(found)) if found else None


def validation_curves(found: list[Run]) -> dict:
    """Validation loss by epoch of every network, a colour a run."""
    rows = []
    for run in found:
        for name, title in variants.titles(run.settings).items():
            for seed in run.settings["forecast"]["seeds"]:
                file = run.folder / "forecast" / name / f"seed{seed}" / "history.csv"
                for line in read_table(file) if file.exists() else []:
                    rows.append(
                        {"title": title, "run": run.name, "seed": str(seed)}
                        | {"epoch": int(line["epoch"]), "loss": float(line["val_loss"])}
                    )
    shades = look.colours([run.name for run in found])
    titles = dict.fromkeys(row["title"] for row in rows)
    tooltip = ["run:N", "title:N", "seed:N", "epoch:Q", alt.Tooltip("loss:Q", format=".4f")]
    chart = (
        alt.Chart(charts.ROWS)
        .mark_line(point={"size": 18})
        .encode(
            x=charts.epochs_axis(rows),
            y=alt.Y("loss:Q", title="validation loss", scale=alt.Scale(zero=False)),
            color=charts.coloured(shades, "run"),
            detail=["seed:N", "title:N"],
            tooltip=tooltip,
        )
        .properties(height=300)
    )
    first = next(iter(titles), None)
    toggles = [
        charts.toggle("run", "Runs", shades),
        charts.toggle("title", "Network", titles, chosen=[first], one=True),
    ]
    return charts.finished(chart, rows, toggles)


def samples(found: list[Run]) -> list[dict]:
    """What the runs wrote: `method`, and by run the text at the first seed's best epoch."""
    rows: dict[str, dict] = {}
    for run in found:
        if "text" in run.settings["parts"]:
            folder, seed = run.folder / "text", run.settings["text"]["seeds"][0]
            best = trained.best(trained.history(folder / f"seed{seed}"))["epoch"]
            written = [s for s in section.marked_samples(folder) if s["seed"] == seed]
            prompt = written[0]["prompt"]
            for sample in written:
                if (sample["epoch"], sample["prompt"]) == (best, prompt):
                    heat = sample["temperature"]
                    name = "greedy" if heat is None else f"{heat:g}"
                    rows.setdefault(name, {})[run.name] = sample
    return [{"method": method, "runs": row} for method, row in rows.items()]


def pictures(found: list[Run]) -> list[dict]:
    """Pictures that two runs have: `title`, both runs' names, and both pictures."""
    shown = []
    first, *others = found
    for part, chosen in (("dream", selection.dreams), ("style", selection.styles)):
        if part not in first.settings["parts"]:
            continue
        for other in others:
            if part in other.settings["parts"]:
                for name in chosen(first.settings).keys() & chosen(other.settings).keys():
                    one = {run.name: run.folder / part / f"{name}.png" for run in (first, other)}
                    addresses = {run: embedded.picture(file) for run, file in one.items()}
                    title = chosen(first.settings)[name]["title"] or name
                    shown.append({"name": name, "title": title, "runs": addresses})
    return sorted(shown, key=lambda one: one["name"])
