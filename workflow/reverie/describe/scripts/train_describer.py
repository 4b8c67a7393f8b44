"""Train a network that writes with one seed."""

from pathlib import Path

from reverie.network_jobs import network_job

with network_job(snakemake) as record:
    from reverie.checkpoints import Checkpoints
    from reverie.describe import writer_training

    share = writer_training.train(
        name=snakemake.wildcards.describer,
        network=snakemake.params.network,
        seed=int(snakemake.wildcards.seed),
        described_file=Path(snakemake.input.described),
        features_file=Path(snakemake.input.features),
        checkpoints_at=Checkpoints(Path(snakemake.params.checkpoints), snakemake.params.code),
        folder=Path(snakemake.output.history).parent,
    )
    if record["estimate"]:  # later estimates must not take an early end for speed
        record["estimate"] *= share
