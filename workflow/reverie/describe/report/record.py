"""Sentences for pictures on record: what is kept of them, and their measures beside the published ones."""

from reverie.describe import ranking, selection
from reverie.describe.report import published, section
from reverie.describe.results import BLEUS, DIRECTIONS, MEASURES, Results
from reverie.describe.results import in_words as found_by
from reverie.report.run import Run, copy_files
from reverie.report.words import listed, number

FILES = [
    "pictures.json",
    *(f"{name}.csv" for name in section.TABLES if name != "words"),  # large
    *(f"plots/{name}.svg" for name in ("recalls", "bleu")),
]


def keep(run: Run, folder) -> None:
    """Copy the tables and the histories. No picture goes on record: they belong to their authors."""
    histories = [
        f"{name}/seed{seed}/history.csv"
        for name in selection.titles(run.settings)
        for seed in run.settings["describe"]["seeds"]
    ]
    copy_files(run.folder / "describe", folder, FILES + histories)


def shown(run: Run) -> dict:
    """All that `record.md` shows of the run."""
    config = run.settings["describe"]
    results = Results(run.folder / "describe", selection.titles(run.settings))
    comparable = published.comparable(results.facts, config)
    return {
        "short": " ".join(map(" ".join, section.outcomes(results))),
        "facts": results.facts,
        "comparable": comparable,
        "measures": MEASURES,
        "rankings": {
            words: models(results, direction) + (published_models(direction) if comparable else [])
            for direction, words in DIRECTIONS.items()
            if results.models
        },
        "softness": section.softness(results, config),
        "paper": published.PAPER,
        "checked": published.CHECKED,
        "bleus": BLEUS,
        "writers": writers(results) + (published_writers() if comparable else []),
        "bleu_checked": published.BLEU_CHECKED,
        "against_paper": against_paper(results) if comparable else {},
        "training_pictures": published.TRAINING_PICTURES,
        "bands": section.bands(results),
    }


def models(results: Results, direction: str) -> list[dict]:
    """A row an alignment model: its `title`, and each measure in words."""
    return [
        {
            "title": results.titles[name],
            "cells": [
                in_words(
                    results.summary[name, None, "test", f"{direction}_{measure}"], factor(measure)
                )
                for measure in ranking.MEASURES
            ],
        }
        for name in results.models
    ]


def factor(measure: str) -> int:
    """By which a measure is multiplied: shares are given in per cent."""
    return 1 if measure == "median_rank" else 100


def published_models(direction: str) -> list[dict]:
    return [
        {
            "title": row.title,
            "cells": [
                number(value and factor(measure) * value, 1)
                for measure, value in zip(ranking.MEASURES, getattr(row, direction), strict=True)
            ],
        }
        for row in published.RANKINGS.values()
    ]


def writers(results: Results) -> list[dict]:
    """A row a writer and beam: its `title`, its `beam` in words, and each BLEU in words."""
    return [
        row | {"cells": [in_words(cell, 100) for cell in row["cells"]]}
        for row in section.writers(results)
    ]


def published_writers() -> list[dict]:
    return [
        {
            "title": row.title,
            "beam": row.search,
            "cells": [number(100 * value, 1) for value in row.bleu],
        }
        for row in published.WRITINGS.values()
    ]


def against_paper(results: Results) -> dict[str, str]:
    """How far what is best on validation pictures lies from the paper's, in a sentence on `ranking` and on `writing`."""
    sentences = {}
    if best := results.best_model:
        paper, parts = published.RANKINGS["paper"], []
        for direction, words in DIRECTIONS.items():
            ours = [
                results.summary[best, None, "test", f"{direction}_recall_{top}"]
                for top in ranking.TOPS
            ]
            parts.append(f"{words} {distances(ours, getattr(paper, direction)[:3])}")
        sentences["ranking"] = (
            f"Recall at 1, 5 and 10 of our best model on validation pictures ({results.titles[best]}) against the "
            f"paper’s: {'; '.join(parts)}."
        )
    if best := results.best_writer:
        name, beam = best
        ours = [results.summary[name, beam, "test", measure] for measure in BLEUS]
        sentences["writing"] = (
            f"BLEU-1 to BLEU-4 of our best sentences on validation pictures ({results.titles[name]}, {found_by(beam)}) "
            f"against the paper’s: {distances(ours, published.WRITINGS['paper'].bleu)}."
        )
    return sentences


def distances(ours: list[dict], theirs: tuple[float, ...]) -> str:
    """ "2.1 points above (outside our interval) and 0.4 points below (inside it)", × 100."""
    parts = []
    for our, their in zip(ours, theirs, strict=True):
        side = "above" if our["mean"] > their else "below"
        inside = "inside" if our["low"] <= their <= our["high"] else "outside"
        points = number(100 * abs(our["mean"] - their), 1)
        parts.append(f"{points} points {side} ({inside} {'it' if parts else 'our interval'})")
    return listed(parts)


def in_words(cell: dict, factor: float) -> str:
    """ "58.7 (55.6 to 61.7)"."""
    ends = [
        number(factor * cell[key], 1) for key in ("mean", "low", "high") if cell[key] is not None
    ]
    return ends[0] if len(ends) == 1 else "{} ({} to {})".format(*ends)
