"""Dream a picture, octave by octave."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake) as record:
    from reverie import devices

    devices.use(snakemake.params.backend, snakemake.threads, convolutions=True)
    from reverie import backend
    from reverie.dream import dreams, files

    given, made = snakemake.input, snakemake.output
    dreams.render(
        name=snakemake.wildcards.dream,
        settings=snakemake.params.dream,
        to=snakemake.params.to,
        sources=files.sources(given),
        picture_file=Path(made.picture),
        losses_file=Path(made.losses),
        octaves_file=Path(made.octaves),
        original_file=Path(made.original),
    )
    record["device"] = backend.device()
