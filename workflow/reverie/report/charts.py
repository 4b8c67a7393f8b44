"""Charts that answer to the reader, drawn by Vega in the page.

A chart is a Vega-Lite specification whose data are named `rows`, the rows themselves, and toggles
that choose among the rows by one of their fields. `page.js` brings them together; the same figure
from matplotlib stands in for it in print and where no scripts run.
"""

import altair as alt

from reverie import look

FONT = "system-ui, sans-serif"
ROWS = alt.Data(name="rows")


def theme() -> dict:
    """The colours and type of `look.py`."""
    words = {"labelColor": look.INK, "titleColor": look.INK, "labelFontSize": 12}
    return {
        "aria": False,  # the figure itself has the words
        "background": None,
        "font": FONT,
        "axis": words
        | {"titleFontSize": 12, "titleFontWeight": "normal", "gridColor": look.FAINT}
        | {"domainColor": look.INK, "tickColor": look.INK, "labelLimit": 215},
        "view": {"stroke": None},
        "line": {"strokeWidth": 1.6},
    }


def finished(chart: alt.TopLevelMixin, rows: list[dict], toggles: list[dict]) -> dict:
    """The chart as the page wants it."""
    spec = chart.properties(width="container").to_dict(validate=False)
    spec["config"] = theme()
    return {"spec": spec, "rows": rows, "toggles": toggles}


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


def coloured(options: dict[str, str], field: str = "title") -> alt.Color:
    """Colours by the field, the same whatever is shown; the toggles are the legend."""
    scale = alt.Scale(domain=list(options), range=list(options.values()))
    return alt.Color(f"{field}:N", scale=scale, legend=None)


def label(unit: str) -> str:
    return f"mean absolute error, {unit}" if unit else "mean absolute error"


def epochs_axis(rows: list[dict]) -> alt.X:
    """Whole epochs, about ten of them with a number."""
    last = max(row["epoch"] for row in rows)
    ticks = list(range(1, last + 1, -(-last // 10)))
    scale = alt.Scale(zero=False, nice=False, padding=8)
    axis = alt.Axis(values=ticks, format="d", grid=False)
    return alt.X("epoch:Q", title="epoch", axis=axis, scale=scale)
