"""Train one network with one seed, or with all seeds together."""

from pathlib import Path

from reverie.network_jobs import network_job

with network_job(snakemake) as record:
    from reverie.checkpoints import Checkpoints
    from reverie.forecast import training

    folders = [Path(history).parent for history in snakemake.output.history]
    seeds = [int(folder.name.removeprefix("seed")) for folder in folders]
    record["seeds"] = seeds
    shares = training.train_together(
        name=snakemake.wildcards.variant,
        network=snakemake.params.network,
        folders=dict(zip(seeds, folders, strict=True)),
        series_file=Path(snakemake.input.series),
        checkpoints_at=Checkpoints(Path(snakemake.params.checkpoints), snakemake.params.code),
    )
    if record["estimate"]:  # later estimates must not take an early end for speed
        record["estimate"] *= max(shares)
