"""Measure invented words, repetition and copying in the samples."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.text import measures

    measures.measure(
        corpus_file=Path(snakemake.input.corpus),
        trainings={
            seed: Path(file).parent
            for seed, file in zip(snakemake.params.seeds, snakemake.input.history, strict=True)
        },
        folder=Path(snakemake.output.metrics).parent,
    )
