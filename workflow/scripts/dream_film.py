"""Dream without end, as a film."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake) as record:
    from reverie import devices

    devices.use(snakemake.params.backend, snakemake.threads, convolutions=True)
    from reverie import backend
    from reverie.dream import dreams, files

    dreams.render_film(
        name=snakemake.wildcards.film,
        settings=snakemake.params.dream,
        to=snakemake.params.to,
        sources=files.sources(snakemake.input),
        file=Path(snakemake.output.film),
    )
    record["device"] = backend.device()
