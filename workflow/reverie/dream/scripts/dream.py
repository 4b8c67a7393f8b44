"""Dream a picture octave by octave, a contact sheet layer by layer, or a film."""

from pathlib import Path

from reverie.network_jobs import network_job

with network_job(snakemake, tf32=True):
    from reverie.checkpoints import Checkpoints
    from reverie.dream import dreams
    from reverie.pictures import files

    [(kind, name)] = snakemake.wildcards.items()
    render = {"dream": dreams.render, "sheet": dreams.render_sheet, "film": dreams.render_film}
    render[kind](
        name=name,
        settings=snakemake.params.dream,
        to=snakemake.params.to,
        sources=files.sources(snakemake.input),
        checkpoints_at=Checkpoints(Path(snakemake.params.checkpoints), snakemake.params.code),
        **files.output_files(snakemake.output),
    )
