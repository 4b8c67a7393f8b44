# What all rules share: the checked configuration, the paths of a run, and helpers.
import os
import re
import shlex
import sys
from pathlib import Path

from snakemake.io import strip_wildcard_constraints

WORKFLOW = Path(workflow.basedir) / "workflow"
# Scripts find the package wherever they run: in the venv, under conda, or as a module.
sys.path.insert(0, str(WORKFLOW))
os.environ.update(
    PYTHONPATH=os.pathsep.join(filter(None, [str(WORKFLOW), os.getenv("PYTHONPATH")]))
)
os.environ.setdefault("REVERIE_COMMAND", shlex.join(["snakemake", *sys.argv[1:]]))

from reverie import assets, codehash
from reverie import config as configuration
from reverie import estimates, provenance
from reverie.forecast import variants

try:
    SETTINGS = configuration.load(config)
    LECTURE = provenance.lecture(Path(workflow.basedir) / "config.yaml")
except configuration.ConfigError as mistakes:
    sys.exit(str(mistakes))

config.update(SETTINGS.model_dump(mode="json"))  # scripts read the checked settings
# Snakemake puts an overlay's entries first; the networks stand in the lecture's order.
given = config["forecast"]["variants"]
known = {name: given[name] for name in LECTURE["forecast"]["variants"] if name in given}
config["forecast"]["variants"] = known | given
# A run is named after its overlays, so that two never share a folder.
overlays = [
    re.sub("[^a-z0-9_.-]", "-", Path(file).stem.lower()) for file in workflow.overwrite_configfiles
]
RUN = Path("results") / (SETTINGS.run or "-".join(overlays) or "lecture")
RESOURCES = Path("resources")
# Apart, so that a reproduction that finds nothing does not cost the quick look its samples.
RECORDS = RESOURCES / ("or_sample" if SETTINGS.samples == "auto" else "real")
REPORT = RUN / "report.html"
LOGS = RUN / "logs"
BENCHMARKS = RUN / "benchmarks"
FORECAST = SETTINGS.forecast
NETWORKS = variants.networks(config)
VARIANTS = list(NETWORKS)
if FORECAST.series.path and not Path(FORECAST.series.path).expanduser().is_file():
    sys.exit(f"forecast.series.path: there is no file {FORECAST.series.path}; correct the path.")


wildcard_constraints:
    asset="|".join(map(re.escape, SETTINGS.assets)),
    variant="|".join(map(re.escape, VARIANTS)),
    seed="|".join(map(str, FORECAST.seeds)),


def code_of(script):
    """Hash of the code that a script of `workflow/scripts` runs: its rule's parameter `code`."""
    return codehash.code_hash(WORKFLOW / "scripts" / script)


def trainings(file):
    """Path of ``file`` in the folder of every training."""
    return expand(
        RUN / "forecast" / "{variant}" / "seed{seed}" / file,
        variant=VARIANTS,
        seed=FORECAST.seeds,
    )


def asset_facts(wildcards):
    return SETTINGS.assets[wildcards.asset].model_dump()


def asset_wanted(wildcards):
    """Changes when a sample must give way to the real file."""
    return assets.wanted_source(
        asset_facts(wildcards), SETTINGS.mirrors, RESOURCES, RECORDS / f"{wildcards.asset}.json"
    )


def used_assets():
    """Records of the assets that this run needs."""
    names = [] if FORECAST.series.path else [FORECAST.series.asset]
    return [RECORDS / f"{name}.json" for name in names]


def estimate():
    """One line: what is to be trained, and about how long it will take."""
    jobs = [job for job in workflow.dag.needrun_jobs() if job.rule.name == "train_forecaster"]
    networks = [NETWORKS[job.wildcards.variant] for job in jobs]
    return estimates.sentence(networks, workflow.cores or 1)


def series_source():
    """The user's own file, or the record of the asset."""
    if FORECAST.series.path:
        return Path(FORECAST.series.path).expanduser()
    return RECORDS / f"{FORECAST.series.asset}.json"


def network_of(wildcards):
    return NETWORKS[wildcards.variant]


def priority_of(wildcards):
    """The longest training starts first."""
    return round(estimates.seconds(network_of(wildcards)))


def job_records(wildcards):
    """Records of all jobs of this run, which lie beside their logs."""
    later = ("record_provenance", "write_report")
    told = [step for step in workflow.rules if step.name not in later]
    logs = expand(
        [strip_wildcard_constraints(log) for step in told for log in step.log],
        variant=VARIANTS,
        seed=FORECAST.seeds,
        asset=[path.stem for path in used_assets()],
    )
    return [str(Path(log).with_suffix(".json")) for log in dict.fromkeys(logs)]
