"""A run as the report reads it: where its files lie, and what is known of how they were made."""

import copy
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from reverie import provenance
from reverie.config.model import ConfigError, load
from reverie.errors import ReverieError

WHOLE, PARTIAL = "report.html", "report.partial.html"


@dataclass
class Run:
    """Where its files lie, its configuration, what is known of its making, and what is missing.

    ``failures`` are sentences about jobs that failed. A run is ``unfinished`` as long as something is
    missing or the workflow has not recorded its end.
    """

    name: str
    folder: Path
    settings: dict
    provenance: dict
    missing: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    ended: bool = True

    @property
    def unfinished(self) -> bool:
        return bool(self.missing or self.failures) or not self.ended

    @property
    def on_record(self) -> bool:
        """Whether its small files alone were kept, by `python -m reverie.report record`."""
        return "on_record" in self.provenance

    @property
    def assets(self) -> dict[str, dict]:
        """Records of the assets that it used, by name."""
        return {asset["asset"]: asset for asset in self.provenance["assets"]}

    def about(self, asset: str | None) -> str | None:
        """What the configuration says about an entry of `assets`; None for anything else."""
        return self.settings["assets"].get(asset, {}).get("about")


def finished(folder: Path) -> Run:
    """A run of which the workflow made everything."""
    facts = json.loads((folder / "provenance.json").read_text())
    return Run(folder.name, folder, facts["config"], facts)


def facts_of(folder: Path) -> dict:
    """The provenance of a run, or of an unfinished one what its plan tells."""
    newest = provenance.newest(folder)
    try:
        facts = json.loads(newest.read_text())
    except (OSError, ValueError):
        raise ReverieError(
            f"{folder} is not the folder of a run: it has neither provenance.json nor plan.json; "
            "name one such as results/quick."
        ) from None
    try:
        facts["config"] = load(facts["config"]).model_dump(mode="json")
        if (facts.get("full") or {}).get("config"):
            facts["full"]["config"] = load(facts["full"]["config"]).model_dump(mode="json")
    except ConfigError:
        raise ReverieError(
            f"{folder} was made by another version, whose configuration this one does not "
            "understand; run it again, or use the version at its commit "
            f"({(facts.get('commit') or 'unknown')[:9]})."
        ) from None
    if newest.name == "provenance.json":
        return facts
    return provenance.filled(facts, folder.resolve().parents[1])


def recorded(folder: Path, facts: dict) -> Run:
    """The run whose small files lie in ``folder``; ``facts`` are its provenance.

    Its name differs from that of the run, so that both can be compared. `on_record` of its provenance has
    what it lacks and, if it lacks anything, its configuration narrowed to what there is.
    """
    state = dict(facts["on_record"])
    settings = copy.deepcopy(state.pop("config") or facts["config"])
    settings["parts"] = [part for part in settings["parts"] if (folder / part).is_dir()]
    return Run(f"{folder.resolve().name}-on-record", folder, settings, facts, **state)


def failures(folder: Path) -> list[str]:
    """The sentences, last in their logs, with which jobs of an unfinished run failed."""
    plan = json.loads((folder / "plan.json").read_text())
    sentences = []
    for record in plan["jobs"]:
        record = folder.resolve().parents[1] / record
        log = record.with_suffix(".log")
        if log.is_file() and not record.is_file():
            last = log.read_text(errors="replace").strip().rpartition("\n")[2]
            if last.partition(": ")[0] in plan.get("rules", []):  # as `jobs.job` writes it
                sentences.append(last)
    return list(dict.fromkeys(sentences))


def copy_files(source: Path, target: Path, names: Iterable[str]) -> None:
    """Copy those of the files that ``source`` has into the folder ``target``, with their folders."""
    for name in names:
        if (source / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, target / name)


def link(source: Path, target: Path, but: set[str] = frozenset()) -> None:
    """Link every file of the folder ``source`` into a new folder ``target``, but for some."""
    target.mkdir()
    for path in sorted(source.iterdir()) if source.is_dir() else []:
        if path.name not in but:
            os.symlink(path, target / path.name)


def comparable(
    names: list[str], seeds: list[int], done: set[tuple[str, int]]
) -> tuple[list[int], list[str]]:
    """Seeds and the names of models that have them all: as many models as possible, then as many seeds.

    All models of a table need the same seeds; ``done`` are the names and seeds that are trained.
    """
    often = sorted(seeds, key=lambda seed: -sum((name, seed) in done for name in names))
    choices = []
    for count in range(1, len(often) + 1):
        chosen = sorted(often[:count], key=seeds.index)
        ready = [name for name in names if all((name, seed) in done for seed in chosen)]
        choices.append((chosen, ready))
    return max(choices, key=lambda choice: (len(choice[1]), len(choice[0])))


def linked(pictures: dict, source: Path, target: Path) -> list[str]:
    """Link a part of pictures; gives the names of those whose figure is still to be drawn."""
    if not pictures:
        return []
    link(source, target, {"plots"})
    link(source / "plots", target / "plots")
    return [name for name in pictures if not (target / "plots" / f"{name}.svg").exists()]
