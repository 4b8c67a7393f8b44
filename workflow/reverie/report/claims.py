"""The table of claims: every remark of the lecture about the parts that ran, and its verdict."""

from pathlib import Path

from reverie.report.parts import PARTS
from reverie.report.verdicts import NOT_RUN


def claims(folder: Path, settings: dict) -> list[dict]:
    """`part, slide, remark, measured, verdict` of each claim about a part of the run in ``folder``.

    One whose figures the run lacks has the verdict NOT_RUN and stands last of its part. On data of
    the user's own, remarks in the lecture's units are left out.
    """
    table = []
    for part in settings["parts"]:
        if PARTS[part].claims:
            lines = measured(part, folder, settings)
            table += sorted(lines, key=lambda claim: claim["verdict"] == NOT_RUN)
    return table


def own_data(part: str, settings: dict) -> bool:
    """Whether the remarks about a part are tried on the user's data instead of the lecture's."""
    module = PARTS[part].claims
    return bool(module) and module.own(settings)


def measured(part: str, folder: Path, settings: dict) -> list[dict]:
    """The lines of a part."""
    module, lines = PARTS[part].claims, []
    left_out = getattr(module, "LECTURES_UNITS", ()) if own_data(part, settings) else ()
    try:
        figures = module.Figures.read(folder, settings)
    except FileNotFoundError:
        figures = None
    for slide, remark, measure, needs in module.CLAIMS:
        if measure in left_out:
            continue
        try:
            if figures is None:
                raise KeyError(part)
            sentence, verdict = measure(figures)
        except (KeyError, FileNotFoundError):  # not run, or too little to tell
            sentence, verdict = f"Needs {needs}.", NOT_RUN
        line = {"part": part, "slide": slide, "remark": remark}
        lines.append(line | {"measured": sentence, "verdict": verdict})
    return lines
