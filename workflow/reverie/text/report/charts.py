"""The text's charts."""

from pathlib import Path

import altair as alt

from reverie import look
from reverie.report import charts
from reverie.tables import read_table


def by_temperature(
    metrics: Path, samples: list[dict], measure: str, title: str, corpus: float | None
) -> dict:
    """A measure of every sample against its temperature; greedy samples stand at 0.

    ``corpus`` is the measure of the held-out text, if there is one.
    """
    rows = [
        {"temperature": float(line["temperature"] or 0), "epoch": f"epoch {line['epoch']}"}
        | {"seed": line["seed"], "value": float(line[measure]), "text": sample["text"][:60]}
        for line, sample in zip(read_table(metrics), samples, strict=True)
        if line[measure]
    ]
    epochs = sorted({row["epoch"] for row in rows}, key=lambda name: int(name.split()[1]))
    colours = look.colours(epochs)
    tooltip = ["epoch:N", "seed:N", "temperature:Q", alt.Tooltip("value:Q", format=".3f")]
    ticks = alt.Axis(values=sorted({row["temperature"] for row in rows}), grid=False)
    scale = alt.Scale(nice=False, padding=8)
    x = alt.X("temperature:Q", title="temperature (0: greedy)", axis=ticks, scale=scale)
    base = alt.Chart(charts.ROWS).encode(x=x, color=charts.coloured(colours, "epoch"))
    y = alt.Y("value:Q", title=title, scale=alt.Scale(domainMin=0))
    layers = [
        base.mark_line().encode(y=alt.Y("mean(value):Q", title=title)),
        base.mark_circle(size=45, opacity=0.7).encode(y=y, tooltip=[*tooltip, "text:N"]),
    ]
    if corpus is not None:
        level = alt.Chart(alt.Data(values=[{"value": corpus}])).encode(y=y)
        words = {"text": "the corpus itself", "align": "left", "dx": 4, "dy": -7, "fontSize": 12}
        layers += [
            level.mark_rule(color=look.NAIVE, strokeWidth=1.5),
            level.mark_text(color=look.INK, **words).encode(x=alt.value(0)),
        ]
    chart = alt.layer(*layers).properties(height=240)
    return charts.finished(chart, rows, [charts.toggle("epoch", "Epochs", colours)])
