"""Draw the training curves, the errors, and a week of every network's forecasts."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.forecast import plots

    given = snakemake.params
    plots.draw(
        Path(snakemake.input.metrics).parent,
        given.titles,
        given.seeds,
        given.unit,
        given.step,
        given.delay,
        Path(snakemake.output.curves).parent,
    )
