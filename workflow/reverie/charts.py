"""Charts by Vega-Lite: one specification for the page, where it answers, and for its still twin.

On the page `page.js` brings the specification, its rows and its toggles together. The still is an
.svg file with a panel for each heading; it stands in for the chart in print and without scripts.
"""

import re
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

import altair as alt
import vl_convert

from reverie import look
from reverie.files import replacing

ROWS = alt.Data(name="rows")
WORDS = {"labelColor": look.INK, "titleColor": look.INK, "labelFontSize": 12, "titleFontSize": 12}
THEME = {
    "aria": False,  # the figure itself has the words
    "background": None,
    "font": "system-ui, DejaVu Sans, sans-serif",
    "axis": WORDS
    | {"titleFontWeight": "normal", "gridColor": look.FAINT}
    | {"domainColor": look.INK, "tickColor": look.INK, "labelLimit": 215},
    "view": {"stroke": None},
    "line": {"strokeWidth": 1.6},
}
STILL = THEME | {
    "axis": THEME["axis"] | {"labelLimit": 360},
    "legend": WORDS | {"orient": "top", "offset": 10, "title": None, "labelLimit": 0},
    "title": {"offset": 6, "fontSize": 12, "fontWeight": "normal", "color": look.INK},
}
LETTER = 6  # pixels, the width of a letter on average
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NAMED = {"color", "size", "strokeDash", "strokeWidth"}  # channels that have a legend


@dataclass
class Chart:
    """A chart, and what the page and its still show in it.

    ``drawing`` takes its data from the name `rows`. On the page toggles choose among ``rows``, or
    among those that `page.js` unpacks from ``pack``. The still has no toggles but ``panels``, rows
    by heading, in at most so many ``columns``, which are ``width`` pixels wide together.
    """

    drawing: alt.Chart | alt.LayerChart
    rows: list[dict]
    toggles: list[dict]
    panels: dict[str, list[dict]] = field(default_factory=dict)
    columns: int = 1
    height: int = 0
    width: int = 620
    pack: dict | None = None

    def __post_init__(self):
        self.columns = min(self.columns, len(self.panels))

    def page(self) -> dict:
        """What `page.js` draws."""
        spec = self.drawing.properties(width="container").to_dict(validate=False)
        for encoding in encodings(spec):
            for channel in NAMED & encoding.keys():
                encoding[channel]["legend"] = None  # the toggles are the legend
        spec["config"] = THEME
        return {"spec": spec, "rows": self.rows, "toggles": self.toggles, "pack": self.pack}

    def save(self, file: Path) -> None:
        """Draw the still as .svg: panels on the same scales, which share the titles of their axes."""
        titles = {"x": "", "y": ""}
        for encoding in encodings(self.drawing.to_dict(validate=False)):
            for axis in titles:
                titles[axis] = encoding.get(axis, {}).get("title") or titles[axis]
        panels = {
            "concat": [self.panel(place) for place in range(len(self.panels))],
            "columns": self.columns,
            "resolve": {"scale": {"x": "shared", "y": "shared"}},
            "title": {"text": titles["x"], "orient": "bottom", "anchor": "middle"},
        }
        title = {"text": titles["y"], "orient": "left", "anchor": "middle"}
        spec = drawable({"concat": [panels], "title": title, "config": STILL})
        svg = vl_convert.vegalite_to_svg(spec)
        with replacing(file) as part:
            part.write_text(renumbered(svg), encoding="utf-8")

    def panel(self, place: int) -> dict:
        """A panel of the still. Numbers stand left of each row and below each column."""
        heading, rows = list(self.panels.items())[place]
        width = self.width // self.columns
        spec = self.drawing.properties(width=width, height=self.height).to_dict(validate=False)
        numbers = {"x": place + self.columns >= len(self.panels), "y": place % self.columns == 0}
        for encoding in encodings(spec):
            for axis in encoding.keys() & numbers.keys():
                encoding[axis]["title"] = None
                if not numbers[axis]:
                    encoding[axis].setdefault("axis", {})["labels"] = False
        title = {
            "text": textwrap.wrap(heading, width // LETTER),
            "anchor": "start",
            "frame": "group",
        }
        return spec | {"data": {"values": rows}, "title": title, "config": {}}


def encodings(spec: dict) -> list[dict]:
    """The encoding of each layer of a chart."""
    return [layer["encoding"] for layer in spec.get("layer", [spec])]


def drawable(spec):
    """The specification without characters that XML forbids: they would abort vl-convert, and us."""
    if isinstance(spec, str):
        return NOT_XML.sub("\ufffd", spec)
    if isinstance(spec, dict):
        return {key: drawable(value) for key, value in spec.items()}
    return [drawable(value) for value in spec] if isinstance(spec, list) else spec


def renumbered(svg: str) -> str:
    """The figure with its clip paths counted from 1: vl-convert counts on from figure to figure."""
    names: dict[str, str] = {}
    return re.sub(
        r'(id="|url\(#)(clip\d+)',
        lambda match: match[1] + names.setdefault(match[2], f"clip{len(names) + 1}"),
        svg,
    )


def toggle(field: str, label: str, options: dict[str, str | None], chosen=None, one=False) -> dict:
    """A choice among the values of a field; ``options`` maps them to colours."""
    return {
        "field": field,
        "label": label,
        "one": one,
        "options": [
            {"value": value, "colour": colour, "checked": chosen is None or value in chosen}
            for value, colour in options.items()
        ],
    }


def coloured(options: dict[str, str], field: str = "title", named: list[str] = ()) -> alt.Color:
    """Colours by the field, the same whatever is shown; the still's legend has those ``named``."""
    scale = alt.Scale(domain=list(options), range=list(options.values()))
    legend = None
    if named:  # opaque also where a band, which is not, has the same colours
        legend = alt.Legend(values=list(named), symbolType="stroke", symbolOpacity=1)
    return alt.Color(f"{field}:N", scale=scale, legend=legend)


def keyed(channel, words: str, value: float, **legend):
    """A width or size that is the same for a whole layer, named in the still's legend."""
    scale = alt.Scale(type="ordinal", domain=[words], range=[value])
    return channel(words, type="nominal", scale=scale, legend=alt.Legend(**legend))


def label(unit: str) -> str:
    return f"mean absolute error, {unit}" if unit else "mean absolute error"


def epochs_axis(rows: list[dict]) -> alt.X:
    """Whole epochs, about ten of them with a number."""
    last = max(row["epoch"] for row in rows)
    ticks = list(range(1, last + 1, -(-last // 10)))
    scale = alt.Scale(zero=False, nice=False, padding=8)
    axis = alt.Axis(values=ticks, format="d", grid=False)
    return alt.X("epoch:Q", title="epoch", axis=axis, scale=scale)
