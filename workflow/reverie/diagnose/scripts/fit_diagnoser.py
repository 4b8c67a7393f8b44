"""Fit a model that is not a network with one seed."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.diagnose import fitting

    fitting.fit(
        model=snakemake.params.model,
        seed=int(snakemake.wildcards.seed),
        episodes_file=Path(snakemake.input.episodes),
        task_file=Path(snakemake.input.task),
        folder=Path(snakemake.output.predictions).parent,
    )
