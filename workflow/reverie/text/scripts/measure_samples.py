"""Count invented words, repetition and copying."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.text import measures

    found = snakemake.output
    measures.measure(
        corpus_file=Path(snakemake.input.corpus),
        trainings={
            seed: Path(file).parent
            for seed, file in zip(snakemake.params.seeds, snakemake.input.history, strict=True)
        },
        samples_file=Path(found.samples),
        metrics_file=Path(found.metrics),
        invented_file=Path(found.invented),
        comparisons_file=Path(found.comparisons),
        reference_file=Path(found.reference),
    )
