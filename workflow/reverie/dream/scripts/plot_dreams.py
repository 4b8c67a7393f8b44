"""Plot the objective of every dream over its steps."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.dream import plots

    for losses, figure in zip(snakemake.input, snakemake.output, strict=True):
        plots.ascent(Path(losses), Path(figure))
