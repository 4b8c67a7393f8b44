"""A run of which not all is made: what is there, and what follows from it without a network.

Plots are imported where one is to be drawn: matplotlib and pandas take as long as all of a report.
"""

import copy
from pathlib import Path

from reverie.report.parts import PARTS
from reverie.report.run import Run, facts_of


def so_far(folder: Path, scratch: Path) -> Run:
    """What is there of a run, and what follows from it without a network.

    ``scratch`` is an empty folder: files of the run are linked into it, and what the workflow has
    not come to (errors, figures) is made there. The run's own folder stays as it is. Raises
    ReverieError where nothing of a run is found.
    """
    facts = facts_of(folder)
    run = Run(folder.resolve().name, scratch, copy.deepcopy(facts["config"]), facts)
    run.settings["parts"] = [
        part
        for part in facts["config"]["parts"]
        if PARTS[part].narrow(run, folder.resolve() / part, scratch / part)
    ]
    return run
