"""Find an asset and record where it lies."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie import assets, devices

    devices.use(snakemake.config["backend"], snakemake.threads)  # what a trained sample uses
    assets.fetch(
        name=snakemake.wildcards.asset,
        asset=snakemake.params.asset,
        mirrors=snakemake.config["mirrors"],
        samples=snakemake.config["samples"],
        folder=Path("resources"),
        record=Path(snakemake.output.record),
        wanted=snakemake.params.wanted,
    )
