"""Sentences for pictures in the report."""

from reverie.describe import estimates
from reverie.describe.report import claims, compare, partial, record, section
from reverie.report.part import Part

PART = Part(
    "Descriptions",
    section.section,
    partial.narrow,
    claims=claims,
    compared=compare.compared,
    jobs=estimates.jobs,
    record=record,
)
