"""The transfers of style in the report."""

from reverie.report.part import Part
from reverie.style import estimates, selection
from reverie.style.report import partial, record, section

PART = Part(
    "Style",
    section.section,
    partial.narrow,
    pictures=selection.styles,
    jobs=estimates.jobs,
    record=record,
)
