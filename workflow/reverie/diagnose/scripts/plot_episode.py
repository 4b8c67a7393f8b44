"""Draw one stay, how predictions improve by the hour, and what each variable is worth."""

from pathlib import Path

from reverie.jobs import job

with job(snakemake):
    from reverie.diagnose import plots

    plots.draw(Path(snakemake.input.hourly).parent, Path(snakemake.output.episode).parent)
