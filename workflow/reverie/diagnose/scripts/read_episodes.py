"""Read and check the stays."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie import records
    from reverie.diagnose import preparation

    preparation.read(
        sources=[records.source_of(Path(path)) for path in snakemake.input],
        own=snakemake.params.own,
        file=Path(snakemake.output.episodes),
        facts_file=Path(snakemake.output.facts),
    )
