"""Find an asset and record where it lies."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie import assets
    from reverie.samples import makers

    assets.fetch(
        name=snakemake.wildcards.asset,
        asset=snakemake.config["assets"][snakemake.wildcards.asset],
        mirrors=snakemake.config["mirrors"],
        samples=snakemake.config["samples"],
        make_sample=makers.make,
        folder=Path("resources"),
        record=Path(snakemake.output.record),
        wanted=snakemake.params.wanted,
        code=snakemake.params.code,
    )
