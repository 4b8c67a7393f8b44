"""Check the prompt, and draw random prompts from the corpus."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.text import prompts

    prompts.choose(
        corpus_file=Path(snakemake.input.corpus),
        window=snakemake.params.window,
        prompt=snakemake.params.prompt,
        random=snakemake.params.random,
        file=Path(snakemake.output.prompts),
    )
