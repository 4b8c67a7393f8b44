"""Errors of all variants and of the naive forecasts."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.forecast import evaluation, trained

    params, folder = snakemake.params, Path(snakemake.output.metrics).parent
    trainings = trained.trainings(folder, params.seeds)
    evaluation.evaluate(
        target=evaluation.read_target(
            Path(snakemake.input.series), params.lookback, params.step, params.delay, params.steps
        ),
        variants={
            name: evaluation.Variant.read(
                folder / name,
                folders,
                name in params.ensembles,
                params.kinds[name],
                params.levels[name],
            )
            for name, folders in trainings.items()
        },
        folder=folder,
    )
