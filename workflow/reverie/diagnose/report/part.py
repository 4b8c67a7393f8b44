"""The diagnoses in the report."""

from reverie.diagnose import estimates
from reverie.diagnose.report import claims, compare, partial, record, section
from reverie.report.part import Part

PART = Part(
    "Diagnoses",
    section.section,
    partial.narrow,
    claims=claims,
    compared=compare.compared,
    jobs=estimates.jobs,
    record=record,
)
