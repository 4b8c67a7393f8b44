"""The table of claims: every remark of the lecture about the parts that ran, and its verdict."""

from pathlib import Path

from reverie.report.parts import PARTS
from reverie.report.verdicts import NOT_RUN


def claims(run: Path, settings: dict) -> list[dict]:
    """`part, slide, remark, measured, verdict` of each claim about a part of the run.

    One whose figures the run lacks has the verdict NOT_RUN and stands last of its part. On data of
    the user's own, remarks in the lecture's units are left out.
    """
    found = []
    for name in settings["parts"]:
        if PARTS[name].claims:
            found += sorted(
                measured(name, run, settings), key=lambda one: one["verdict"] == NOT_RUN
            )
    return found


def own_data(part: str, settings: dict) -> bool:
    """Whether the remarks about a part are tried on the user's data instead of the lecture's."""
    module = PARTS[part].claims
    return bool(module) and module.own(settings)


def measured(part: str, run: Path, settings: dict) -> list[dict]:
    module, found = PARTS[part].claims, []
    left_out = getattr(module, "LECTURES_UNITS", ()) if own_data(part, settings) else ()
    try:
        figures = module.Figures.read(run, settings)
    except FileNotFoundError:
        figures = None
    for slide, remark, measure, needs in module.CLAIMS:
        if measure in left_out:
            continue
        try:
            if figures is None:
                raise KeyError(part)
            said, verdict = measure(figures)
        except (KeyError, FileNotFoundError):  # not run, or too little to tell
            said, verdict = f"Needs {needs}.", NOT_RUN
        claim = {"slide": slide, "remark": remark, "measured": said, "verdict": verdict}
        found.append({"part": part} | claim)
    return found
