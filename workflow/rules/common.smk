# What all rules share: the checked configuration, the paths of a run, and helpers.
import atexit
import os
import re
import shlex
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from snakemake.io import strip_wildcard_constraints
from snakemake.settings.types import DeploymentMethod

# Of this file, wherever it is used from: as a module the working directory is another.
WORKFLOW = Path(workflow.current_basedir.get_path_or_uri(secret_free=True)).parent
# Scripts find the package wherever they run: in the venv, under conda, or as a module.
sys.path.insert(0, str(WORKFLOW))
os.environ.update(
    PYTHONPATH=os.pathsep.join(filter(None, [str(WORKFLOW), os.getenv("PYTHONPATH")])),
    REVERIE_PARENT=str(os.getpid()),  # jobs end when it does
)
COMMAND = os.environ.setdefault("REVERIE_COMMAND", shlex.join(["snakemake", *sys.argv[1:]]))

from reverie import assets, codehash, running
from reverie.config import files
from reverie.config.model import ConfigError, load
from reverie import devices, estimates, jobs, provenance, records
from reverie.dream import selection
from reverie.dream.config import NOISE
from reverie.errors import ReverieError
from reverie.forecast import variants
from reverie.text import networks

try:
    places = {}
    # Snakemake keeps the last of two equal keys and says nothing. As a module, the files are another's.
    if workflow.is_main_process and not workflow.modifier.skip_configfile:
        overlaid = workflow.overwrite_configfiles
        base = [file for file in workflow.configfiles if file not in overlaid]
        in_files, places = files.read([*base, *overlaid])
        for path in files.differences(config, in_files):  # by `--config`, which has no line
            places.pop(path, None)
    SETTINGS = load(config, places)
    LECTURE = provenance.lecture(WORKFLOW.parent / "config.yaml")
except (ConfigError, ReverieError) as mistakes:
    sys.exit(str(mistakes))

config.update(SETTINGS.model_dump(mode="json"))  # scripts read the checked settings


def lecture_first(given, lecture):
    """What has names in the lecture's order: Snakemake puts an overlay's entries first."""
    return {name: given[name] for name in lecture if name in given} | given


config["forecast"]["variants"] = lecture_first(
    config["forecast"]["variants"], LECTURE["forecast"]["variants"]
)
for part in ("dream", "style"):
    config[part]["pictures"] = lecture_first(config[part]["pictures"], LECTURE[part]["pictures"])
# A run is named after its overlays.
overlays = [os.path.relpath(file) for file in workflow.overwrite_configfiles]
names = [re.sub("[^a-z0-9_.-]", "-", Path(file).stem.lower()) for file in overlays]
RUN = Path("results") / (SETTINGS.run or "-".join(names) or "lecture")
OVERLAYS = None if SETTINGS.run else overlays
if workflow.is_main_process and OVERLAYS is not None:
    others = provenance.overlays(RUN)
    if others not in (None, OVERLAYS):
        sys.exit(
            f"{RUN} is already the run of {' and '.join(others) or 'config.yaml alone'}, not of "
            f"{' and '.join(OVERLAYS) or 'config.yaml alone'}; rename an overlay, or name this run "
            "by `run:` in one of them."
        )
RESOURCES = Path("resources")
# Apart, so that a reproduction that finds nothing does not cost the quick look its samples.
RECORDS = RESOURCES / ("or_sample" if SETTINGS.samples == "auto" else "real")
REPORT = RUN / "report.html"
# Of a run that is not finished: what it is to make, and a report of what is there.
PLAN, PARTIAL_REPORT = RUN / "plan.json", RUN / "report.partial.html"
LOGS = RUN / "logs"
BENCHMARKS = RUN / "benchmarks"
PARTS = SETTINGS.parts
FORECAST = SETTINGS.forecast
# Training, dreaming and style jobs ask for a GPU where there is one that their environment can use,
# which conda makes to fit; on a cluster its profile asks.
CONDA = DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method
GPUS = devices.gpus() if CONDA else devices.usable_gpus(SETTINGS.backend)
GPU = min(len(GPUS), 1)
asked = workflow.resource_settings.overwrite_resources.values()
TRAINING_ENVIRONMENT = (
    f"../../../envs/{'gpu' if GPU or any('gpu' in one for one in asked) else 'cpu'}.yaml"
)
if GPUS and workflow.global_resources["_nodes"].value is None:
    if workflow.global_resources.get("gpu").value is None:  # else it is the user's --resources
        workflow.register_resource("gpu", len(GPUS) * SETTINGS.jobs_per_gpu)
NETWORKS = variants.networks(config)
VARIANTS = list(NETWORKS)
TEXT = SETTINGS.text
WRITER = networks.network(config)
DREAMS = selection.dreams(config)
STYLES = selection.styles(config)
own = [("forecast", "series.path", FORECAST.series.path), ("text", "corpus", TEXT.corpus)]
for part, chosen in {"dream": DREAMS, "style": STYLES}.items():
    for name, one in chosen.items():
        for key in {"picture", "guide", "style"} & one.keys():
            if one[key] not in {None, NOISE, *SETTINGS.assets}:
                own.append((part, f"pictures.{name}.{key}", one[key]))
for part, setting, path in own:
    if part in PARTS and path and not os.path.isfile(os.path.expanduser(path)):
        sys.exit(f"{part}.{setting}: there is no file {path}; correct the path.")


def having(part):
    """Names of the dreams that have a `sheet` or `film`."""
    return [name for name, one in DREAMS.items() if one[part]]


def any_of(names):
    """A pattern of names; one that nothing matches where there are none."""
    return "|".join(map(re.escape, names)) or "(?!)"


wildcard_constraints:
    dream=any_of(DREAMS),
    sheet=any_of(having("sheet")),
    film=any_of(having("film")),
    style=any_of(STYLES),
    asset="|".join(map(re.escape, SETTINGS.assets)),
    variant="|".join(map(re.escape, VARIANTS)),
    seed="|".join(map(str, {*FORECAST.seeds, *TEXT.seeds})),


def code_of(script):
    """Hash of the code that a script of `workflow/` runs: its rule's parameter `code`."""
    return codehash.code_hash(WORKFLOW / script)


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
    found = {
        "forecast": [series_source()],
        "text": [corpus_source()],
        "dream": [file for one in DREAMS.values() for file in picture_sources(one).values()],
        "style": [file for one in STYLES.values() for file in picture_sources(one).values()],
    }
    files = dict.fromkeys(file for part in PARTS for file in found[part])
    return [file for file in files if file.parent == RECORDS]


def estimate():
    """One line: what is to be trained and drawn, and about how long it will take."""
    jobs = [
        (estimates.identity(job.rule.name, job.wildcards_dict), job.resources.estimated_seconds)
        for job in workflow.dag.needrun_jobs(exclude_finished=False)
        if "estimated_seconds" in job.rule.resources
    ]
    cores, nodes, gpus = (
        workflow.global_resources.get(name).value for name in ("_cores", "_nodes", "gpu")
    )
    known = estimates.corrections(RUN.parent, bool(GPU))
    at_once = nodes or min(filter(None, [cores, gpus if GPU else None]), default=1)
    told = estimates.sentence(jobs, known, at_once, bool(GPU))
    if not GPU and devices.gpus():
        extra = "jax-gpu" if SETTINGS.backend == "jax" else "gpu"
        told += f" A GPU stays idle, since this environment has no build for it: `make venv EXTRA={extra}` makes one."
    return told


ERRORS = []  # sentences about a run that failed


def last_words():
    """Print what must stand below all of Snakemake's own lines: the report's path, or the errors."""
    if not workflow.is_main_process or None in (workflow.executor_plugin, workflow.dag):
        return
    if workflow.dryrun:
        print(estimate())
    elif ERRORS:
        print("", *ERRORS, sep="\n", file=sys.stderr)
    elif protected := write_protected():
        print(
            f"{protected[0]} is to be made anew but may not be written; make it writable, or the disk "
            "on which it lies, then start again.",
            file=sys.stderr,
        )
    elif {"all", "report"} & {target.name for target in workflow.dag.targetrules}:
        if not any(workflow.dag.needrun_jobs()):
            with suppress(OSError):
                PARTIAL_REPORT.unlink(missing_ok=True)
                PLAN.unlink(missing_ok=True)
            print(f"The report: {REPORT}")


def write_protected():
    """Outputs that are to be made anew and may not be written, for which Snakemake starts no job."""
    files = [file for job in workflow.dag.needrun_jobs() for file in job.output]
    return [file for file in files if os.path.exists(file) and not os.access(file, os.W_OK)]


atexit.register(last_words)
if workflow.is_main_process:
    running.interrupt_once()


def report_failure():
    """After a failure: make a report of what is there, and collect the sentences to end with."""
    build = [sys.executable, "-m", "reverie.report", "build", str(RUN)]
    built = subprocess.run(build, capture_output=True, text=True)
    ERRORS.append((built.stdout or built.stderr).strip().rpartition("\n")[2])
    failed = sorted(workflow.scheduler.failed, key=str)
    ERRORS.extend(
        dict.fromkeys(jobs.failure(job.rule.name, job.wildcards_dict, job.log[0]) for job in failed)
    )
    if not failed:
        ERRORS.append("Interrupted; the same command goes on where it stopped.")


def timed_writer():
    """The network that learns the corpus, with the steps that this will take."""
    size = corpus_source().stat().st_size if TEXT.corpus else SETTINGS.assets[TEXT.asset].bytes or 0
    return WRITER | {"steps": networks.estimated_steps(WRITER, size, TEXT.held_out)}


def own_file(path):
    """A user's file as an input: by a link where Snakemake would see wildcards in its name."""
    file = Path(os.path.expanduser(path))
    return records.linked(file) if set("{}<>") & set(path) else file


def series_source():
    """The user's own file, or the record of the asset."""
    if FORECAST.series.path:
        return own_file(FORECAST.series.path)
    return RECORDS / f"{FORECAST.series.asset}.json"


def corpus_source():
    """The user's own text, or the record of the asset."""
    return own_file(TEXT.corpus) if TEXT.corpus else RECORDS / f"{TEXT.asset}.json"


def writers(file):
    """Path of ``file`` in the folder of every training on the corpus."""
    return expand(RUN / "text" / "seed{seed}" / file, seed=TEXT.seeds)


def asset_or_file(given):
    """The record of an asset, or the user's own file."""
    return RECORDS / f"{given}.json" if given in SETTINGS.assets else own_file(given)


def picture_sources(one):
    """What a dream or a transfer of style reads, by what it is for."""
    found = {"weights": RECORDS / f"{SETTINGS.weights[one['network']].asset}.json"}
    for key in ("picture", "guide", "style"):
        if one.get(key) and one[key] != NOISE:
            found[key] = asset_or_file(one[key])
    return found


def dream_named(wildcards):
    """The name of the dream, and what is made of it."""
    part = next(part for part in ("dream", "sheet", "film") if part in wildcards.keys())
    return wildcards[part], part


def dream_sources(wildcards):
    return picture_sources(DREAMS[dream_named(wildcards)[0]])


def style_sources(wildcards):
    return picture_sources(STYLES[wildcards.style])


def lookup_dream(wildcards):
    """What the picture, sheet or film of the dream depends on."""
    name, part = dream_named(wildcards)
    return selection.settings_for(DREAMS[name], part)


def prompt(wildcards):
    """A function, since Snakemake would see wildcards in the braces of a text."""
    return TEXT.sampling.prompt


def unit(wildcards):
    """Likewise."""
    return FORECAST.series.unit


def lookup_style(wildcards):
    return {key: value for key, value in STYLES[wildcards.style].items() if key != "title"}


def weights_end(wildcards):
    """The last layer of the weights, where they are not all of the network's."""
    one = STYLES[wildcards.style] if "style" in wildcards.keys() else None
    one = one or DREAMS[dream_named(wildcards)[0]]
    return SETTINGS.weights[one["network"]].to


def dream_seconds(wildcards):
    name, part = dream_named(wildcards)
    return round(estimates.dream_seconds(DREAMS[name], part))


def style_seconds(wildcards):
    return round(estimates.style_seconds(STYLES[wildcards.style]))


def network_of(wildcards):
    return NETWORKS[wildcards.variant]


def training_seconds(wildcards):
    network = network_of(wildcards) if "variant" in wildcards.keys() else timed_writer()
    return round(estimates.seconds(network))


def files_of_jobs(kind):
    """Every `log` or `output`, as ``kind`` says, of the jobs that make this run."""
    assets = [path.stem for path in used_assets()]
    named = {"dream": DREAMS, "sheet": having("sheet"), "film": having("film"), "style": STYLES}
    seeds = {"forecast": FORECAST.seeds, "text": TEXT.seeds}
    paths = []
    for part in PARTS:
        patterns = [
            strip_wildcard_constraints(file)
            for step in workflow.rules
            for file in getattr(step, kind)
        ]
        for pattern in patterns:
            if Path(pattern).is_relative_to(RECORDS) or f"/{part}/" in pattern:
                names = {"variant": VARIANTS, "seed": seeds.get(part, []), "asset": assets}
                paths += expand(pattern, **names, **named)
    return list(dict.fromkeys(paths))


def job_records(wildcards):
    """Records of all jobs of this run, which lie beside their logs."""
    return [str(Path(log).with_suffix(".json")) for log in files_of_jobs("log")]


def lock():
    """Keep other workflows out of what this one writes: its run, and the assets that it fetches."""
    running.lock(RUN)
    for job in workflow.dag.needrun_jobs():
        if job.rule.name == "fetch_asset":
            running.lock(Path(job.output.record))


def write_plan():
    """Leave beside the results what is to be made, for a report of a run that is not finished."""
    plan = provenance.plan(
        COMMAND, dict(config), LECTURE, OVERLAYS, used_assets(), job_records(None)
    )
    with suppress(OSError):  # the first job says so in a sentence
        provenance.write(plan, PLAN)


def results_of_parts():
    """What the report needs of every part that runs."""
    results = {
        "forecast": [
            *rules.forecast.input,
            *rules.plot_series.output,
            *rules.plot_forecasts.output,
        ],
        "text": [*rules.text.input, *rules.measure_samples.output, *rules.plot_text.output],
        "dream": [*rules.dream.input, *rules.plot_dreams.output],
        "style": [*rules.style.input, *rules.plot_styles.output],
    }
    return [file for part in PARTS for file in results[part]]
