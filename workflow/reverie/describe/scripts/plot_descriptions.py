"""Draw the stills of the charts."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.describe.charts import Descriptions

    params, folder = snakemake.params, Path(snakemake.input.summary).parent
    charts = Descriptions(folder, params.titles, params.seeds).charts()
    for name, chart in charts.items():
        chart.save(Path(snakemake.output[name]))
