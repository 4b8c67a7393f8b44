"""What ran, on which machine, from which data and for how long: what a reader needs to trust a figure."""

import json
import os
import platform
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import yaml

from reverie.config.files import differences, read
from reverie.config.model import ConfigError, load
from reverie.errors import ReverieError
from reverie.files import replacing
from reverie.repository import commit, git

QUICK_LOOKS = {"config/quick.yaml", "config/demo.yaml"}  # of `make report` and `make demo`
PACKAGES = [
    "snakemake",
    "keras",
    "tensorflow",
    "tensorflow-cpu",
    "jax",
    "numpy",
    "pandas",
    "scipy",
    "matplotlib",
]


def machine() -> dict:
    """Processor, cores, memory and system."""
    processor = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        names = (line.split(":")[1].strip() for line in lines if line.startswith("model name"))
        processor = next(names)
    except (OSError, StopIteration):
        pass
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "memory_gb": round(memory, 1),
        "system": platform.platform(),
    }


def versions() -> dict:
    """Versions of Python and of the packages that results depend on."""
    installed = {"python": platform.python_version()}
    for package in PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            installed[package] = metadata.version(package)
    return installed


def lecture(config_file: Path) -> dict:
    """The lecture's configuration with all defaults: the committed file, or the one on disk."""
    if committed := git("show", f"HEAD:./{config_file.name}", folder=config_file.parent):
        with suppress(ConfigError, yaml.YAMLError):
            return load(yaml.safe_load(committed)).model_dump(mode="json")
    return load(yaml.safe_load(config_file.read_text())).model_dump(mode="json")


def full_budget(overlays: list[str] | None, config_file: Path) -> dict | None:
    """What `make reproduce` would run in place of a quick look: its `overlays` and its `config`.

    None unless ``overlays``, paths of configuration files, have a quick look's. `config` is None where
    the other overlays need the quick look's settings.
    """
    kept = [file for file in overlays or [] if file not in QUICK_LOOKS]
    if len(kept) == len(overlays or []):
        return None
    with suppress(ConfigError, ReverieError):
        settings, _ = read([str(config_file), *kept])
        return {"overlays": kept, "config": load(settings).model_dump(mode="json")}
    return {"overlays": kept, "config": None}


def plan(
    command: str,
    config: dict,
    resolved_lecture: dict,
    overlays: list[str] | None,
    full: dict | None,
    assets: list[Path],
    records: list[Path],
) -> dict:
    """The provenance of a run as far as it is known at the start.

    ``resolved_lecture`` is the lecture's configuration with all defaults. ``overlays`` are the paths of
    the configuration files that name the run, None if the setting `run` names it. ``full``
    is from :func:`full_budget`. ``assets`` and ``records`` are the paths of the records of assets and
    jobs, which need not exist yet.
    """
    return {
        "command": command,
        **commit(),
        "overlays": overlays,
        "full": full,
        "config": config,
        "config_changed": differences(config, resolved_lecture),
        "assets": [str(path) for path in assets],
        "machine": machine(),
        "versions": versions(),
        "jobs": [str(path) for path in records],
    }


def filled(plan: dict, root: Path = Path()) -> dict:
    """The plan with the records in place of their paths, which are relative to ``root``.

    Missing records are left out: the job has not run yet, or its results were copied without it. A job's
    `part` is the folder of its log.
    """

    def contents(paths: list[str]) -> list[tuple[str, dict]]:
        return [
            (path, json.loads(file.read_text()))
            for path in paths
            if (file := root / path).is_file()
        ]

    assets = [asset for _, asset in contents(plan["assets"])]
    for asset in assets:
        asset.pop("wanted", None)
    jobs = [record | {"part": part_of(path)} for path, record in contents(plan["jobs"])]
    return {**plan, "assets": assets, "jobs": jobs}


def part_of(record: str) -> str:
    """ "text" for results/quick/logs/text/seed0.json; empty for a job of no part."""
    inner = record.rpartition("/logs/")[2]
    return inner.partition("/")[0] if "/" in inner else ""


def whole_jobs(records: list[dict]) -> list[dict]:
    """The jobs of the records: one for all seeds that trained together, with the time of all.

    Its `seed` lists them, "0, 1, 2 together", see :func:`reverie.jobs.of_seeds`.
    """
    whole: dict[tuple, dict] = {}
    for record in records:
        if seeds := record.get("together"):
            times = {key: record.get(key) for key in ("seconds", "estimate")}
            times = {key: time and time * len(seeds) for key, time in times.items()}
            seed = {"seed": f"{', '.join(map(str, seeds))} together"}
            record = record | times | {"wildcards": record["wildcards"] | seed}
        whole.setdefault((record["rule"], *record["wildcards"].values()), record)
    return list(whole.values())


def newest(folder: Path) -> Path:
    """The newer of a run's provenance and plan, which describes its last start."""
    files = (folder / "provenance.json", folder / "plan.json")
    return max(files, key=lambda file: file.stat().st_mtime if file.exists() else 0)


def outdated(folder: Path) -> set[Path]:
    """Files of an unfinished run that are of earlier settings.

    The plan lists what was there when the run started and is to be made again; what was made since is newer
    than the plan.
    """
    plan = newest(folder)
    if plan.name != "plan.json":
        return set()
    planned = plan.stat().st_mtime
    return {
        file
        for name in json.loads(plan.read_text()).get("outdated", [])
        if (file := folder / name).exists() and file.stat().st_mtime <= planned
    }


def overlays(folder: Path) -> list[str] | None:
    """Paths of the configuration files of the run in a folder; None if unknown."""
    with suppress(OSError, ValueError):
        return json.loads(newest(folder).read_text()).get("overlays")


def write(facts: dict, file: Path) -> None:
    """Write a plan or a provenance as .json, in one go."""
    with replacing(file) as part:
        part.write_text(json.dumps(facts, indent=2) + "\n")
