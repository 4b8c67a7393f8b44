"""Train the network on the corpus with one seed."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake) as record:
    from reverie import devices

    network = snakemake.params.network
    jobs_per_gpu = snakemake.resources.gpu * snakemake.config["jobs_per_gpu"]
    record |= devices.use(network["backend"], snakemake.threads, jobs_per_gpu)
    from reverie import backend
    from reverie.checkpoints import Checkpoints
    from reverie.text import training

    folder = Path(snakemake.output.history).parent
    checkpoints = folder.parents[1] / "checkpoints"
    training.train(
        network=network,
        seed=int(snakemake.wildcards.seed),
        corpus_file=Path(snakemake.input.corpus),
        keep=snakemake.params.keep,
        # Not a parameter of the rule: another prompt must not train again.
        prompt=snakemake.config["text"]["sampling"]["prompt"],
        checkpoints_at=Checkpoints(checkpoints, snakemake.params.code),
        folder=folder,
    )
    record |= backend.used()
