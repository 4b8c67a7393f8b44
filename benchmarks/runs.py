"""Runs of the workflow in `results/bench`, and their cost."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from reverie import provenance

from benchmarks import weather

REPOSITORY = Path(__file__).parents[1]
RUN = REPOSITORY / "results" / "bench"
WEATHER = REPOSITORY / "results" / "bench_weather.csv"
# All data from the repository, so that every machine computes the same.
NOWHERE = {"addresses": []}
SAMPLES = {"run": "bench", "samples": "auto", "mirrors": ["nowhere"]}
# Runs Snakemake as its command does, and prints the core-seconds of Snakemake and of its jobs, below the
# workflow's own last lines.
TIMED = """
import atexit, json, resource, sys
from snakemake.cli import main

def print_usage():
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(json.dumps([usage.ru_utime + usage.ru_stime for usage in usages]))

atexit.register(print_usage)
main(sys.argv[1:])
"""


def snakemake(settings: dict, *targets: str, options: tuple[str, ...] = ()) -> dict:
    """`seconds` of a run, and core-seconds of Snakemake `itself` and of its `jobs`."""
    RUN.mkdir(parents=True, exist_ok=True)
    file = RUN / "overlay.yaml"
    file.write_text(json.dumps(settings))  # JSON is YAML, too
    environment = {name: value for name, value in os.environ.items() if name != "REVERIE_MIRROR"}
    command = [sys.executable, "-c", TIMED, "--cores", "all", "--quiet", "all", *options]
    start = time.perf_counter()
    done = subprocess.run(
        [*command, "--configfile", str(file), "--", *targets],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"the workflow failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    itself, jobs = json.loads(done.stdout.splitlines()[-1])
    return {"seconds": seconds, "itself": itself, "jobs": jobs}


def lecture() -> dict:
    """The lecture's configuration with all defaults."""
    return provenance.lecture(REPOSITORY / "config.yaml")


def settings(forecast: dict) -> dict:
    return SAMPLES | {
        "parts": ["forecast"],
        "forecast": {"seeds": [0], "series": {"path": str(WEATHER.relative_to(REPOSITORY))}}
        | forecast,
    }


def prepare() -> dict:
    """Prepare the series of a full-size weather table; returns the record of that job."""
    shutil.rmtree(RUN, ignore_errors=True)
    if not WEATHER.exists():
        weather.write(WEATHER)
    snakemake(settings({}), "results/bench/forecast/series.npz")
    return json.loads((RUN / "logs" / "forecast" / "series.json").read_text())


def forecast(changes: dict) -> dict:
    """The cost from the prepared series to the errors, as :func:`snakemake` gives it.

    `mb` is the memory of the largest training. ``changes`` are settings of `forecast`.
    """
    for folder in (RUN / "forecast", RUN / "logs" / "forecast"):
        for path in folder.glob("*"):
            if not path.name.startswith("series"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    cost = snakemake(settings(changes), "results/bench/forecast/metrics.csv")
    records = [json.loads(f.read_text()) for f in (RUN / "logs/forecast").glob("*/seed*.json")]
    return cost | {"mb": max(record["max_rss_mb"] for record in records)}
