"""Draw learning, reweighting, repetition and invention."""

import json
from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.text import plots

    given, drawn = snakemake.input, snakemake.output
    corpus = json.loads(Path(given.reference).read_text())
    plots.curves([Path(file) for file in given.history], Path(drawn.curves))
    plots.reweighting(Path(given.next[0]), snakemake.params.temperatures, Path(drawn.reweighting))
    plots.by_temperature(
        Path(given.metrics),
        "distinct_3grams",
        corpus["distinct_3grams"],
        Path(drawn.repetition),
    )
    plots.by_temperature(Path(given.metrics), "invented_words", None, Path(drawn.invention))
