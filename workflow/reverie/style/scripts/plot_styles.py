"""Draw how the loss of every transfer of style fell."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.style import plots

    for losses, figure in zip(snakemake.input, snakemake.output, strict=True):
        plots.descent(Path(losses), Path(figure))
