"""The parts of the report, in the order of the page: the one place that lists them."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from reverie.dream.report import claims as dream_claims
from reverie.dream.report import partial as dream_partial
from reverie.dream.report import section as dream
from reverie.forecast.report import claims as forecast_claims
from reverie.forecast.report import partial as forecast_partial
from reverie.forecast.report import section as forecast
from reverie.style.report import partial as style_partial
from reverie.style.report import section as style
from reverie.text.report import claims as text_claims
from reverie.text.report import partial as text_partial
from reverie.text.report import section as text


@dataclass(frozen=True)
class Part:
    """Its heading, what fills its template, what there is of it so far, and its remarks."""

    title: str
    section: Callable
    narrow: Callable
    claims: ModuleType | None = None


PARTS = {
    "forecast": Part("Forecast", forecast.section, forecast_partial.narrow, forecast_claims),
    "text": Part("Text", text.section, text_partial.narrow, text_claims),
    "dream": Part("Dreams", dream.section, dream_partial.narrow, dream_claims),
    "style": Part("Style", style.section, style_partial.narrow),
}
