"""Dream one picture by one layer after the other."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake) as record:
    from reverie import devices

    devices.use(snakemake.params.backend, snakemake.threads, convolutions=True)
    from reverie import backend
    from reverie.dream import dreams, files

    dreams.render_sheet(
        name=snakemake.wildcards.sheet,
        settings=snakemake.params.dream,
        to=snakemake.params.to,
        sources=files.sources(snakemake.input),
        file=Path(snakemake.output.sheet),
        table_file=Path(snakemake.output.table),
    )
    record["device"] = backend.device()
