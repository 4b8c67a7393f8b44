"""Read, check and normalise the series."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie import records
    from reverie.forecast import series

    paths, origin = records.sources_of([Path(file) for file in snakemake.input])
    series.prepare(
        paths=paths,
        settings=snakemake.params.settings,
        split=snakemake.params.split,
        spans=snakemake.params.spans,
        batch=snakemake.params.batch,
        origin=origin,
        series_file=Path(snakemake.output.series),
        facts_file=Path(snakemake.output.facts),
    )
