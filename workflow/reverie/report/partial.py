"""An unfinished run: what is there of it, and what can be computed from that without a network.

Plots are imported only where one must be drawn: matplotlib and pandas take as long to import as
the whole report takes to write.
"""

import copy
import os
from pathlib import Path

from reverie import provenance
from reverie.report.parts import PARTS
from reverie.report.run import Run, facts_of, failures, recorded


def so_far(folder: Path, scratch: Path) -> Run:
    """The run in ``folder``, narrowed to what is there and what can be computed from that.

    ``scratch`` is an empty folder: the run's files are linked into it, and the errors and figures
    that the workflow has not made yet are made there. The run's own folder stays as it is. A run
    on record is given as it is. Raises ReverieError for a folder without a run.
    """
    facts = facts_of(folder)
    if "on_record" in facts:
        return recorded(folder, facts)
    run = Run(folder.resolve().name, scratch, copy.deepcopy(facts["config"]), facts)
    source = folder.resolve()
    if provenance.newest(folder).name == "plan.json":
        run.ended, run.failures = False, failures(folder)
        source = without_outdated(source, scratch / ".current")
    run.settings["parts"] = [
        part
        for part in facts["config"]["parts"]
        if PARTS[part].narrow(run, source / part, scratch / part)
    ]
    return run


def without_outdated(folder: Path, scratch: Path) -> Path:
    """The run's folder, or if it has results of earlier settings, ``scratch`` with links to all others."""
    outdated = provenance.outdated(folder)
    if not outdated:
        return folder
    for path in folder.rglob("*"):
        if path.is_file() and path not in outdated:
            copy_of = scratch / path.relative_to(folder)
            copy_of.parent.mkdir(parents=True, exist_ok=True)
            os.symlink(path, copy_of)
    return scratch
