"""The charts of the diagnoses."""

import math
from pathlib import Path

import altair as alt

from reverie import charts, look
from reverie.charts import Chart
from reverie.diagnose.results import MEASURES, TASKS, Results
from reverie.histories import read_history
from reverie.tables import read_table

KINDS = {
    "lstm": "LSTM",
    "mlp": "MLP",
    "logistic": "regression",
    "trees": "trees",
    "gru_d": "GRU with decay",
    "ensemble": "ensemble",
    "base_rate": "base rate",
    "persistence": "persistence",
}
WHO = {
    "included": "all episodes",
    "excluded": "episodes without it on the first day",
    "only": "episodes with it on the first day",
}
FIRST = 3  # models shown at first, where lines would lie over each other


class Diagnoses:
    """What the charts share: the folder, titles and kinds of the models by name, seeds, and k."""

    def __init__(
        self, folder: Path, titles: dict[str, str], kinds: dict[str, str], seeds: list[int], k: int
    ):
        self.folder, self.kinds, self.seeds, self.k = folder, kinds, seeds, k
        self.results = Results(folder, titles)
        self.titles = titles

    def charts(self) -> dict[str, Chart]:
        """Every chart by the name of its still; without `curves` in a run that trained no network."""
        curves = self.curves()
        return {
            "measures": self.measures(),
            "calibration": self.calibration(),
            "conditions": self.conditions(),
        } | ({"curves": curves} if curves else {})

    def kind(self, model: str) -> str:
        return KINDS.get(self.kinds[model], KINDS["ensemble"])

    def measures(self) -> Chart:
        """Every measure of every model on test episodes, with its interval."""
        words = {name: title.format(k=self.k) for name, title in MEASURES.items()}
        rows = [
            {"title": self.titles[model], "kind": self.kind(model), "task": TASKS[task]}
            | {"measure": words[measure], "mean": line["mean"]}
            | {"low": line["low"], "high": line["high"]}
            for (task, model, split, measure), line in self.results.summary.items()
            if split == "test"
            and measure in self.results.columns(task)
            and line["mean"] is not None
        ]
        kinds = [kind for kind in KINDS.values() if any(row["kind"] == kind for row in rows)]
        colours = look.colours(kinds)
        titles = [title for title in self.titles.values() if any(r["title"] == title for r in rows)]
        tasks = list(dict.fromkeys(row["task"] for row in rows))
        shown = list(dict.fromkeys(row["measure"] for row in rows))
        y = alt.Y("title:N", sort=titles, title=None)  # without those that another task has
        x = alt.X("mean:Q", title="on test episodes", scale=alt.Scale(zero=False))
        tooltip = [alt.Tooltip("title:N"), alt.Tooltip("measure:N")]
        tooltip += [alt.Tooltip(f"{name}:Q", format=".4f") for name in ("mean", "low", "high")]
        colour = charts.coloured(colours, "kind", named=kinds)
        base = alt.Chart().encode(y=y, tooltip=tooltip, color=colour)
        chart = alt.layer(
            base.mark_rule(strokeWidth=3, opacity=0.4).encode(x=alt.X("low:Q"), x2="high:Q"),
            base.mark_circle(size=55, opacity=1).encode(x=x),
            data=charts.ROWS,
        )
        height = 24 * len(titles)
        toggles = [
            charts.toggle("task", "Predicted", dict.fromkeys(tasks), chosen=tasks[:1], single=True),
            charts.toggle(
                "measure", "Measure", dict.fromkeys(shown), chosen=shown[:1], single=True
            ),
        ]
        first = [row for row in rows if (row["task"], row["measure"]) == (tasks[0], shown[0])]
        panels = {f"{tasks[0]}: {shown[0]}": first}
        return Chart(chart.properties(height=height), rows, toggles, panels, 1, height, width=360)

    def calibration(self) -> Chart:
        """Observed against predicted shares, in groups of increasing probability."""
        rows = [
            {"title": self.titles[line["model"]], "task": TASKS[line["task"]]}
            | {"predicted": float(line["predicted"]), "observed": float(line["observed"])}
            | {"count": int(line["count"])}
            for line in read_table(self.folder / "calibration.csv")
            if line["model"] in self.titles
        ]
        tasks = list(dict.fromkeys(row["task"] for row in rows))
        titles = [title for title in self.titles.values() if any(r["title"] == title for r in rows)]
        colours = look.colours(titles)
        best = list(self.results.kinds[self.results.tasks()[0]].values())
        chosen = [self.titles[name] for name in best if self.kinds[name] != "base_rate"][:FIRST]
        x = alt.X("predicted:Q", title="predicted probability", scale=alt.Scale(domainMin=0))
        y = alt.Y("observed:Q", title="share that came true", scale=alt.Scale(domainMin=0))
        tooltip = [alt.Tooltip("title:N"), alt.Tooltip("count:Q", title="pairs")]
        tooltip += [alt.Tooltip(f"{name}:Q", format=".3f") for name in ("predicted", "observed")]
        colour = charts.coloured(colours, named=chosen)
        base = alt.Chart().encode(x=x, y=y, color=colour, tooltip=tooltip)
        top = max((max(row["predicted"], row["observed"]) for row in rows), default=1)
        diagonal = [{"predicted": end, "observed": end} for end in (0, top)]
        chart = alt.layer(
            alt.Chart(alt.Data(values=diagonal))
            .mark_line(color=look.NAIVE, strokeDash=[4, 4])
            .encode(x=x, y=y),
            base.mark_line(point={"size": 30}),
            data=charts.ROWS,
        ).properties(height=300)
        toggles = [
            charts.toggle("task", "Predicted", dict.fromkeys(tasks), chosen=tasks[:1], single=True),
            charts.toggle("title", "Models", colours, chosen=chosen),
        ]
        panels = {
            task: [row for row in rows if row["task"] == task and row["title"] in chosen]
            for task in tasks
        }
        return Chart(chart, rows, toggles, panels, 2, 240, width=600)

    def conditions(self) -> Chart:
        """AUC of each label, of all episodes and of those without it and with it on the first day."""
        task = self.results.tasks()[0]
        rows = [
            {"title": self.titles[line["model"]], "label": self.results.label(line["label"])}
            | {"who": WHO[line["prevalent"]], "positives": int(line["positives"])}
            | {name: float(line[name]) if line[name] else None for name in ("auc", "low", "high")}
            for line in read_table(self.folder / "labels.csv")
            if (line["task"], line["split"]) == (task, "test") and line["model"] in self.titles
        ]
        rows = [row for row in rows if row["auc"] is not None]
        chosen = self.titles[self.results.chosen(task)]
        of_chosen = [
            row for row in rows if row["title"] == chosen and row["who"] == WHO["included"]
        ]
        labels = [row["label"] for row in sorted(of_chosen, key=lambda row: -row["auc"])]
        who = [each for each in WHO.values() if any(row["who"] == each for row in rows)]
        colours = look.colours(who)
        y = alt.Y("label:N", scale=alt.Scale(domain=labels), title=None)
        x = alt.X("auc:Q", title="AUC on test episodes", scale=alt.Scale(zero=False))
        tooltip = [alt.Tooltip("label:N"), alt.Tooltip("who:N"), alt.Tooltip("positives:Q")]
        tooltip += [alt.Tooltip(f"{name}:Q", format=".3f") for name in ("auc", "low", "high")]
        colour = charts.coloured(colours, "who", named=who)
        offset = alt.YOffset("who:N", scale=alt.Scale(domain=who))
        base = alt.Chart().encode(y=y, yOffset=offset, color=colour, tooltip=tooltip)
        chart = alt.layer(
            base.mark_rule(strokeWidth=3, opacity=0.4).encode(x=alt.X("low:Q"), x2="high:Q"),
            base.mark_circle(size=40, opacity=1).encode(x=x),
            data=charts.ROWS,
        )
        titles = dict.fromkeys(row["title"] for row in rows)
        toggles = [
            charts.toggle("title", "Model", titles, chosen=[chosen], single=True),
            charts.toggle("who", "In", colours),
        ]
        height = 12 * len(who) * max(len(labels), 1) + 20
        panels = {chosen: [row for row in rows if row["title"] == chosen]}
        return Chart(chart.properties(height=height), rows, toggles, panels, 1, height, width=420)

    def curves(self) -> Chart | None:
        """Loss by epoch of every network, on training and on validation episodes; None without networks."""
        rows = []
        for task in self.results.tasks():
            for model in self.results.models(task):
                for seed in self.seeds:
                    training = self.folder / task / model / f"seed{seed}"
                    if not (training / "history.csv").exists():
                        continue
                    for line in read_history(training):
                        for curve, key in (("validation", "val_loss"), ("training", "loss")):
                            value = line[key]
                            rows.append(
                                {"title": self.titles[model], "task": TASKS[task]}
                                | {"seed": str(seed), "epoch": line["epoch"], "curve": curve}
                                | {"loss": value if math.isfinite(value) else None}
                            )
        if not rows:
            return None
        tasks, titles = (list(dict.fromkeys(row[key] for row in rows)) for key in ("task", "title"))
        curves = look.colours(["validation", "training"])
        y = alt.Y("loss:Q", title="cross-entropy, nats", scale=alt.Scale(zero=False))
        tooltip = [alt.Tooltip(f"{name}:N") for name in ("title", "curve", "seed", "epoch")]
        tooltip.append(alt.Tooltip("loss:Q", format=".4f"))
        chart = (
            alt.Chart(charts.ROWS)
            .mark_line(point={"size": 14}, clip=True)
            .encode(
                x=charts.epochs_axis(rows),
                y=y,
                color=charts.coloured(curves, "curve", named=list(curves)),
                detail=["seed:N"],
                tooltip=tooltip,
            )
            .properties(height=280)
        )
        toggles = [
            charts.toggle("task", "Predicted", dict.fromkeys(tasks), chosen=tasks[:1], single=True),
            charts.toggle(
                "title", "Network", dict.fromkeys(titles), chosen=titles[:1], single=True
            ),
        ]
        panels = {
            f"{title} ({task.lower()})": panel
            for task in tasks
            for title in titles
            if (panel := [row for row in rows if (row["task"], row["title"]) == (task, title)])
        }
        return Chart(chart, rows, toggles, panels, 3, 110)
