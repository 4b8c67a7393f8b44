# Shared by all rules: the checked configuration, the paths of a run, and the register of its parts.
import os
import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

# From the path of this file, since a workflow that uses this one has another working directory.
WORKFLOW = Path(workflow.current_basedir.get_path_or_uri(secret_free=True)).parent
sys.path.insert(0, str(WORKFLOW))

from reverie import assets, codehash, devices, engine, provenance, records
from reverie.config import files
from reverie.config.model import ConfigError, load
from reverie.errors import ReverieError

os.environ.update(
    # So that scripts find the package in the venv, under conda, and from a workflow that uses this one.
    PYTHONPATH=os.pathsep.join(filter(None, [str(WORKFLOW), os.getenv("PYTHONPATH")])),
    REVERIE_PARENT=str(os.getpid()),  # jobs end when this process does
)
engine.read_scripts_once(workflow)
COMMAND = os.environ.setdefault("REVERIE_COMMAND", shlex.join(["snakemake", *sys.argv[1:]]))

try:
    places = {}
    if engine.reads_own_configuration(workflow):
        # Read again for line numbers, and to refuse repeated keys, which Snakemake accepts silently.
        in_files, places = files.read(engine.configuration_files(workflow))
        for path in files.differences(config, in_files):
            places = {p: line for p, line in places.items() if not f"{p}.".startswith(f"{path}.")}
            places[path] = "--config"
    SETTINGS = load(config, places)
    LECTURE = provenance.lecture(WORKFLOW.parent / "config.yaml")
except (ConfigError, ReverieError) as mistakes:
    sys.exit(str(mistakes))

config.update(SETTINGS.model_dump(mode="json"))  # scripts read the checked settings

# By default, the run is named after its overlays.
overlays = engine.overlays(workflow)
names = [re.sub("[^a-z0-9_.-]", "-", Path(file).stem.lower()) for file in overlays]
RUN = Path("results") / (SETTINGS.run or "-".join(names) or "lecture")
OVERLAYS = None if SETTINGS.run else overlays
RESOURCES = Path("resources")
# Apart: a search that fails under `samples: never` must not delete the record of a sample in use.
RECORDS = RESOURCES / ("or_sample" if SETTINGS.samples == "auto" else "real")
REPORT = RUN / "report.html"
# For an unfinished run: the provenance known at its start, and a report of the results so far.
PLAN, PARTIAL_REPORT = RUN / "plan.json", RUN / "report.partial.html"
LOGS = RUN / "logs"
BENCHMARKS = RUN / "benchmarks"
# Training, dreaming and style jobs request a GPU if there is one that their environment can use; conda
# creates a fitting environment. On a cluster, the profile requests the GPUs.
GPUS = devices.gpus() if engine.uses_conda(workflow) else devices.usable_gpus(SETTINGS.backend)
GPU = min(len(GPUS), 1)
if GPUS:
    engine.limit_gpus(workflow, len(GPUS) * SETTINGS.jobs_per_gpu)
gpu_requests = engine.gpu_requests(workflow)
# Under conda: of jobs with a network, and of those among them that may have a GPU.
extra, gpu_extra = ("jax", "jax-gpu") if SETTINGS.backend == "jax" else ("cpu", "gpu")
NETWORK_ENVIRONMENT = f"../../../envs/{extra}.yaml"
TRAINING_ENVIRONMENT = (
    f"../../../envs/{gpu_extra if GPU or any(gpu_requests.values()) else extra}.yaml"
)
# The process that plans tells its jobs whether it has a GPU for JAX, since they must name the same files
# on whatever machine they run. It tells nothing that differs between two modules with these rules.
if engine.is_main(workflow) and SETTINGS.backend == "jax":
    os.environ.update(REVERIE_JAX_GPU="yes" if GPU else "")
TOGETHER = SETTINGS.together
if TOGETHER is None and SETTINGS.backend == "jax":
    planned_gpu = bool(os.environ.get("REVERIE_JAX_GPU", GPU))
    TOGETHER = gpu_requests.get(engine.full_name(workflow, "train_forecaster"), planned_gpu)


@dataclass
class Part:
    """What the rest of the workflow needs to know of a part."""

    wildcards: dict  # all values of each wildcard in the paths of its files
    sources: list  # its inputs: records of assets, and the user's own files
    results: list  # the files that the report shows


PARTS = {}  # the parts that this run has, by name


def register(name, **facts):
    if name in SETTINGS.parts:
        PARTS[name] = Part(**facts)


def any_of(names):
    """A regular expression that matches any of the names, or nothing if there are none."""
    return "|".join(map(re.escape, names)) or "(?!)"


wildcard_constraints:
    asset=any_of(SETTINGS.assets),
    seed="[0-9]+",


def lecture_first(part, group):
    """Sort a part's named entries as in `config.yaml`; Snakemake puts those of an overlay first."""
    entries = config[part][group]
    order = [name for name in LECTURE[part][group] if name in entries]
    config[part][group] = {name: entries[name] for name in order} | entries


def code_of(script):
    """The parameter `code` of a rule: the hash of the code that its script in `workflow/` runs."""
    return codehash.code_hash(WORKFLOW / script)


def figure(path, caption, **labels):
    """An output that Snakemake's own report shows, with a caption from the part's `captions/`."""
    category = Path(path).parts[0].capitalize()
    return report(RUN / path, category=category, labels=labels, caption=f"captions/{caption}.rst")


def source(part, setting, path, asset, folders=False):
    """The user's own file ``path``, if the setting has one, or else the record of the asset.

    With ``folders`` it may be a folder.
    """
    if not path:
        return RECORDS / f"{asset}.json"
    file = Path(os.path.expanduser(path))
    if part in SETTINGS.parts and not (os.path.isfile(file) or folders and os.path.isdir(file)):
        what = "folder or file" if folders else "file"
        sys.exit(f"{part}.{setting}: there is no {what} {path}; correct the path.")
    # These characters have a meaning in Snakemake's paths; a link with a plain name avoids them.
    return records.linked(file) if set("{}<>") & set(path) else file


def sources(part, setting, paths, asset):
    """The user's own files that the setting names, by a path, a pattern or a list, or the record."""
    files = []
    for path in [paths] if isinstance(paths, str) else paths or []:
        files += records.matching(path) or [path]
    return [source(part, setting, path, asset) for path in dict.fromkeys(files) or [None]]


def asset_facts(wildcards):
    """What determines the file; where it is looked for, how it is described, and what would stand in for it,
    changes no record."""
    return SETTINGS.assets[wildcards.asset].model_dump(exclude={"about", "addresses", "sample"})


def asset_code(wildcards):
    """The code that made the record; of a sample, which code makes, today's, and the sample."""
    current, asset = (
        code_of("scripts/fetch_asset.py"),
        SETTINGS.assets[wildcards.asset].model_dump(),
    )
    return assets.code_of_record(RECORDS / f"{wildcards.asset}.json", asset, current)


def asset_wanted(wildcards):
    """A parameter that changes when the real file turns up and must replace the sample."""
    record = RECORDS / f"{wildcards.asset}.json"
    return assets.wanted_source(asset_facts(wildcards), SETTINGS.mirrors, RESOURCES, record)


def used_assets():
    """Records of the assets that this run needs."""
    sources = dict.fromkeys(file for part in PARTS.values() for file in part.sources)
    return [file for file in sources if file.parent == RECORDS]


def files_of_jobs(kind):
    """The paths of the `log` or `output`, whichever ``kind`` says, of all jobs of this run."""
    used = [record.stem for record in used_assets()]
    patterns, paths = engine.file_patterns(workflow, kind), []
    for name, part in PARTS.items():
        for pattern in patterns:
            path = Path(pattern)
            own = path.is_relative_to(RUN) and name in path.relative_to(RUN).parts
            if own or path.is_relative_to(RECORDS):
                paths += expand(pattern, asset=used, **part.wildcards)
    return list(dict.fromkeys(paths))


def full_budget(wildcards):
    """What `make reproduce` would run, if this run is a quick look."""
    return provenance.full_budget(OVERLAYS, WORKFLOW.parent / "config.yaml")


def job_records(wildcards):
    """The records of all jobs of this run; each lies beside the job's log."""
    return [str(Path(log).with_suffix(".json")) for log in files_of_jobs("log")]


def results_of_parts():
    """The files of all parts that the report shows."""
    return [file for part in PARTS.values() for file in part.results]
