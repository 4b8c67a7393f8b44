"""The dreams in the report."""

from reverie.dream import estimates, selection
from reverie.dream.report import claims, partial, record, section
from reverie.report.part import Part

PART = Part(
    "Dreams",
    section.section,
    partial.narrow,
    claims=claims,
    pictures=selection.dreams,
    jobs=estimates.jobs,
    record=record,
)
