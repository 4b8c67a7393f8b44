"""Measure all models and writers."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.describe import evaluation

    evaluation.evaluate(Path(snakemake.output.summary).parent, **snakemake.params.evaluated)
