"""The report's part on the forecast: what its template is filled with."""

import json
from pathlib import Path

from reverie import bootstrap
from reverie.forecast import evaluation, recommendation, trained, variants
from reverie.forecast.charts import Forecasts
from reverie.forecast.kinds import BLEND, NETWORK, WITHOUT_CHANCE
from reverie.forecast.report import claims, intervals
from reverie.histories import best_epoch, is_over, read_history
from reverie.report import embedded
from reverie.report.part import Outcome
from reverie.report.run import Run
from reverie.report.words import digits, layer, percent, share
from reverie.tables import read_table


def section(run: Run) -> dict:
    """All that `section.html` shows of the run."""
    settings, folder = run.settings, run.folder / "forecast"
    config, titles = settings["forecast"], variants.titles(settings)
    kinds = variants.kinds(settings).values()
    rows = headline(folder, titles, config["delay"])
    best = recommended(rows, folder)
    series = json.loads((folder / "series.json").read_text())
    charts = Forecasts(folder, titles, variants.seeds(settings), config).charts()
    return {
        "config": config,
        "series": series,
        "about": run.about(None if config["series"]["path"] else config["series"]["asset"]),
        "data": origin(series["sample"], series["source"], series["files"]),
        "rows": rows,
        "best": best,
        "recommendation": in_words(best, series["unit"]),
        "supported": recommendation.SUPPORTED,
        "helpful": recommendation.what_would_help(
            read_table(folder / "summary.csv"),
            titles,
            series,
            compared(folder)["val"],
            config["delay"],
        )
        if best["naive"]
        else [],
        "outcome": outcome(rows[0], best, series["unit"], config["delay"]),
        "verdict": verdict(rows, blocks(config["delay"])),
        "intervals": intervals.shown(
            folder,
            {row["name"]: row["title"] for row in rows},
            series["unit"],
            blocks(config["delay"]),
        ),
        "unmeasured": unmeasured(folder, titles),
        "compared": compared(folder),
        "variants": described(settings),
        "seeds": len(config["seeds"]) if set(kinds) - WITHOUT_CHANCE else 0,
        "trained": " and ".join(
            words for kind, words in CHANCE.items() if kind in kinds
        ).capitalize(),
        "unchanging": bool(set(kinds) & WITHOUT_CHANCE - {BLEND}),
        "blends": blends(folder, settings, titles),
        "refitted": [v["title"] for v in variants.selected(settings).values() if v["refit"]],
        "own": claims.own(settings),
        **dict(zip(("exploded", "stopped"), ended(folder, settings), strict=True)),
        "charts": {name: chart.page() for name, chart in charts.items()},
        "tables": {name: embedded.table(folder / f"{name}.csv") for name in evaluation.TABLES},
    }


def blocks(delay: str) -> str:
    """What an interval needs, in words."""
    return f"{bootstrap.FEWEST} blocks of {evaluation.block_days(delay):g} days"


def origin(sample: bool, source: str, files: int) -> dict[str, list[str]]:
    """Whether data are real, in a word for the head of the page: `real` and `samples`."""
    name = Path(source).name if files == 1 else f"{files} files"
    return {"real": [] if sample else [name], "samples": [name] if sample else []}


def ended(folder: Path, settings: dict) -> tuple[list[str], list[str]]:
    """A sentence for each training that its loss ended before the last epoch, and that `patience` ended."""
    networks = variants.networks(settings)
    seeds = {name: settings["forecast"]["seeds"] for name in networks}
    exploded, stopped = [], []
    for name, folders in trained.trainings(folder, seeds).items():
        epochs, patience = networks[name]["epochs"], networks[name]["patience"]
        for seed, training in folders.items():
            history = read_history(training)
            last = len(history)
            if last == epochs:
                continue
            if is_over(history, patience):
                best = best_epoch(history)["epoch"]
                stopped.append(
                    f"{name} with seed {seed} after {last} of {epochs} epochs, best {best}"
                )
            else:
                exploded.append(
                    f"The loss of {name} with seed {seed} became NaN after epoch {last}; training ended "
                    f"there instead of at epoch {epochs}."
                )
    return exploded, stopped


def headline(folder: Path, titles: dict[str, str], delay: str) -> list[dict]:
    """A row for each forecast, naive first: its title, and per split the line of `summary.csv`."""
    lines = read_table(folder / "summary.csv")
    lines = [line for line in lines if line["checkpoint"] in ("", "best")]
    naive = {"naive": "Naive", "naive_delay": f"Naive, exactly {delay} old"}
    rows: dict[str, dict] = {}
    for line in lines:
        name = line["variant"]
        title = (naive | titles)[name]
        row = rows.setdefault(name, {"name": name, "title": title, "naive": name in naive})
        numbers = {key: float(line[key]) if line[key] else None for key in NUMBERS}
        tested = numbers["vs_naive_low"] is not None
        judgement = {"verdict": line["beats_naive"] if tested else "untested"}
        row[line["split"]] = line | numbers | judgement
        row["parameters"] = int(line["parameters"])
    for split in ("val", "test"):
        lowest = min(row[split]["mae_mean"] for row in rows.values() if not row["naive"])
        for row in rows.values():
            row[split]["lowest"] = row[split]["mae_mean"] == lowest
    order = {name: place for place, name in enumerate([*naive, *titles])}
    return sorted(rows.values(), key=lambda row: order[row["name"]])


NUMBERS = ["mae_mean", "mae_sd", "mae_unit_mean", "vs_naive", "vs_naive_low", "vs_naive_high"]


def recommended(rows: list[dict], folder: Path) -> dict:
    """The row of the forecast that is recommended."""
    name = recommendation.recommended(read_table(folder / "summary.csv"))
    return next(row for row in rows if row["name"] == name)


def outcome(naive: dict, best: dict, unit: str, delay: str) -> Outcome:
    """For the first screen: the recommended forecast on the test part; both arguments are rows."""
    errors = {row["name"]: error(row, unit) for row in (best, naive)}
    if best is naive:
        return Outcome(
            number=errors["naive"],
            words="error of the naive forecast.",
            detail=f"{recommendation.why_naive(naive['val'])} On test, {delay} ahead.",
        )
    return Outcome(
        number=percent(best["test"]["vs_naive"]),
        words=f"error against the naive forecast: {judged(best['test'])}.",
        detail=f"{best['title']}: {errors[best['name']]}; naive: {errors['naive']}; {delay} ahead.",
    )


def in_words(best: dict, unit: str) -> str:
    """Which forecast is recommended, and how well it does on the test part."""
    if best["name"] == "naive":
        return recommendation.why_naive(best["val"])
    return (
        f"Best honest forecaster: {best['title']}. On the validation part it has the lowest error of "
        f"those that are surely better than the naive forecast. On the test part its error is "
        f"{error(best, unit)}, {percent(best['test']['vs_naive'])} against naive: "
        f"{judged(best['test'])}."
    )


def error(row: dict, unit: str) -> str:
    """A forecast's error on the test part in the target's unit."""
    return f"{digits(row['test']['mae_unit_mean'])} {unit}".strip()


def judged(test: dict) -> str:
    """Whether a forecast is better than the naive one on the test part, and the interval."""
    verdict = {
        "yes": "better",
        "no": "worse",
        "unclear": "not distinguishable",
        "untested": "not tested, for want of data",
    }[test["verdict"]]
    if test["verdict"] == "untested":
        return verdict
    low, high = (percent(test[key]) for key in ("vs_naive_low", "vs_naive_high"))
    return f"{verdict} (95 % interval {low} to {high})"


def blends(folder: Path, settings: dict, titles: dict[str, str]) -> list[str]:
    """A sentence about the weights of each blend, the largest first."""
    sentences = []
    for name in variants.blends(settings):
        weights = trained.weights(folder, name)
        members = sorted(weights, key=weights.get, reverse=True)
        named = [
            f"{share(weights[member])} {(titles | {'naive': 'Naive'}).get(member, member)}"
            for member in members
            if weights[member] >= LEAST_WEIGHT
        ]
        rest = (
            f"; less than {share(LEAST_WEIGHT)} of any other" if len(named) < len(members) else ""
        )
        sentences.append(f"{titles[name]}: {', '.join(named)}{rest}.")
    return sentences


LEAST_WEIGHT = 0.01  # that is shown
CHANCE = {NETWORK: "networks", "trees": "trees"}
KINDS = {
    "climatology": "smooth cycles of day, week and year, as far as the training part shows them",
    "linear": "linear regression on the window’s features, least absolute error",
    "ridge": "linear regression on the window’s features, least squared error",
    "trees": "gradient-boosted trees on the window’s features, least absolute error",
    BLEND: "weighted mean of other forecasts, with the weights that have the least error on validation",
}


def further(variant: dict) -> list[str]:
    """What a variant has beside its layers and the order of its inputs, in words."""
    words = []
    if variant["residual"]:
        against = " against the climatology" if variant["residual"] == "climatology" else ""
        words.append(f"residual{against}")
    if variant["schedule"] == "cosine":
        words.append("learning rate as a cosine to zero")
    if variant["average"]:
        words.append(f"averaged weights ({variant['average']:g})")
    if auxiliary := variant["auxiliary"]:
        columns = "".join(f", {column}" for column in auxiliary["columns"])
        words.append(f"auxiliary outputs ({auxiliary['steps']} times{columns})")
    if variant["replication"]:
        words.append(f"target replication ({variant['replication']:g})")
    for feature in variant["features"]:
        over = f" over {feature['over']}" if feature["over"] else ""
        column = f" of {feature['column']}" if feature["column"] else ""
        column = " of every column" if feature["column"] == "all" else column
        words.append(f"{feature['kind']}{column}{over}")
    if variant["quantiles"]:
        words.append(f"quantiles {', '.join(f'{level:g}' for level in variant['quantiles'])}")
    if variant["refit"]:
        words.append("trained again on training and validation part before the test part")
    return words


def described(settings: dict) -> list[dict]:
    """What each variant is: `title, slide, layers, about, options, epochs`."""
    lines = []
    for variant in variants.selected(settings).values():
        network = variants.network(settings, variant)
        options = [key for key in ("reversed", "shuffled", "calendar") if variant[key]]
        options += further(variant)
        options += [
            f"{key} {variant[key]}" for key in ("lookback", "step", "batch") if variant[key]
        ]
        if variant["kind"] == NETWORK and network["patience"]:
            options.append(f"patience of {network['patience']} epochs")
        options += [
            f"learning rate × {item['factor']:g} after {item['after']:.0%} of the epochs"
            for item in variant["schedule"]
            if variant["schedule"] != "cosine"
        ]
        lines.append(
            {
                "title": variant["title"],
                "slide": variant["slide"],
                "layers": [layer(spec) for spec in variant["layers"] or []],
                "about": KINDS.get(variant["kind"]),
                "options": ", ".join(options),
                "epochs": network["epochs"] if variant["kind"] == NETWORK else None,
            }
        )
    return lines


def compared(folder: Path) -> dict[str, int]:
    """Windows of each split on which the forecasts are compared."""
    lines = read_table(folder / "metrics.csv")
    return {line["split"]: int(line["windows"]) for line in lines if line["variant"] == "naive"}


def unmeasured(folder: Path, titles: dict[str, str]) -> dict | None:
    """What values that were not measured do to the errors on test; None where there are none.

    `windows` and `touched` count them; `rows` has, for the naive forecast and each network, its
    title and its error with and without the touched windows, in the target's unit.
    """
    lines = [
        line
        for line in read_table(folder / "conditions.csv")
        if (line["split"], line["condition"]) == ("test", "unmeasured")
    ]
    touched = sum(
        int(line["windows"])
        for line in lines
        if line["variant"] == "naive" and line["value"] == "1"
    )
    if not touched:
        return None
    rows = []
    for name, title in {"naive": "Naive", **titles}.items():
        parts = {line["value"]: line for line in lines if line["variant"] == name}
        windows = {value: int(line["windows"]) for value, line in parts.items()}
        errors = {value: float(line["mae_unit"]) for value, line in parts.items()}
        whole = sum(errors[v] * windows[v] for v in parts) / sum(windows.values())
        rows.append(
            {"title": title, "whole": whole, "touched": errors["1"], "rest": errors.get("0")}
        )
    every = sum(int(line["windows"]) for line in lines if line["variant"] == "naive")
    return {"windows": every, "touched": touched, "rows": rows}


def verdict(rows: list[dict], blocks: str) -> list[str]:
    """Which forecasts beat the naive one on the test part, which do not, which cannot be told."""
    words = {
        "yes": "better than the naive forecast",
        "unclear": "not distinguishable from the naive forecast",
        "no": "worse than the naive forecast",
        "untested": f"not tested, because an interval needs {blocks} and the test part is shorter",
    }
    sentences = []
    for key, text in words.items():
        judged = [row for row in rows if not row["naive"] and row["test"]["verdict"] == key]
        judged.sort(key=lambda row: row["test"]["mae_mean"])
        if judged:
            named = [f"{row['title']} ({percent(row['test']['vs_naive'])})" for row in judged]
            sentences.append(f"{text[0].upper()}{text[1:]}: {'; '.join(named)}.")
    return sentences
