"""Write what the report shows of the stays."""

import json
from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.diagnose import episodes, preparation, tasks

    preparation.summarize(
        cohort=episodes.load(Path(snakemake.input.episodes)),
        task=tasks.load(Path(snakemake.input.task)),
        own=snakemake.params.own,
        seed=snakemake.params.seed,
        facts=json.loads(Path(snakemake.input.facts).read_text(encoding="utf-8")),
        file=Path(snakemake.output.facts),
    )
