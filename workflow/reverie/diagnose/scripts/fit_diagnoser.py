"""Fit a model that is not a network with one seed."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.diagnose import fitting

    loss = fitting.fit(
        model=snakemake.params.model,
        seed=int(snakemake.wildcards.seed),
        episodes_file=Path(snakemake.input.episodes),
        task_file=Path(snakemake.input.task),
        folder=Path(snakemake.output.predictions).parent,
    )
    model, seed = snakemake.wildcards.fitted_diagnoser, snakemake.wildcards.seed
    print(f"{model} seed {seed}: {loss:.4f} validation")
