"""The charts of sentences for pictures."""

import math
from pathlib import Path

import altair as alt

from reverie import charts, look
from reverie.charts import Chart
from reverie.describe.results import BLEUS, DIRECTIONS, MEASURES, OTHERS, Results, in_words
from reverie.histories import read_history

KINDS = {"models": "Alignment", "writers": "Writing"}
LOSSES = {"models": "ranking loss", "writers": "nats per word"}
VALUES = ("mean", "low", "high")


class Descriptions:
    """What the charts share: the folder, titles of models and writers by name, and seeds."""

    def __init__(self, folder: Path, titles: dict[str, str], seeds: list[int]):
        self.folder, self.seeds = folder, seeds
        self.results = Results(folder, titles)
        self.titles = self.results.titles

    def charts(self) -> dict[str, Chart]:
        """Every chart by the name of its still; those of models or of writers only where there are any."""
        by_name = {}
        if self.results.models:
            by_name |= {"recalls": self.recalls()}
        if self.results.writers:
            by_name |= {"bleu": self.bleu(), "frequency": self.frequency()}
        return by_name | self.curves()

    def recalls(self) -> Chart:
        """Every measure of every alignment model in both directions, with its interval."""
        rows = [
            {"title": self.titles[name], "measure": words, "direction": direction}
            | {key: line[key] for key in VALUES}
            for name in self.results.models
            for measure, words in MEASURES.items()
            for task, direction in DIRECTIONS.items()
            for line in [self.results.summary[name, None, "test", f"{task}_{measure}"]]
        ]
        colours = look.colours(list(DIRECTIONS.values()))
        chosen = [MEASURES["recall_10"]]
        toggles = [
            charts.toggle(
                "measure", "Measure", dict.fromkeys(MEASURES.values()), chosen, single=True
            ),
            charts.toggle("direction", "Find", colours),
        ]
        panels = {chosen[0]: [row for row in rows if row["measure"] == chosen[0]]}
        return dots(rows, "direction", colours, "on test pictures", toggles, panels)

    def bleu(self) -> Chart:
        """BLEU of every writer with every beam, with its interval."""
        rows = [
            {"title": self.titles[name], "measure": words, "beam": in_words(beam)}
            | {key: 100 * line[key] for key in VALUES}
            for name in self.results.writers
            for beam in self.results.beams(name)
            for measure, words in BLEUS.items()
            for line in [self.results.summary[name, beam, "test", measure]]
        ]
        colours = look.colours(list(dict.fromkeys(row["beam"] for row in rows)))
        chosen = [BLEUS["bleu_4"]]
        toggles = [
            charts.toggle("measure", "Measure", dict.fromkeys(BLEUS.values()), chosen, single=True),
            charts.toggle("beam", "By", colours),
        ]
        panels = {words: [row for row in rows if row["measure"] == words] for words in chosen}
        return dots(rows, "beam", colours, "on test pictures, × 100", toggles, panels)

    def frequency(self) -> Chart:
        """How many times as often as people each writer uses words, by how frequent they are."""
        rows = [
            {"title": self.titles[line["model"]], "band": line["band"]}
            | {key: line[key] for key in ("ratio", "low", "high", "people", "written", "used")}
            for name in self.results.writers
            for line in self.results.frequency
            if (line["model"], line["beam"]) == (name, self.results.best_beam(name))
            and line["band"] != OTHERS
        ]
        rows = [row for row in rows if row["ratio"] is not None]
        bands = list(dict.fromkeys(row["band"] for row in rows))
        titles = list(dict.fromkeys(row["title"] for row in rows))
        colours = look.colours(titles)
        x = alt.X("band:N", sort=bands, title="words by rank in the training sentences", axis=alt.Axis(labelAngle=0))  # fmt: skip
        y = alt.Y("ratio:Q", title="times as often as people", scale=alt.Scale(domainMin=0))
        tooltip = [alt.Tooltip("title:N"), alt.Tooltip("band:N")]
        tooltip += [alt.Tooltip(f"{key}:Q", format=".2f") for key in ("ratio", "low", "high")]
        tooltip += [
            alt.Tooltip(f"{key}:Q", title=words, format=".1%")
            for key, words in (("people", "of people’s words"), ("written", "of written words"))
        ]
        offset = alt.XOffset("title:N", sort=titles)
        base = alt.Chart().encode(
            x=x, xOffset=offset, color=charts.coloured(colours, named=titles), tooltip=tooltip
        )
        chart = alt.layer(
            alt.Chart(alt.Data(values=[{"as_people": 1}]))
            .mark_rule(color=look.NAIVE, strokeDash=[4, 4])
            .encode(y=alt.Y("as_people:Q", title=None)),
            base.mark_rule(strokeWidth=3, opacity=0.4).encode(y=alt.Y("low:Q"), y2="high:Q"),
            base.mark_circle(size=55, opacity=1).encode(y=y),
            data=charts.ROWS,
        )
        toggles = [charts.toggle("title", "Sentences by", colours)]
        return Chart(chart.properties(height=260), rows, toggles, {"": rows}, 1, 260)

    def curves(self) -> dict[str, Chart]:
        """Loss by epoch of every network, on training and on validation pictures."""
        by_name = {}
        for kind, names in (("models", self.results.models), ("writers", self.results.writers)):
            rows = [
                {"title": self.titles[name], "seed": str(seed), "epoch": line["epoch"]}
                | {"curve": curve, "loss": line[key] if math.isfinite(line[key]) else None}
                for name in names
                for seed in self.seeds
                if (self.folder / name / f"seed{seed}" / "history.csv").exists()
                for line in read_history(self.folder / name / f"seed{seed}")
                for curve, key in (("validation", "val_loss"), ("training", "loss"))
            ]
            if rows:
                by_name[f"curves_{kind}"] = self.losses(rows, f"{KINDS[kind]}: {LOSSES[kind]}")
        return by_name

    @staticmethod
    def losses(rows: list[dict], title: str) -> Chart:
        titles = list(dict.fromkeys(row["title"] for row in rows))
        colours = look.colours(titles)
        y = alt.Y("loss:Q", title=title, scale=alt.Scale(zero=False))
        tooltip = [alt.Tooltip(f"{name}:N") for name in ("title", "curve", "seed", "epoch")]
        tooltip.append(alt.Tooltip("loss:Q", format=".3f"))
        chart = (
            alt.Chart(charts.ROWS)
            .mark_line(point={"size": 14}, clip=True)
            .encode(
                x=charts.epochs_axis(rows),
                y=y,
                color=charts.coloured(colours, named=titles),
                detail=["seed:N"],
                tooltip=tooltip,
            )
            .properties(height=280)
        )
        curves = dict.fromkeys(("validation", "training"))
        toggles = [
            charts.toggle("curve", "Loss on", curves, chosen=["validation"], single=True),
            charts.toggle("title", "Network", colours),
        ]
        panels = {curve: [row for row in rows if row["curve"] == curve] for curve in curves}
        return Chart(chart, rows, toggles, panels, 2, 200)


def dots(
    rows: list[dict], colour: str, colours: dict, words: str, toggles: list, panels: dict
) -> Chart:
    """A point with its interval for each row, by title, and in a title by ``colour``."""
    titles = list(dict.fromkeys(row["title"] for row in rows))
    y = alt.Y("title:N", sort=titles, title=None)
    offset = alt.YOffset(f"{colour}:N", scale=alt.Scale(domain=list(colours)))
    x = alt.X("mean:Q", title=words, scale=alt.Scale(zero=False))
    tooltip = [alt.Tooltip(f"{name}:N") for name in ("title", "measure", colour)]
    tooltip += [alt.Tooltip(f"{name}:Q", format=".3f") for name in VALUES]
    base = alt.Chart().encode(
        y=y, yOffset=offset, color=charts.coloured(colours, colour, named=list(colours)), tooltip=tooltip
    )  # fmt: skip
    chart = alt.layer(
        base.mark_rule(strokeWidth=3, opacity=0.4).encode(x=alt.X("low:Q"), x2="high:Q"),
        base.mark_circle(size=45, opacity=1).encode(x=x),
        data=charts.ROWS,
    )
    height = (10 * len(colours) + 16) * len(titles)
    return Chart(chart.properties(height=height), rows, toggles, panels, 1, height, width=360)
