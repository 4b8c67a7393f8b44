# What all rules share: the checked configuration, the paths of a run, and what the parts register.
import os
import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

# Of this file, wherever it is used from: as a module the working directory is another.
WORKFLOW = Path(workflow.current_basedir.get_path_or_uri(secret_free=True)).parent
sys.path.insert(0, str(WORKFLOW))

from reverie import assets, codehash, devices, engine, provenance, records
from reverie.config import files
from reverie.config.model import ConfigError, load
from reverie.errors import ReverieError
from reverie.samples import makers

os.environ.update(
    # Scripts find the package wherever they run: in the venv, under conda, or as a module.
    PYTHONPATH=os.pathsep.join(filter(None, [str(WORKFLOW), os.getenv("PYTHONPATH")])),
    REVERIE_PARENT=str(os.getpid()),  # jobs end when it does
)
COMMAND = os.environ.setdefault("REVERIE_COMMAND", shlex.join(["snakemake", *sys.argv[1:]]))

try:
    places = {}
    if engine.reads_own_configuration(workflow):
        # Read again: Snakemake keeps the last of two equal keys and says nothing.
        in_files, places = files.read(engine.configuration_files(workflow))
        for path in files.differences(config, in_files):  # by `--config`, which has no line
            places.pop(path, None)
    SETTINGS = load(config, places)
    LECTURE = provenance.lecture(WORKFLOW.parent / "config.yaml")
except (ConfigError, ReverieError) as mistakes:
    sys.exit(str(mistakes))

config.update(SETTINGS.model_dump(mode="json"))  # scripts read the checked settings

# A run is named after its overlays.
overlays = engine.overlays(workflow)
names = [re.sub("[^a-z0-9_.-]", "-", Path(file).stem.lower()) for file in overlays]
RUN = Path("results") / (SETTINGS.run or "-".join(names) or "lecture")
OVERLAYS = None if SETTINGS.run else overlays
RESOURCES = Path("resources")
# Apart, so that a reproduction that finds nothing does not cost the quick look its samples.
RECORDS = RESOURCES / ("or_sample" if SETTINGS.samples == "auto" else "real")
REPORT = RUN / "report.html"
# Of a run that is not finished: what it is to make, and a report of what is there.
PLAN, PARTIAL_REPORT = RUN / "plan.json", RUN / "report.partial.html"
LOGS = RUN / "logs"
BENCHMARKS = RUN / "benchmarks"
# Training, dreaming and style jobs ask for a GPU where there is one that their environment can use,
# which conda makes to fit; on a cluster its profile asks.
GPUS = devices.gpus() if engine.uses_conda(workflow) else devices.usable_gpus(SETTINGS.backend)
GPU = min(len(GPUS), 1)
if GPUS:
    engine.limit_gpus(workflow, len(GPUS) * SETTINGS.jobs_per_gpu)
TRAINING_ENVIRONMENT = (
    f"../../../envs/{'gpu' if GPU or engine.requests_gpus(workflow) else 'cpu'}.yaml"
)


@dataclass
class Part:
    """What a part's rules tell the rest of the workflow."""

    wildcards: dict  # all values of each wildcard in its files
    sources: list  # what it starts from: records of assets, and the user's own files
    results: list  # the files that the report shows


PARTS = {}  # of this run, by name


def register(name, **facts):
    if name in SETTINGS.parts:
        PARTS[name] = Part(**facts)


wildcard_constraints:
    asset="|".join(map(re.escape, SETTINGS.assets)),
    seed="[0-9]+",


def any_of(names):
    """A pattern of names; one that nothing matches where there are none."""
    return "|".join(map(re.escape, names)) or "(?!)"


def lecture_first(part, group):
    """Sort a part's named entries as the lecture has them: Snakemake puts an overlay's first."""
    entries = config[part][group]
    order = [name for name in LECTURE[part][group] if name in entries]
    config[part][group] = {name: entries[name] for name in order} | entries


def code_of(script):
    """Hash of the code that a script of `workflow/` runs: its rule's parameter `code`."""
    return codehash.code_hash(WORKFLOW / script)


def source(part, setting, path, asset):
    """The user's own file if the setting names one, or else the record of the asset."""
    if not path:
        return RECORDS / f"{asset}.json"
    file = Path(os.path.expanduser(path))
    if part in SETTINGS.parts and not os.path.isfile(file):
        sys.exit(f"{part}.{setting}: there is no file {path}; correct the path.")
    # By a link where Snakemake would see wildcards in its name.
    return records.linked(file) if set("{}<>") & set(path) else file


def asset_facts(wildcards):
    return SETTINGS.assets[wildcards.asset].model_dump()


def asset_wanted(wildcards):
    """Changes when a sample must give way to the real file."""
    return assets.wanted_source(
        asset_facts(wildcards),
        SETTINGS.mirrors,
        makers.path_of,
        RESOURCES,
        RECORDS / f"{wildcards.asset}.json",
    )


def used_assets():
    """Records of the assets that this run needs."""
    sources = dict.fromkeys(file for part in PARTS.values() for file in part.sources)
    return [file for file in sources if file.parent == RECORDS]


def files_of_jobs(kind):
    """Every `log` or `output`, as ``kind`` says, of the jobs that make this run."""
    used = [record.stem for record in used_assets()]
    paths = []
    for name, part in PARTS.items():
        for pattern in engine.file_patterns(workflow, kind):
            if Path(pattern).is_relative_to(RECORDS) or f"/{name}/" in pattern:
                paths += expand(pattern, asset=used, **part.wildcards)
    return list(dict.fromkeys(paths))


def job_records(wildcards):
    """Records of all jobs of this run, which lie beside their logs."""
    return [str(Path(log).with_suffix(".json")) for log in files_of_jobs("log")]


def results_of_parts():
    """What the report needs of every part that runs."""
    return [file for part in PARTS.values() for file in part.results]
