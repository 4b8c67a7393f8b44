"""The parts of the report, in the order of the page: the one place that lists them."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from reverie.dream import selection
from reverie.dream.report import claims as dream_claims
from reverie.dream.report import partial as dream_partial
from reverie.dream.report import section as dream
from reverie.forecast.report import claims as forecast_claims
from reverie.forecast.report import compare as forecast_compare
from reverie.forecast.report import partial as forecast_partial
from reverie.forecast.report import section as forecast
from reverie.style.report import partial as style_partial
from reverie.style.report import section as style
from reverie.text.report import claims as text_claims
from reverie.text.report import compare as text_compare
from reverie.text.report import partial as text_partial
from reverie.text.report import section as text


@dataclass(frozen=True)
class Part:
    """What the report shows of a part.

    Its heading; what fills its `section.html`; what narrows a run to what there is of the part;
    its remarks; what fills its `compare.html`, from the runs that have the part; and its pictures
    to be compared, by name, from the configuration.
    """

    title: str
    section: Callable
    narrow: Callable
    claims: ModuleType | None = None
    compared: Callable | None = None
    pictures: Callable | None = None


PARTS = {
    "forecast": Part(
        "Forecast",
        forecast.section,
        forecast_partial.narrow,
        claims=forecast_claims,
        compared=forecast_compare.compared,
    ),
    "text": Part(
        "Text",
        text.section,
        text_partial.narrow,
        claims=text_claims,
        compared=text_compare.compared,
    ),
    "dream": Part(
        "Dreams",
        dream.section,
        dream_partial.narrow,
        claims=dream_claims,
        pictures=selection.dreams,
    ),
    "style": Part("Style", style.section, style_partial.narrow, pictures=selection.styles),
}
