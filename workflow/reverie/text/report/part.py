"""The text in the report."""

from reverie.report.part import Part
from reverie.text import estimates
from reverie.text.report import claims, compare, partial, record, section

PART = Part(
    "Text",
    section.section,
    partial.narrow,
    claims=claims,
    compared=compare.compared,
    jobs=estimates.jobs,
    record=record,
)
