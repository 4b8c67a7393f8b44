"""Write the results report."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.report import page

    page.write(Path(snakemake.params.run), Path(snakemake.output.report))
