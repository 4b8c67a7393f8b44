"""Train a network with one seed."""

from pathlib import Path

from reverie.network_jobs import network_job

with network_job(snakemake) as record:
    from reverie.checkpoints import Checkpoints
    from reverie.diagnose import training

    share = training.train(
        name=snakemake.wildcards.diagnoser,
        network=snakemake.params.network,
        seed=int(snakemake.wildcards.seed),
        episodes_file=Path(snakemake.input.episodes),
        task_file=Path(snakemake.input.task),
        checkpoints_at=Checkpoints(Path(snakemake.params.checkpoints), snakemake.params.code),
        folder=Path(snakemake.output.history).parent,
    )
    if record["estimate"]:  # later estimates must not take an early end for speed
        record["estimate"] *= share
