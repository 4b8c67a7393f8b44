"""Bring pictures and sentences together."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.describe import inputs

    inputs.prepare(
        pictures=Path(snakemake.input.pictures),
        sentences=Path(snakemake.input.sentences),
        **snakemake.params.read,
        folder=Path(snakemake.output.facts).parent,
    )
