"""Draw the target over all years and over the first ten days."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.forecast import plots

    folder = Path(snakemake.output.years).parent
    plots.draw(Path(snakemake.input.series), snakemake.params.unit, folder)
