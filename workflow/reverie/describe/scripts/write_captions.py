"""Write a sentence about every validation and test picture."""

from pathlib import Path

from reverie.network_jobs import network_job

with network_job(snakemake):
    from reverie.describe import writing

    writing.describe(
        training=Path(snakemake.input.weights).parent,
        described_file=Path(snakemake.input.described),
        features_file=Path(snakemake.input.features),
        beams=snakemake.params.beams,
        file=Path(snakemake.output.captions),
    )
