"""Sample continuations of the prompts from a trained network, by every method."""

from pathlib import Path

from reverie.network_jobs import network_job

with network_job(snakemake):
    from reverie.text import sampling

    sampling.sample(
        corpus_file=Path(snakemake.input.corpus),
        training=Path(snakemake.input.history).parent,
        prompts_file=Path(snakemake.input.prompts),
        seed=int(snakemake.wildcards.seed),
        settings=snakemake.params.sampling,
        samples_file=Path(snakemake.output.samples),
        next_file=Path(snakemake.output.next),
    )
