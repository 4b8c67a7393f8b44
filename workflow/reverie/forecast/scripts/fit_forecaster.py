"""Fit a forecaster that is not a network."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.forecast import fitting

    folder = Path(snakemake.output.fitted).parent
    fitting.fit(
        name=folder.parent.name,
        settings=snakemake.params.settings,
        seed=snakemake.params.seed,
        series_file=Path(snakemake.input.series),
        folder=folder,
    )
