"""Draw the training curves, the errors, and a week of every network's forecasts."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.forecast.charts import Forecasts

    params, folder = snakemake.params, Path(snakemake.input.metrics).parent
    for name, chart in Forecasts(folder, params.titles, params.settings).charts().items():
        chart.save(Path(snakemake.output[name]))
