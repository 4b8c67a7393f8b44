"""Build every network once."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie import devices

    devices.use(snakemake.config["backend"], snakemake.threads)
    from reverie.forecast import checks

    checks.check(
        networks=snakemake.params.networks,
        series_file=Path(snakemake.input.series),
        file=Path(snakemake.output.models),
    )
