"""Weigh the forecasts of several forecasters."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.forecast import blending, evaluation, trained

    params, folder = snakemake.params, Path(snakemake.output.about).parent
    blending.blend(
        name=folder.parent.name,
        target=evaluation.read_target(
            Path(snakemake.input.series), params.lookback, params.step, params.delay
        ),
        members=trained.trainings(folder.parents[1], params.members),
        folder=folder,
    )
