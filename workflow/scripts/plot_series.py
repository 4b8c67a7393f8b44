"""Draw the target over all years and over the first ten days."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.forecast import plots

    series = plots.read_target(Path(snakemake.input.series))
    plots.years(series, snakemake.params.unit, Path(snakemake.output.years))
    plots.days(series, snakemake.params.unit, Path(snakemake.output.days))
