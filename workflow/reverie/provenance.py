"""What ran, on what, from which data, how long: everything a reader needs to believe a figure."""

import json
import os
import platform
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import yaml

from reverie.config.files import differences
from reverie.config.model import ConfigError, load
from reverie.files import replacing
from reverie.repository import commit, git

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
        processor = next(x.split(":")[1].strip() for x in lines if x.startswith("model name"))
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
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            found[package] = metadata.version(package)
    return found


def lecture(config_file: Path) -> dict:
    """The lecture's own configuration with all defaults: as committed, or else as in the file."""
    if committed := git("show", f"HEAD:./{config_file.name}", folder=config_file.parent):
        with suppress(ConfigError, yaml.YAMLError):
            return load(yaml.safe_load(committed)).model_dump(mode="json")
    return load(yaml.safe_load(config_file.read_text())).model_dump(mode="json")


def plan(
    command: str,
    config: dict,
    resolved_lecture: dict,
    overlays: list[str] | None,
    assets: list[Path],
    records: list[Path],
) -> dict:
    """What is known of a run when it starts.

    ``resolved_lecture`` is the lecture's configuration with all defaults; ``overlays`` are the
    paths of the configuration files that name the run, None where its configuration does;
    ``assets`` are the records of the assets in use and ``records`` those of jobs, which need not
    be there yet.
    """
    return {
        "command": command,
        **commit(),
        "overlays": overlays,
        "config": config,
        "config_changed": differences(config, resolved_lecture),
        "assets": [str(path) for path in assets],
        "machine": machine(),
        "versions": versions(),
        "jobs": [str(path) for path in records],
    }


def filled(plan: dict, root: Path = Path()) -> dict:
    """The plan with the records themselves in place of their paths, which are relative to ``root``.

    A record that is not there is left out: of a job that has not run, or whose results were copied
    here without it.
    """

    def read(paths: list[str]) -> list[dict]:
        return [json.loads(file.read_text()) for path in paths if (file := root / path).is_file()]

    assets = [{k: v for k, v in one.items() if k != "wanted"} for one in read(plan["assets"])]
    return {**plan, "assets": assets, "jobs": read(plan["jobs"])}


def newest(run: Path) -> Path:
    """The file that tells of the last start of the run in a folder: its provenance or its plan."""
    files = (run / "provenance.json", run / "plan.json")
    return max(files, key=lambda file: file.stat().st_mtime if file.exists() else 0)


def overlays(run: Path) -> list[str] | None:
    """Paths of the configuration files that the run in a folder was made with; None if unknown."""
    with suppress(OSError, ValueError):
        return json.loads(newest(run).read_text()).get("overlays")


def write(facts: dict, file: Path) -> None:
    """A plan or a provenance as .json, in one go."""
    with replacing(file) as part:
        part.write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n")
