"""Draw learning, reweighting, repetition and invention."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.text import charts, plots

    given, to = snakemake.input, snakemake.output
    plots.curves([Path(file) for file in given.history], Path(to.curves))
    plots.reweighting(Path(given.next[0]), snakemake.params.temperatures, Path(to.reweighting))
    for name, chart in charts.by_temperature(Path(given.metrics).parent).items():
        chart.save(Path(to[name]))
