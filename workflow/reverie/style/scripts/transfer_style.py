"""Paint a picture in the manner of another."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake) as record:
    from reverie import devices

    jobs_per_gpu = snakemake.resources.gpu * snakemake.config["jobs_per_gpu"]
    record |= devices.use(snakemake.params.backend, snakemake.threads, jobs_per_gpu)
    from reverie import backend
    from reverie.pictures import files
    from reverie.style import transfer

    made = snakemake.output
    transfer.transfer(
        name=snakemake.wildcards.style,
        settings=snakemake.params.style,
        to=snakemake.params.to,
        sources=files.sources(snakemake.input),
        picture_file=Path(made.picture),
        losses_file=Path(made.losses),
        content_file=Path(made.content),
        style_file=Path(made.style),
    )
    record |= backend.used()
