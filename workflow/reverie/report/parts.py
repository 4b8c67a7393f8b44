"""The parts of the report, in the order of the page."""

from reverie.describe.report.part import PART as describe
from reverie.diagnose.report.part import PART as diagnose
from reverie.dream.report.part import PART as dream
from reverie.forecast.report.part import PART as forecast
from reverie.style.report.part import PART as style
from reverie.text.report.part import PART as text

PARTS = {
    "forecast": forecast,
    "text": text,
    "dream": dream,
    "style": style,
    "diagnose": diagnose,
    "describe": describe,
}
