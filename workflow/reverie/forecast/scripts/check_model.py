"""Build a network once."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie import devices
    from reverie.forecast import checks, variants, window_checks

    settings = snakemake.config
    file, series_file = Path(snakemake.output.model), Path(snakemake.input.series)
    window_checks.refuse_windows(
        series_file, variants.spans(settings), settings["forecast"]["batch"]
    )
    checks.check(
        name=snakemake.wildcards.variant,
        networks=variants.networks(settings),
        series_file=series_file,
        cache_file=file.parents[1] / "models.json",
        file=file,
        start=lambda: devices.use(settings["backend"], snakemake.threads),
        code=snakemake.params.code,
    )
