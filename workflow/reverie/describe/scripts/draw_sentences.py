"""Draw where the words of the best, the middle and the worst sentence look, and sentences about regions."""

from pathlib import Path

from reverie.network_jobs import network_job

with network_job(snakemake):
    from reverie.describe import explaining, inputs

    given, params = snakemake.input, snakemake.params
    explaining.explain(
        Path(given.summary).parent,
        params.titles,
        params.seed,
        inputs.source_of(Path(given.pictures))[0],
        Path(snakemake.output.shown).parent,
    )
