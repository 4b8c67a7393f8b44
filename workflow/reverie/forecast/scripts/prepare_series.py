"""Read, check and normalise the series."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie import records
    from reverie.forecast import series

    path, origin = records.source_of(Path(snakemake.input.source))
    series.prepare(
        path=path,
        settings=snakemake.params.settings,
        split=snakemake.params.split,
        spans=snakemake.params.spans,
        batch=snakemake.params.batch,
        origin=origin,
        series_file=Path(snakemake.output.series),
        facts_file=Path(snakemake.output.facts),
    )
