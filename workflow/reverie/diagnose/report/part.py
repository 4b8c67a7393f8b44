"""The diagnoses in the report."""

from reverie.diagnose import estimates
from reverie.diagnose.report import claims, partial, record, section
from reverie.report.part import Part

PART = Part(
    "Diagnoses",
    section.section,
    partial.narrow,
    claims=claims,
    jobs=estimates.jobs,
    record=record,
)
