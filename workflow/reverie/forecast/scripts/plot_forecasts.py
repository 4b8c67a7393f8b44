"""Draw the training curves, the errors, and a week of every variant's forecasts."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.forecast.charts import Forecasts

    params, folder = snakemake.params, Path(snakemake.input.metrics).parent
    charts = Forecasts(folder, params.titles, params.seeds, params.settings).charts()
    for name, chart in charts.items():
        chart.save(Path(snakemake.output[name]))
