"""Errors of all networks and of the naive forecasts."""

import json
from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.forecast import evaluation

    folder = Path(snakemake.output.metrics).parent
    models = {
        Path(file).parent.name: json.loads(Path(file).read_text())
        for file in snakemake.input.models
    }
    evaluation.evaluate(
        series_file=Path(snakemake.input.series),
        lookback=snakemake.params.lookback,
        step=snakemake.params.step,
        delay=snakemake.params.delay,
        trained={
            variant: {seed: folder / variant / f"seed{seed}" for seed in snakemake.params.seeds}
            for variant in snakemake.params.variants
        },
        parameters={variant: facts["parameters"] for variant, facts in models.items()},
        ensembles=snakemake.params.ensembles,
        metrics_file=Path(snakemake.output.metrics),
        summary_file=Path(snakemake.output.summary),
        conditions_file=Path(snakemake.output.conditions),
        pairs_file=Path(snakemake.output.pairs),
    )
