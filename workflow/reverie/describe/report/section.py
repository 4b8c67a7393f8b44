"""The report's part on sentences for pictures: what its template is filled with."""

import json
import math
from pathlib import Path

from reverie.describe import ranking, selection
from reverie.describe.charts import Descriptions
from reverie.describe.kinds import RETRIEVAL
from reverie.describe.report import published
from reverie.describe.results import BLEUS, DIRECTIONS, MEASURES, OTHERS, Results, in_words
from reverie.report import embedded
from reverie.report.part import Outcome
from reverie.report.run import Run
from reverie.report.words import listed, number

TABLES = ("alignment", "bleu", "summary", "pairs", "frequency", "words", "rates")
GROUPS = {"best": "The best", "middle": "The one in the middle", "worst": "The worst"}
LARGEST = 1200  # pixels, the width of a drawing


def section(run: Run) -> dict:
    """All that `section.html` shows of the run."""
    folder, config = run.folder / "describe", run.settings["describe"]
    titles = selection.titles(run.settings)
    results = Results(folder, titles)
    comparable = published.comparable(results.facts, config)
    return {
        "outcome": outcome(results),
        "config": config,
        "own": bool(config["table"]),
        "facts": results.facts,
        "about": None if config["table"] else run.about(config["pictures"]),
        "data": data(results.facts, config),
        "directions": DIRECTIONS,
        "measures": MEASURES,
        "bleus": BLEUS,
        "models": models(results),
        "softness": softness(results, config),
        "whole": any(1 in config["models"][name]["levels"] for name in results.models),
        "published": published.RANKINGS.values() if comparable else (),
        "published_bleu": published.WRITINGS.values() if comparable else (),
        "checked": published.CHECKED,
        "bleu_checked": published.BLEU_CHECKED,
        "paper": published.PAPER,
        "writers": writers(results),
        "drawn": drawn(folder / "drawings"),
        "rates": rates(results),
        "bands": bands(results),
        "dropped": [(text, count) for text, count in results.facts["dropped"].items() if count],
        "charts": {
            name: chart.page()
            for name, chart in Descriptions(folder, titles, config["seeds"]).charts().items()
        },
        "files": {name: embedded.table(folder / f"{name}.csv") for name in TABLES},
        "few_seeds": len(config["seeds"]) < 2,
    }


def data(facts: dict, config: dict) -> dict:
    """For the first screen: which data are real, and which stand in for others."""
    if facts["sample"]:
        return {"real": [], "samples": ["drawn scenes"]}
    if config["table"]:
        return {"real": [Path(config["table"]).name], "samples": []}
    return {"real": [f"{facts['pictures']:,} photographs of Flickr8k"], "samples": []}


def outcome(results: Results) -> Outcome:
    """For the first screen: how well the best model ranks, and the best writer writes."""
    first, *others = outcomes(results)
    return Outcome(*first, " ".join(map(" ".join, others)))


def outcomes(results: Results) -> list[tuple[str, str]]:
    """A number and what it is of, about ranking and about writing, as far as the run has them."""
    figures = []
    if best := results.best_model:
        annotation, search = (
            percent(results.mean(best, f"{direction}_recall_10")) for direction in DIRECTIONS
        )
        chances = [percent(chance) for chance in by_chance(results.facts)]
        figures.append(
            (
                annotation,
                f"of test pictures have a sentence of theirs among the first ten ({chances[0]} by chance), {search} of "
                f"sentences their picture ({chances[1]}): {results.titles[best]}.",
            )
        )
    if best := results.best_writer:
        bleu = number(100 * results.mean(best[0], "bleu_4", best[1]), 1)
        base = number(100 * results.mean(RETRIEVAL, "bleu_4"), 1)
        figures.append(
            (
                bleu,
                f"BLEU-4 of written sentences ({results.titles[best[0]]}), retrieved ones {base}.",
            )
        )
    return figures


def by_chance(facts: dict) -> tuple[float, float]:
    """Recall at 10 of a random order, on test pictures with as many sentences as all have on average.

    Of annotation, whether one of a picture's sentences is among ten drawn from all, and of search.
    """
    pictures = facts["split"]["test"]
    each = round(facts["sentences"] / facts["pictures"])
    every = pictures * each
    missed = math.comb(every - each, 10) / math.comb(every, 10) if every >= 10 else 0
    return 1 - missed, min(10 / pictures, 1)


def percent(value: float) -> str:
    return f"{number(100 * value, 1)} %"


def models(results: Results) -> list[dict]:
    """A row an alignment model: `title, parameters, chosen`, and `cells` by direction and measure."""
    rows = []
    for name in results.models:
        cells = [
            results.summary[name, None, "test", f"{direction}_{measure}"]
            for direction in DIRECTIONS
            for measure in ranking.MEASURES
        ]
        rows.append(
            {
                "title": results.titles[name],
                "cells": [dict(cell) for cell in cells],
                "parameters": cells[0]["parameters"],
                "chosen": name == results.best_model,
            }
        )
    measures = ranking.MEASURES * len(DIRECTIONS)
    mark(rows, [min if measure == "median_rank" else max for measure in measures])
    return rows


def softness(results: Results, config: dict) -> list[str]:
    """A sentence for each number of regions: how much a word's best one weighs; ``config`` has the models' levels."""
    weights: dict[int, list[str]] = {}
    for name in results.models:
        regions = sum(level**2 for level in config["models"][name]["levels"])
        if regions > 1:
            weight = number(results.mean(name, "best_region"), 2)
            weights.setdefault(regions, []).append(f"{weight} ({results.titles[name]})")
    return [
        f"Of {regions} regions, a word’s best one has a mean weight of {listed(of_models)} in the scores by which the "
        f"network learned, measured on its own test picture; equal weights would be {number(1 / regions, 2)}."
        for regions, of_models in weights.items()
    ]


def mark(rows: list[dict], choose: list) -> None:
    """Mark the best cell of each column, which ``choose`` takes from the means."""
    for column, best in enumerate(choose):
        value = best((row["cells"][column]["mean"] for row in rows), default=None)
        for row in rows:
            row["cells"][column]["best"] = row["cells"][column]["mean"] == value


def writers(results: Results) -> list[dict]:
    """A row a writer and beam: `title, beam, parameters, chosen`, `cells`, and `difference` to retrieval."""
    rows = []
    for name in results.writers:
        for beam in results.beams(name):
            cells = [results.summary[name, beam, "test", measure] for measure in BLEUS]
            rows.append(
                {
                    "title": results.titles[name],
                    "beam": "" if beam is None else in_words(beam),
                    "cells": [dict(cell) for cell in cells],
                    "parameters": cells[0]["parameters"],
                    "chosen": (name, beam) == results.best_writer,
                    "difference": results.differences.get(("bleu_4", name, RETRIEVAL, beam)),
                }
            )
    mark(rows, [max] * len(BLEUS))
    return rows


def rates(results: Results) -> list[dict]:
    """A row a writer that has tried learning rates: its `title`, the rates `tried` and the `chosen` ones."""
    rows = []
    for writer, by_seed in results.losses_of_rates.items():
        tried = sorted({rate for losses in by_seed.values() for rate in losses})
        lists = {"tried": tried, "chosen": results.chosen_rates(writer)}
        texts = {name: [f"{rate:g}" for rate in rates] for name, rates in lists.items()}
        rows.append({"title": results.titles[writer]} | texts)
    return rows


def bands(results: Results) -> dict | None:
    """The best writer's use of words by how frequent they are: `title, rows`; None without writers."""
    if not results.best_writer:
        return None
    rows = [
        line | {"band": "not in the vocabulary" if line["band"] == OTHERS else line["band"]}
        for line in results.frequency
        if (line["model"], line["beam"]) == results.best_writer
    ]
    return {"title": results.titles[results.best_writer[0]], "rows": rows}


def drawn(folder: Path) -> dict | None:
    """What `explaining.explain` drew, with its pictures as addresses; None if it has not run."""
    if not (folder / "shown.json").is_file():
        return None
    shown = json.loads((folder / "shown.json").read_text(encoding="utf-8"))
    for picture in shown["pictures"]:
        for kind in ("words", "regions"):
            file = folder / f"{picture['group']}-{kind}.png"
            picture[f"{kind}_drawing"] = embedded.picture(file, LARGEST)
        picture["heading"] = GROUPS[picture["group"]]
    return shown
