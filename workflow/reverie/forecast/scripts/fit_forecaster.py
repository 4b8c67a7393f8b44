"""Fit a forecaster that is not a network."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.forecast import fitting, variants, window_checks

    folder, series_file = Path(snakemake.output.fitted).parent, Path(snakemake.input.series)
    config = snakemake.config
    window_checks.refuse_windows(series_file, variants.spans(config), config["forecast"]["batch"])
    fitting.fit(
        name=folder.parent.name,
        settings=snakemake.params.settings,
        seed=snakemake.params.seed,
        series_file=series_file,
        folder=folder,
    )
