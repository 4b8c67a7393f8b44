"""Train one network with one seed."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake) as record:
    from reverie import devices

    network = snakemake.params.network
    jobs_per_gpu = snakemake.resources.gpu * snakemake.config["jobs_per_gpu"]
    record |= devices.use(network["backend"], snakemake.threads, jobs_per_gpu)
    from reverie import backend
    from reverie.checkpoints import Checkpoints
    from reverie.forecast import training

    folder = Path(snakemake.output.history).parent
    checkpoints = folder.parents[2] / "checkpoints"
    training.train(
        name=snakemake.wildcards.variant,
        network=network,
        seed=int(snakemake.wildcards.seed),
        series_file=Path(snakemake.input.series),
        checkpoints_at=Checkpoints(checkpoints, snakemake.params.code),
        folder=folder,
    )
    record |= backend.used()
