"""Train one network with one seed."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake) as record:
    from reverie import devices

    network = snakemake.params.network
    devices.use(network["backend"], snakemake.threads)
    from reverie import backend
    from reverie.forecast import training

    folder = Path(snakemake.output.history).parent
    training.train(
        name=snakemake.wildcards.variant,
        network=network,
        seed=int(snakemake.wildcards.seed),
        series_file=Path(snakemake.input.series),
        checkpoint_folder=folder.parents[2] / "checkpoints",
        code=snakemake.params.code,
        folder=folder,
    )
    record["device"] = backend.device()
