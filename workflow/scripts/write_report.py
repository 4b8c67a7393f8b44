"""Write the results report."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.report import page, run

    report = Path(snakemake.output.report)
    page.write(run.finished(report.parent), report)
