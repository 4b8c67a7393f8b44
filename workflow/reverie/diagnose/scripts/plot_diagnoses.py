"""Draw the stills of the charts."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.diagnose.charts import Diagnoses

    params, folder = snakemake.params, Path(snakemake.input.summary).parent
    charts = Diagnoses(folder, **params.shown).charts()
    for name, chart in charts.items():
        chart.save(Path(snakemake.output[name]))
