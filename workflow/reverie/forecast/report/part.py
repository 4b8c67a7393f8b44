"""The forecast in the report."""

from reverie.forecast import estimates
from reverie.forecast.report import claims, compare, partial, record, section
from reverie.report.part import Part

PART = Part(
    "Forecast",
    section.section,
    partial.narrow,
    claims=claims,
    compared=compare.compared,
    jobs=estimates.jobs,
    record=record,
)
