"""Measure all models."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.diagnose import comparison

    comparison.measure(Path(snakemake.output.metrics).parent, **snakemake.params.compared)
