"""Let patients exchange one variable at a time, to see what it is worth to a network."""

from pathlib import Path

from reverie.network_jobs import network_job

with network_job(snakemake):
    from reverie.diagnose import permutation

    permutation.of_network(
        name=snakemake.params.name,
        network=snakemake.params.network,
        seed=snakemake.params.seed,
        episodes_file=Path(snakemake.input.episodes),
        task_file=Path(snakemake.input.task),
        training=Path(snakemake.input.weights).parent,
        file=Path(snakemake.output.importance),
    )
