"""Train the network on the corpus with one seed."""

from pathlib import Path

from reverie.network_jobs import network_job

with network_job(snakemake):
    from reverie.checkpoints import Checkpoints
    from reverie.text import training

    training.train(
        network=snakemake.params.network,
        seed=int(snakemake.wildcards.seed),
        corpus_file=Path(snakemake.input.corpus),
        keep=snakemake.params.keep,
        # Not a parameter of the rule, since a new prompt must not start a new training.
        prompt=snakemake.config["text"]["sampling"]["prompt"],
        checkpoints_at=Checkpoints(Path(snakemake.params.checkpoints), snakemake.params.code),
        folder=Path(snakemake.output.history).parent,
    )
