"""The text's charts: repetition and invention by temperature."""

import json
from pathlib import Path

import altair as alt

from reverie import charts, look
from reverie.charts import Chart
from reverie.tables import read_table

MEASURES = {
    "repetition": ("distinct_3grams", "distinct 3-grams / all"),
    "invention": ("invented_words", "share of words that the corpus lacks"),
}


def by_temperature(folder: Path) -> dict[str, Chart]:
    """Every chart by the name of its still: a measure of each sample against its temperature.

    Greedy samples stand at 0. Where the held-out text was measured too, a line says how.
    """
    measured = read_table(folder / "metrics.csv")
    samples = (folder / "samples.jsonl").read_text().splitlines()
    corpus = json.loads((folder / "reference.json").read_text())
    epochs = [f"epoch {epoch}" for epoch in sorted({int(line["epoch"]) for line in measured})]
    colours = look.colours(epochs)
    by_name = {}
    for name, (measure, title) in MEASURES.items():
        rows = [
            {"temperature": float(line["temperature"] or 0), "epoch": f"epoch {line['epoch']}"}
            | {"seed": line["seed"], "value": float(line[measure])}
            | {"text": json.loads(sample)["text"][:60]}
            for line, sample in zip(measured, samples, strict=True)
            if line[measure]
        ]
        drawing = drawn(rows, title, colours, corpus.get(measure))
        toggles = [charts.toggle("epoch", "Epochs", colours)]
        by_name[name] = Chart(drawing, rows, toggles, {"": rows}, 1, 230, width=320)
    return by_name


def drawn(
    rows: list[dict], title: str, colours: dict[str, str], corpus: float | None
) -> alt.LayerChart:
    """Every sample, the mean of each epoch, and the level of the corpus."""
    tooltip = ["epoch:N", "seed:N", "temperature:Q", alt.Tooltip("value:Q", format=".3f")]
    ticks = alt.Axis(values=sorted({row["temperature"] for row in rows}), grid=False)
    scale = alt.Scale(nice=False, padding=8)
    x = alt.X("temperature:Q", title="temperature (0: greedy)", axis=ticks, scale=scale)
    colour = charts.coloured(colours, "epoch", named=list(colours))
    base = alt.Chart().encode(x=x, color=colour)
    y = alt.Y("value:Q", title=title, scale=alt.Scale(domainMin=0))
    layers = [
        base.mark_line().encode(y=alt.Y("mean(value):Q", title=title)),
        base.mark_circle(size=45, opacity=0.7).encode(y=y, tooltip=[*tooltip, "text:N"]),
    ]
    if corpus is not None:
        level = alt.Chart(alt.Data(values=[{"value": corpus}])).encode(y=y)
        words = {"text": "the corpus itself", "align": "left", "dx": 8, "dy": -7, "fontSize": 12}
        layers += [
            level.mark_rule(color=look.NAIVE, strokeWidth=1.5),
            level.mark_text(color=look.INK, **words).encode(x=alt.value(0)),
        ]
    return alt.layer(*layers, data=charts.ROWS).properties(height=240)
