"""Dream a picture, octave by octave."""

from pathlib import Path

from reverie.network_jobs import network_job

with network_job(snakemake):
    from reverie.checkpoints import Checkpoints
    from reverie.dream import dreams
    from reverie.pictures import files

    given, made = snakemake.input, snakemake.output
    folder = Path(snakemake.output.picture).parents[1] / "checkpoints"
    dreams.render(
        name=snakemake.wildcards.dream,
        settings=snakemake.params.dream,
        to=snakemake.params.to,
        sources=files.sources(given),
        checkpoints_at=Checkpoints(folder, snakemake.params.code),
        picture_file=Path(made.picture),
        losses_file=Path(made.losses),
        octaves_file=Path(made.octaves),
        original_file=Path(made.original),
    )
