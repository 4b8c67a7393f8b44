"""Compute the features of all pictures."""

from pathlib import Path

from reverie.network_jobs import network_job

with network_job(snakemake, tf32=True):
    from reverie.checkpoints import Checkpoints
    from reverie.describe import dataset, features, files

    pictures, origin = files.source_of(Path(snakemake.input.pictures))
    features.compute(
        described=dataset.load(Path(snakemake.input.described)),
        pictures=pictures,
        sha256=origin["sha256"],
        network=snakemake.params.network,
        record=Path(snakemake.input.weights),
        checkpoints_at=Checkpoints(Path(snakemake.params.checkpoints), snakemake.params.code),
        features_file=Path(snakemake.output.features),
        projection_file=Path(snakemake.output.projection),
    )
