"""Predict hour by hour with one network that has target replication."""

from pathlib import Path

from reverie.network_jobs import network_job

with network_job(snakemake):
    from reverie.diagnose import hourly

    hourly.predict(
        name=snakemake.params.name,
        network=snakemake.params.network,
        seed=snakemake.params.seed,
        episodes_file=Path(snakemake.input.episodes),
        task_file=Path(snakemake.input.task),
        training=Path(snakemake.input.weights).parent,
        count=1,
        folder=Path(snakemake.output.hourly).parent,
    )
