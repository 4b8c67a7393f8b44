"""Build a network once."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie import devices
    from reverie.forecast import checks, variants

    settings = snakemake.config
    file = Path(snakemake.output.model)
    checks.check(
        name=snakemake.wildcards.variant,
        networks=variants.networks(settings),
        series_file=Path(snakemake.input.series),
        cache_file=file.parents[1] / "models.json",
        file=file,
        start=lambda: devices.use(settings["backend"], snakemake.threads),
        code=snakemake.params.code,
    )
