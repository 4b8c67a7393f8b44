"""Plot learning curves, reweighted distributions, repetition and invented words."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.text import plots

    plots.draw(
        Path(snakemake.input.metrics).parent,
        snakemake.params.seeds,
        snakemake.params.temperatures,
        Path(snakemake.output.curves).parent,
    )
