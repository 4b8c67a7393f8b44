"""Read, check and encode the text."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie import records
    from reverie.text import corpus

    path, origin = records.source_of(Path(snakemake.input.source))
    corpus.prepare(
        file=path,
        origin=origin,
        encoding=snakemake.params.encoding,
        window=snakemake.params.window,
        step=snakemake.params.step,
        held_out=snakemake.params.held_out,
        batch=snakemake.params.batch,
        corpus=Path(snakemake.output.corpus),
        facts=Path(snakemake.output.facts),
    )
