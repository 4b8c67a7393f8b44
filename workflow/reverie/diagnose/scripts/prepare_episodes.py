"""Read and check the stays, and derive what is predicted of them."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie import records
    from reverie.diagnose import preparation

    preparation.prepare(
        sources=[records.source_of(Path(path)) for path in snakemake.input],
        tasks=snakemake.params.tasks,
        hours=snakemake.params.hours,
        seed=snakemake.params.seed,
        folder=Path(snakemake.output.facts).parent,
    )
