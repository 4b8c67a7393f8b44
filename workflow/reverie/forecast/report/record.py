"""The forecast on record: what is kept of it, and how its errors compare with the published ones."""

import json
import math
from pathlib import Path
from statistics import median

import numpy as np
from markupsafe import Markup

from reverie.bootstrap import half_width, prediction_half_width
from reverie.errors import ReverieError
from reverie.forecast import evaluation, trained, variants
from reverie.forecast.report import claims, compare, errors, intervals, published, section
from reverie.histories import read_history
from reverie.report.run import Run, copy_files
from reverie.report.verdicts import CONFIRMED, Change, alike
from reverie.report.words import digits, markdown, number, percent
from reverie.tables import read_table

FILES = ["series.json", *(f"{name}.csv" for name in evaluation.TABLES), "plots/errors.svg"]
FURTHER = "further.json"
# The network that each variant of config/further.yaml is a variation of.
BASES = {
    "gru_wide": "stacked_gru",
    "gru_more_dropout": "gru_dropout",
    "dropout_gru": "gru",
    "gru_rate": "gru",
    "gru_head": "gru",
    "conv1d_window": "conv1d",
    "conv1d_flatten": "conv1d",
    "conv1d_shuffled": "conv1d",
    "conv1d_gru_longer": "conv1d_gru",
    "gru_quantiles": "gru_residual",
}
HOURLY = "jena_hourly"
VARIED = 1.1  # ratio of the highest to the lowest published error that is worth a sentence
ALIKE, NEAR, OUTSIDE = "alike", "near", "outside"  # how a published error lies to ours


def keep(run: Run, folder: Path) -> None:
    """Copy the tables and histories, and the error of each test window in few bytes."""
    source, seeds = run.folder / "forecast", variants.seeds(run.settings)
    copy_files(source, folder, FILES)
    for variant, trainings in trained.trainings(source, seeds).items():
        names = [
            f"{path.relative_to(source)}/{file}"
            for path in trainings.values()
            for file in trained.LAST_FILES
        ]
        copy_files(source, folder, names)
        errors.keep(run, variant, folder / variant / errors.FILE)


def keep_further(run: Run, others: list[Run], folder: Path) -> None:
    """Write `further.json`: the forecasts of other runs of the series, each against one of this run's."""
    rows = []
    for other in others:
        if "forecast" not in other.settings["parts"] or not compare.same_series([run, other]):
            raise ReverieError(
                f"{other.name} does not forecast the series of {run.name}; leave it out of --further."
            )
        titles, selected = variants.titles(other.settings), variants.selected(other.settings)
        here, there = (variants.networks(each.settings) for each in (run, other))
        lines = section.headline(
            other.folder / "forecast", titles, other.settings["forecast"]["delay"]
        )
        for line in lines:
            name = line["name"]
            base = BASES.get(name.split(".")[0])
            if base not in here or name not in selected or there[name] == here[base]:
                continue
            if change := compare.change(run, other, name, base):
                about = {"run": other.name, "title": line["title"], "base": base}
                about["slide"] = selected[name]["slide"]
                about["test"], about["vs_naive"] = (
                    line["test"][key] for key in ("mae_mean", "vs_naive")
                )
                # JSON knows no NaN, which the ends are where there is too little to tell.
                about["change"] = [None if math.isnan(end) else end for end in change.values()]
                rows.append(about)
    (folder / FURTHER).write_text(json.dumps(rows, ensure_ascii=False) + "\n", encoding="utf-8")


def shown(run: Run) -> dict:
    """All that `record.md` shows of the run."""
    folder, settings = run.folder / "forecast", run.settings
    titles, config = variants.titles(settings), settings["forecast"]
    unit = config["series"]["unit"]
    rows = section.headline(folder, titles, config["delay"])
    best = section.recommended(rows, folder)
    measured = measures(folder)
    trained_as_published = any(row["name"] in published.ERRORS for row in rows)
    known = trained_as_published and not claims.own(settings)
    beside = compared(run, rows, measured) if known else []
    return {
        "rows": rows,
        "best": best,
        "recommendation": section.in_words(best, unit),
        "unit": unit,
        "naive": rows[0],
        "seeds": len(config["seeds"]),
        "beside": beside,
        "alike": [row["title"] for row in beside if row["relation"] == ALIKE],
        "differing": [differing(row) for row in beside if row["relation"] != ALIKE],
        "common": differences(run) if beside else [],
        "late": late(folder, rows, measured) if beside else [],
        "lowest": lowest(rows),
        "published": published,
        "further": further(folder / FURTHER, titles),
        "intervals": intervals.shown(
            folder,
            {row["name"]: row["title"] for row in rows},
            unit,
            section.blocks(config["delay"]),
        )["sentences"],
        "blends": section.blends(folder, settings, titles),
        "short": short(rows, best, unit, config["delay"]) + confirmed(beside),
        "speeds": speeds(run, titles),
    }


def further(file: Path, titles: dict[str, str]) -> list[dict]:
    """What :func:`keep_further` kept, in words."""
    rows = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []
    for row in rows:
        row["base"] = titles[row["base"]]
        size, low, high = (math.nan if end is None else end for end in row["change"])
        row["change"] = Change(size, low, high)
        row["verdict"] = verdict(row["change"])
    return rows


def verdict(change: Change) -> str:
    """Whether an error is lower than another, in a word or two."""
    if change.high < 0:
        return "better"
    if change.low > 0:
        return "worse"
    return "about the same" if alike(change) == CONFIRMED else "cannot tell"


def measures(folder: Path) -> dict[tuple, list[dict]]:
    """The lines of `metrics.csv` by variant, split and checkpoint, one a seed."""
    lines: dict[tuple, list[dict]] = {}
    for line in read_table(folder / "metrics.csv"):
        lines.setdefault((line["variant"], line["split"], line["checkpoint"]), []).append(line)
    return lines


def compared(run: Run, rows: list[dict], measured: dict) -> list[dict]:
    """A row for each forecast with a published validation error: ours, theirs, and how they relate."""
    lines = []
    for row in rows:
        name, checkpoint = row["name"], "" if row["naive"] else "best"
        theirs = published.ERRORS.get(name)
        if not theirs and name != "naive":
            continue
        seeds = measured[name, "val", checkpoint]
        ends = [
            [float(line[key] or "nan") for key in ("mae", "ci_low", "ci_high")] for line in seeds
        ]
        ours = claims.over_seeds_and_weeks(np.array(ends))
        others = theirs.every if theirs else np.array([published.NAIVE])
        lines.append(
            {
                "title": row["title"],
                "ours": ours,
                "sd": row["val"]["mae_sd"],
                "book": theirs.book if theirs else published.NAIVE,
                "mean": others.mean() if theirs else None,
                "others_sd": others.std(ddof=1) if theirs else None,
                "count": len(others),
                "change": ours.size / others.mean() - 1,
                "relation": relation(ours, np.array(ends)[:, 0], others),
                "reasons": reasons(run, name),
                "varied": f" Published runs alone range from {number(others.min(), 3)} to {number(others.max(), 3)}."
                if others.max() > VARIED * others.min()
                else "",
            }
        )
    return lines


def relation(ours: Change, seeds: np.ndarray, others: np.ndarray) -> str:
    """How the mean of published errors lies to ours, whose `low` and `high` are for other weeks and seeds.

    All were measured on the same weeks, so that inside this interval they may still differ by more than
    seeds do. A forecast without chance has no seeds and a single published error.
    """
    if not math.isnan(ours.low) and not ours.low <= others.mean() <= ours.high:
        return OUTSIDE
    difference = abs(ours.size - others.mean())
    return ALIKE if difference <= scatter(seeds, others) else NEAR


def scatter(seeds: np.ndarray, others: np.ndarray) -> float:
    """How far the means of ours and of published runs may differ by chance, at 95 %.

    A single run of ours is judged by the spread of the published ones.
    """
    if len(others) < 2:
        return 5e-5  # the same with four decimals
    if len(seeds) > 1:
        return half_width(seeds, others)
    return prediction_half_width(others)


def differing(row: dict) -> Markup:
    """A sentence about an error that is not as published, and one about what may explain it."""
    ours, theirs = row["ours"], row["mean"] or row["book"]
    size = f"{abs(100 * row['change']):.1f} % {'lower' if row['change'] < 0 else 'higher'}"
    interval = "" if math.isnan(ours.low) else f" ({number(ours.low, 4)} to {number(ours.high, 4)})"
    if row["relation"] == OUTSIDE:
        where = f"outside our interval{interval}"
    elif row["count"] == 1:
        where = "though nothing in it depends on chance"
    elif not interval:
        where = "more than seeds explain, at 95 %"
    else:
        where = (
            f"within our interval{interval}, which is for other weeks, but these are the same; more than seeds "
            "explain, at 95 %"
        )
    why = "; ".join(row["reasons"]) or "only what differs for all of them"
    return Markup(
        f"**{markdown(row['title'])}**: {number(ours.size, 4)} here, {number(theirs, 4)} published, {size}, {where}. "
        f"Different here: {why}.{row['varied']}"
    )


def differences(run: Run) -> list[str]:
    """What differs from the published runs for all networks, and from the slides."""
    config, versions = run.settings["forecast"], run.provenance["versions"]
    backend = {"tensorflow": "TensorFlow", "jax": "JAX"}[run.settings["backend"]]
    sentences = [
        "A published error is that of one training, at the epoch with the lowest. Ours is the mean over "
        f"{len(config['seeds'])} seeds of the same lowest error."
        if len(config["seeds"]) > 1
        else "Published errors and ours are those of one training, at the epoch with the lowest.",
        f"Keras {versions.get('keras', '3')} on {backend}, where the book had Keras 2.0.8 and the other runs versions "
        "up to TensorFlow 2: a GRU today has a sigmoid in its gates and resets its state after the matrix "
        "product, then a piecewise linear function and a reset before.",
        "Windows are drawn from seed and epoch, the same for all networks; the published runs drew theirs "
        "without a seed.",
    ]
    if config["series"]["asset"] == HOURLY:
        facts = json.loads((run.folder / "forecast" / "series.json").read_text())
        sentences.insert(
            0,
            f"This run reads the hourly extract of the weather: {len(facts['columns'])} quantities "
            f"instead of 14, half of them computed from the others, and {facts['windows']['train']:,} training "
            "windows instead of 198,560. The weeks are the same, but an epoch of 64,000 draws each window twice, where "
            "it saw a third of them, so that networks overfit sooner.",
        )
    if less := budget(run):
        sentences.insert(0, less)
    return sentences


def budget(run: Run) -> str:
    """A sentence about a budget smaller than the lecture's; empty where it is the lecture's."""
    config, changed = run.settings["forecast"], run.provenance["config_changed"]
    words = []
    if config["max_epochs"]:
        words.append(f"at most {config['max_epochs']} epochs instead of 20 or 40")
    if "forecast.steps" in changed:
        before, now = changed["forecast.steps"]
        words.append(f"{now} steps an epoch instead of {before}")
    return f"This run trains networks for {', with '.join(words)}." if words else ""


def reasons(run: Run, name: str) -> list[str]:
    """What beside :func:`differences` is different for one forecast."""
    variant, words = variants.selected(run.settings).get(name), []
    if name == "naive":
        hourly = run.settings["forecast"]["series"]["asset"] == HOURLY
        return ["every sixth row of the same weeks"] if hourly else []
    if name == "conv1d_gru" and (step := variant["step"]) and step != "30 minutes":
        words.append(f"a value every {step.removeprefix('1 ')} instead of every 30 minutes")
    if "recurrent_dropout" in str(variant["layers"]):
        words.append(
            "each gate of a GRU has a dropout mask of its own, and Keras changed recurrent dropout "
            "several times since the book"
        )
    return words


def late(folder: Path, rows: list[dict], measured: dict) -> list[dict]:
    """What becomes of networks after their best epoch, here and in the book."""
    last = {
        line["variant"]: line
        for line in read_table(folder / "summary.csv")
        if (line["split"], line["checkpoint"]) == ("val", "last")
    }
    return [
        {
            "title": row["title"],
            "epochs": [int(line["epoch"]) for line in measured[row["name"], "val", "best"]],
            "last_epoch": max(int(line["epoch"]) for line in measured[row["name"], "val", "last"]),
            "last": float(last[row["name"]]["mae_mean"]),
            "sd": float(last[row["name"]]["mae_sd"] or "nan"),
            "book": published.ERRORS[row["name"]],
        }
        for row in rows
        if row["name"] in published.ERRORS
    ]


def lowest(rows: list[dict]) -> str:
    """The lowest validation error beside the lowest published one."""
    row = next(row for row in rows if row["val"]["lowest"])
    change = row["val"]["mae_mean"] / published.LOWEST - 1
    side = "below" if change < 0 else "above"
    return (
        f"The lowest validation error here is that of “{row['title']}”, {number(row['val']['mae_mean'], 4)}, "
        f"{abs(100 * change):.1f} % {side} the lowest that we know to be published on this split, "
        f"{number(published.LOWEST, 4)}."
    )


def confirmed(beside: list[dict]) -> str:
    """How many published errors came out the same, in a sentence."""
    same = sum(row["relation"] == ALIKE for row in beside)
    if not beside:
        return ""
    return f" Of {len(beside)} published errors, {same} came out the same, as far as seeds and weeks can tell."


def short(rows: list[dict], best: dict, unit: str, delay: str) -> Markup:
    """The result in a sentence."""
    if best["name"] == "naive":
        return Markup(
            f"{section.in_words(best, unit)} The naive forecast errs by {section.error(best, unit)}, {delay} ahead."
        )
    return Markup(
        f"**{markdown(best['title'])}** forecasts {delay} ahead with an error of {section.error(best, unit)}, against "
        f"{section.error(rows[0], unit)} of the naive forecast: {percent(best['test']['vs_naive'])}, "
        f"{section.judged(best['test'])}. It was chosen on the validation part; this is the test part."
    )


def speeds(run: Run, titles: dict[str, str]) -> list[dict]:
    """Seconds of the middle epoch of each network with a published figure, and what is published.

    An epoch of seeds that trained together has the seconds of all; each has its share of them here.
    """
    networks = variants.networks(run.settings)
    seeds = {
        name: run.settings["forecast"]["seeds"] for name in networks if name in published.ERRORS
    }
    trainings = trained.trainings(run.folder / "forecast", seeds)
    together = {
        job["wildcards"]["variant"]: len(job["together"])
        for job in run.provenance["jobs"]
        if job.get("together")
    }
    return [
        {
            "title": titles[name],
            "here": digits(
                median(e["seconds"] for folder in folders.values() for e in read_history(folder))
                / together.get(name, 1)
            ),
            "published": published.ERRORS[name].seconds,
        }
        for name, folders in trainings.items()
        if folders and not claims.own(run.settings)
    ]
