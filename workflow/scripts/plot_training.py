"""Draw the training curves and the errors of all networks."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.forecast import plots

    titles = snakemake.params.titles
    folder = Path(snakemake.input.metrics).parent
    plots.curves(folder, titles, Path(snakemake.output.curves))
    plots.errors(folder, titles, snakemake.params.unit, Path(snakemake.output.errors))
