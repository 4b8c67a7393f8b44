"""Sentences for pictures on record: what is kept of them, and their measures beside the published ones."""

from reverie.describe import ranking, selection
from reverie.describe.report import published, section
from reverie.describe.results import BLEUS, DIRECTIONS, MEASURES, Results
from reverie.report.run import Run, copy_files
from reverie.report.words import number

FILES = [
    "pictures.json",
    *(f"{name}.csv" for name in section.TABLES),
    *(f"plots/{name}.svg" for name in ("recalls", "bleu", "frequency")),
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
    return {
        "short": " ".join(map(" ".join, section.outcomes(results))),
        "facts": results.facts,
        "own": bool(config["table"]),
        "columns": [
            f"{words}: {MEASURES[measure]}"
            for words in DIRECTIONS.values()
            for measure in ranking.MEASURES
        ],
        "models": models(results),
        "published": published_rows() if published.comparable(results.facts, config) else [],
        "paper": published.PAPER,
        "checked": published.CHECKED,
        "bleus": BLEUS,
        "writers": [
            row | {"cells": [in_words(cell, 100) for cell in row["cells"]]}
            for row in section.writers(results)
        ],
        "bands": section.bands(results),
    }


def models(results: Results) -> list[dict]:
    """A row an alignment model: its `title`, and each measure in words."""
    return [
        {
            "title": row["title"],
            "cells": [
                in_words(cell, 1 if measure == "median_rank" else 100)
                for cell, measure in zip(row["cells"], ranking.MEASURES * 2, strict=True)
            ],
        }
        for row in section.models(results)
    ]


def published_rows() -> list[dict]:
    return [
        {
            "title": row.title,
            "cells": [
                cell
                for values in (row.annotation, row.search)
                for cell in [*(number(100 * value, 1) for value in values), "–"]
            ],
        }
        for row in published.RANKINGS.values()
    ]


def in_words(cell: dict, factor: float) -> str:
    """ "58.7 (55.6 to 61.7)"."""
    ends = [
        number(factor * cell[key], 1) for key in ("mean", "low", "high") if cell[key] is not None
    ]
    return ends[0] if len(ends) == 1 else "{} ({} to {})".format(*ends)
