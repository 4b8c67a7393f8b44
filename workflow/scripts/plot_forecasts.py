"""Draw the training curves, the errors, and a week of every network's forecasts."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.forecast import plots

    given, drawn = snakemake.params, snakemake.output
    folder = Path(snakemake.input.metrics).parent
    plots.curves(folder, given.titles, given.seeds, Path(drawn.curves))
    plots.errors(folder, given.titles, given.unit, Path(drawn.errors))
    plots.week(
        folder,
        given.titles,
        given.seeds[0],
        given.unit,
        given.step,
        given.delay,
        Path(drawn.week),
    )
    for condition in plots.CONDITIONS:
        file = Path(drawn[condition])
        plots.conditions(folder, given.titles, given.unit, condition, file)
