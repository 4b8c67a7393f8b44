"""Derive what is predicted of the stays."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.diagnose import episodes, preparation

    cohort = episodes.load(Path(snakemake.input.episodes))
    params = snakemake.params
    task = preparation.derive(snakemake.wildcards.task, cohort, params.hours, params.labels)
    task.save(Path(snakemake.output.task))
