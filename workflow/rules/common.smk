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
from reverie.text import networks

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
PARTS = SETTINGS.parts
FORECAST = SETTINGS.forecast
NETWORKS = variants.networks(config)
VARIANTS = list(NETWORKS)
TEXT = SETTINGS.text
WRITER = networks.network(config)
own = [("forecast", "series.path", FORECAST.series.path), ("text", "corpus", TEXT.corpus)]
for part, setting, path in own:
    if part in PARTS and path and not Path(path).expanduser().is_file():
        sys.exit(f"{part}.{setting}: there is no file {path}; correct the path.")


wildcard_constraints:
    asset="|".join(map(re.escape, SETTINGS.assets)),
    variant="|".join(map(re.escape, VARIANTS)),
    seed="|".join(map(str, {*FORECAST.seeds, *TEXT.seeds})),


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
    sources = {"forecast": series_source(), "text": corpus_source()}
    return [sources[part] for part in PARTS if sources[part].parent == RECORDS]


def estimate():
    """One line: what is to be trained, and about how long it will take."""
    jobs = [job for job in workflow.dag.needrun_jobs()]
    forecasters = [job for job in jobs if job.rule.name == "train_forecaster"]
    trained = [NETWORKS[job.wildcards.variant] for job in forecasters]
    trained += [timed_writer() for job in jobs if job.rule.name == "train_writer"]
    return estimates.sentence(trained, workflow.cores or 1)


def timed_writer():
    """The network that learns the corpus, with the steps that this will take."""
    size = corpus_source().stat().st_size if TEXT.corpus else SETTINGS.assets[TEXT.asset].bytes or 0
    return WRITER | {"steps": networks.estimated_steps(WRITER, size, TEXT.held_out)}


def series_source():
    """The user's own file, or the record of the asset."""
    if FORECAST.series.path:
        return Path(FORECAST.series.path).expanduser()
    return RECORDS / f"{FORECAST.series.asset}.json"


def corpus_source():
    """The user's own text, or the record of the asset."""
    return Path(TEXT.corpus).expanduser() if TEXT.corpus else RECORDS / f"{TEXT.asset}.json"


def writers(file):
    """Path of ``file`` in the folder of every training on the corpus."""
    return expand(RUN / "text" / "seed{seed}" / file, seed=TEXT.seeds)


def network_of(wildcards):
    return NETWORKS[wildcards.variant]


def priority_of(wildcards):
    """The longest training starts first."""
    network = network_of(wildcards) if "variant" in wildcards.keys() else timed_writer()
    return round(estimates.seconds(network))


def job_records(wildcards):
    """Records of all jobs of this run, which lie beside their logs."""
    assets = [path.stem for path in used_assets()]
    found = []
    for part, seeds in {"forecast": FORECAST.seeds, "text": TEXT.seeds}.items():
        logs = [strip_wildcard_constraints(log) for step in workflow.rules for log in step.log]
        for log in logs:
            if part in PARTS and (Path(log).is_relative_to(RECORDS) or f"/{part}/" in log):
                found += expand(log, variant=VARIANTS, seed=seeds, asset=assets)
    return [str(Path(log).with_suffix(".json")) for log in dict.fromkeys(found)]


def results_of_parts():
    """What the report needs of every part that runs."""
    results = {
        "forecast": [
            *rules.forecast.input,
            *rules.plot_series.output,
            *rules.plot_forecasts.output,
        ],
        "text": [*rules.text.input, *rules.measure_samples.output, *rules.plot_text.output],
    }
    return [file for part in PARTS for file in results[part]]
