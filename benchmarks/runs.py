"""Runs of the workflow whose cost is measured; their folder is `results/bench`."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from reverie import provenance

REPOSITORY = Path(__file__).parents[1]
RUN = REPOSITORY / "results" / "bench"
# Everything from samples, so that every machine computes the same.
NOWHERE = {"addresses": []}
SAMPLES = {"run": "bench", "samples": "auto", "mirrors": ["nowhere"]}
# Runs Snakemake as its command does, and prints the core-seconds of itself and of its jobs.
TIMED = """
import json, resource, sys
from snakemake.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    status = end.code
spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps([one.ru_utime + one.ru_stime for one in spent]))
sys.exit(status)
"""


def snakemake(settings: dict, *targets: str) -> dict:
    """`seconds` of a run, and core-seconds of Snakemake `itself` and of its `jobs`."""
    RUN.mkdir(parents=True, exist_ok=True)
    file = RUN / "overlay.yaml"
    file.write_text(json.dumps(settings))  # JSON is YAML, too
    environment = {name: value for name, value in os.environ.items() if name != "REVERIE_MIRROR"}
    command = [sys.executable, "-c", TIMED, "--cores", "all", "--quiet", "all"]
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
        "assets": {"jena": NOWHERE},
        "forecast": {"seeds": [0]} | forecast,
    }


def prepare() -> dict:
    """The prepared series of the full-size sample; gives the seconds that reading it took."""
    shutil.rmtree(RUN, ignore_errors=True)
    snakemake(settings({}), "results/bench/forecast/series.npz")
    return json.loads((RUN / "logs" / "forecast" / "series.json").read_text())


def forecast(changes: dict) -> dict:
    """The cost from the prepared series to the errors, and `mb` of the largest training."""
    for folder in (RUN / "forecast", RUN / "logs" / "forecast"):
        for made in folder.glob("*"):
            if not made.name.startswith("series"):
                shutil.rmtree(made) if made.is_dir() else made.unlink()
    found = snakemake(settings(changes), "results/bench/forecast/metrics.csv")
    records = [json.loads(f.read_text()) for f in (RUN / "logs/forecast").glob("*/seed*.json")]
    return found | {"mb": max(record["max_rss_mb"] for record in records)}
