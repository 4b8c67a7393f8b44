"""Plot the loss of every style transfer over its steps."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.style import plots

    for losses, figure in zip(snakemake.input, snakemake.output, strict=True):
        plots.descent(Path(losses), Path(figure))
