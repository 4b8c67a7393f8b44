"""Draw learning, reweighting, repetition and invention."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.text import plots

    given = snakemake.input
    plots.draw(
        [Path(file) for file in given.history],
        Path(given.next[0]),
        Path(given.metrics),
        Path(given.reference),
        snakemake.params.temperatures,
        Path(snakemake.output.curves).parent,
    )
