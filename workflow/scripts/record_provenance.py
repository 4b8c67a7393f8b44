"""Record what ran, on what, from which data, how long."""

import os
from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie import provenance

    plan = provenance.plan(
        command=os.environ["REVERIE_COMMAND"],
        config=snakemake.params.config,
        resolved_lecture=snakemake.params.lecture,
        overlays=snakemake.params.overlays,
        full=snakemake.params.full,
        assets=[Path(path) for path in snakemake.input.assets],
        records=[Path(path) for path in snakemake.params.records],
    )
    provenance.write(provenance.filled(plan), Path(snakemake.output.provenance))
