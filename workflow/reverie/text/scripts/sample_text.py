"""Let a trained network continue the prompts, by every method."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake) as record:
    from reverie import devices

    devices.use(snakemake.params.backend, snakemake.threads)
    from reverie import backend
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
    record |= backend.used()
