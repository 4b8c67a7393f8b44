"""Dream one picture by one layer after the other."""

from pathlib import Path

from reverie.network_jobs import network_job

with network_job(snakemake):
    from reverie.checkpoints import Checkpoints
    from reverie.dream import dreams
    from reverie.pictures import files

    folder = Path(snakemake.output.sheet).parents[2] / "checkpoints"
    dreams.render_sheet(
        name=snakemake.wildcards.sheet,
        settings=snakemake.params.dream,
        to=snakemake.params.to,
        sources=files.sources(snakemake.input),
        checkpoints_at=Checkpoints(folder, snakemake.params.code),
        file=Path(snakemake.output.sheet),
        table_file=Path(snakemake.output.table),
    )
