"""The forecast's charts."""

import base64
import math
from pathlib import Path

import altair as alt
import numpy as np

from reverie import charts, durations, look
from reverie.charts import Chart
from reverie.forecast import trained
from reverie.forecast.axes import CONDITIONS, axis_label
from reverie.forecast.evaluation import read_target
from reverie.histories import read_history
from reverie.tables import read_table

POINTS = 400_000  # of all forecasts in the explorer together; more are thinned out
NO_VALUE = 65535  # in the explorer, of the 16 bits of a value
DAY = 86_400_000  # milliseconds
SHOWN = 3  # networks at first, where many lines would lie over each other
NAIVE, NAIVE_DELAY = "Naive forecast", "naive, one delay old"
# Symbols in legends.
GREY = {"symbolType": "stroke", "symbolStrokeColor": look.NAIVE}
BLACK = {"symbolType": "stroke", "symbolStrokeColor": look.TRUTH}
RING = {"symbolType": "circle", "symbolStrokeColor": look.TRUTH}
DOT = {"symbolType": "circle", "symbolFillColor": look.TRUTH, "symbolStrokeWidth": 0}
SPLITS = {"val": "validation", "test": "test"}


class Forecasts:
    """What the charts share: the forecast's folder, titles and seeds by variant, the section `forecast`."""

    def __init__(
        self, folder: Path, titles: dict[str, str], seeds: dict[str, list[int]], config: dict
    ):
        self.folder, self.titles, self.config = folder, titles, config
        self.trainings = trained.trainings(folder, seeds)
        self.unit = config["series"]["unit"]
        shades = look.colours(list(titles))
        self.colours = {title: shades[name] for name, title in titles.items()}
        self.metrics = read_table(folder / "metrics.csv")

    def charts(self) -> dict[str, Chart]:
        """Every chart by the name of its still; without `curves` in a run that trained no network."""
        trainings = (t for folders in self.trainings.values() for t in folders.values())
        trained = any((training / "history.csv").exists() for training in trainings)
        curves = {"curves": self.curves()} if trained else {}
        conditions = {name: self.condition(name) for name in CONDITIONS}
        return {"errors": self.errors(), **curves, "week": self.explorer(), **conditions}

    def errors(self) -> Chart:
        """Error of every training and fit, with its interval, and the naive lines."""
        rows = []
        for line in self.metrics:
            naive = line["variant"] not in self.titles
            if line["checkpoint"] != "last":
                scale = float(line["mae_unit"]) / float(line["mae"])
                ends = {
                    key: float(line[f"ci_{key}"]) * scale if line[f"ci_{key}"] else None
                    for key in ("low", "high")
                }
                title = {"naive": NAIVE, "naive_delay": NAIVE_DELAY}
                rows.append(
                    {"title": (title | self.titles)[line["variant"]], "naive": naive, **ends}
                    | {"mae": float(line["mae_unit"]), "seed": line["seed"] or "–"}
                    | {"split": SPLITS[line["split"]], "normalised": float(line["mae"])}
                )
        errors = [row["mae"] for row in rows]
        naives = [row["mae"] for row in rows if row["naive"]]
        far = 2 * max(float(np.median(errors)), *naives)
        # What lies far out stands at the edge instead of pressing the rest together.
        ends = [0.9 * min(errors), min(far, 1.08 * max(r["high"] or r["mae"] for r in rows))]
        x = alt.X("mae:Q", title=charts.label(self.unit), scale=alt.Scale(domain=ends, clamp=True))
        order = alt.Y("title:N", scale=alt.Scale(domain=list(self.titles.values())), title=None)
        tooltip = [
            alt.Tooltip("title:N", title="forecast"),
            alt.Tooltip("seed:N"),
            alt.Tooltip("mae:Q", title=self.unit or "error", format=".4g"),
            alt.Tooltip("normalised:Q", format=".4f"),
            alt.Tooltip("low:Q", title="interval from", format=".4g"),
            alt.Tooltip("high:Q", title="to", format=".4g"),
        ]
        base = alt.Chart().encode(tooltip=tooltip)
        seeds = alt.YOffset("seed:N")
        networks = base.transform_filter("!datum.naive").encode(y=order, yOffset=seeds)
        naive = base.transform_filter("datum.naive").mark_rule(color=look.NAIVE, strokeWidth=2)
        dash = alt.StrokeDash(
            "title:N",
            scale=alt.Scale(domain=[NAIVE, NAIVE_DELAY], range=[[1, 0], [5, 4]]),
            legend=alt.Legend(**GREY),
        )
        colour = charts.coloured(self.colours)
        chart = alt.layer(
            naive.encode(x=x, strokeDash=dash),
            networks.mark_rule(opacity=0.4).encode(
                x="low:Q",
                x2="high:Q",
                color=colour,
                strokeWidth=charts.keyed(alt.StrokeWidthDatum, "95 % interval", 3, **GREY),
            ),
            networks.mark_circle(opacity=1).encode(
                x=x,
                color=colour,
                size=charts.keyed(alt.SizeDatum, "one seed or fit", 45, **DOT),
            ),
            networks.transform_filter(f"datum.mae > {ends[1]}")
            .mark_text(align="right", baseline="middle", dx=-8, fontSize=10)
            .encode(x=x, text=alt.Text("mae:Q", format=".3g"), color=colour),
            data=charts.ROWS,
        )
        height = max(28, 11 * len(self.config["seeds"])) * len(self.titles)
        options = {"test": None, "validation": None}
        which = charts.toggle("split", "Part of the series", options, chosen=["test"], one=True)
        panels = {
            split.capitalize(): [row for row in rows if row["split"] == split]
            for split in SPLITS.values()
        }
        return Chart(chart.properties(height=height), rows, [which], panels, 2, height, width=460)

    def curves(self) -> Chart:
        """Loss by epoch of every training."""
        rows = []
        for name, trainings in self.trainings.items():
            title = self.titles[name]
            for seed, training in trainings.items():
                history = read_history(training) if (training / "history.csv").exists() else []
                best = min((line["val_loss"] for line in history), default=None)
                for line in history:
                    for curve, key in (("validation", "val_loss"), ("training", "loss")):
                        value = line[key]
                        rows.append(
                            {"title": title, "seed": str(seed), "epoch": line["epoch"]}
                            | {"curve": curve, "loss": value if math.isfinite(value) else None}
                            | {"best": curve == "validation" and value == best}
                        )
        naive = next(
            float(line["mae"])
            for line in self.metrics
            if (line["variant"], line["split"]) == ("naive", "val")
        )
        colours = {t: c for t, c in self.colours.items() if any(r["title"] == t for r in rows)}
        losses = [row["loss"] for row in rows if row["loss"] is not None]
        high = max(naive, min(max(losses), max(2 * naive, 1.2 * float(np.median(losses)))))
        domain = [0.97 * min(*losses, naive), 1.03 * high]
        # A first epoch far above the rest must not flatten the curves that matter.
        y = alt.Y("loss:Q", title="mean absolute error, normalised", scale=alt.Scale(domain=domain))
        x = charts.epochs_axis(rows)
        dash = alt.StrokeDash(
            "curve:N",
            scale=alt.Scale(domain=["validation", "training"], range=[[1, 0], [2, 3]]),
            legend=alt.Legend(**BLACK),
        )
        tooltip = [alt.Tooltip(f"{field}:N") for field in ("title", "seed", "curve", "epoch")]
        tooltip.append(alt.Tooltip("loss:Q", format=".4f"))
        detail = ["seed:N", "curve:N"]
        base = alt.Chart().encode(x=x, y=y, color=charts.coloured(colours), tooltip=tooltip)
        level = alt.Chart(alt.Data(values=[{"loss": naive}])).encode(y=y)
        chart = alt.layer(
            level.mark_rule(color=look.NAIVE).encode(
                strokeWidth=charts.keyed(alt.StrokeWidthDatum, NAIVE, 1.5, **GREY)
            ),
            base.mark_line(point={"size": 16}, clip=True).encode(strokeDash=dash, detail=detail),
            base.transform_filter("datum.best")
            .mark_point(clip=True, opacity=1)
            .encode(size=charts.keyed(alt.SizeDatum, "best epoch", 130, **RING)),
            data=charts.ROWS,
        ).properties(height=320)
        curves = {"validation": None, "training": None}
        toggles = [
            charts.toggle("title", "Networks", colours),
            charts.toggle("curve", "Loss on", curves, chosen=["validation"]),
        ]
        panels = {title: [row for row in rows if row["title"] == title] for title in colours}
        return Chart(chart, rows, toggles, panels, 3, 120)

    def condition(self, condition: str) -> Chart:
        """Test error by hour, month or change."""
        titles = {"naive": NAIVE, **self.titles}
        rows = [
            {"title": titles[line["variant"]], "value": float(line["value"])}
            | {"mae": float(line["mae_unit"]), "windows": int(line["windows"])}
            for line in read_table(self.folder / "conditions.csv")
            if (line["split"], line["condition"]) == ("test", condition)
            and line["variant"] in titles
        ]
        colours = {NAIVE: look.NAIVE, **self.colours}
        title = CONDITIONS[condition].format(unit=self.unit)
        whole = condition != "change"
        axis = alt.Axis(grid=False, **({"tickMinStep": 1, "format": "d"} if whole else {}))
        x = alt.X(
            "value:Q", title=title, axis=axis, scale=alt.Scale(zero=False, nice=False, padding=8)
        )
        chart = (
            alt.Chart(charts.ROWS)
            .mark_line(point={"size": 18}, clip=True)
            .encode(
                x=x,
                y=alt.Y("mae:Q", title=charts.label(self.unit), scale=alt.Scale(zero=True)),
                color=charts.coloured(colours, named=[NAIVE]),
                tooltip=["title:N", "value:Q", alt.Tooltip("mae:Q", format=".3g"), "windows:Q"],
            )
            .properties(height=260)
        )
        chosen = [NAIVE, *self.best()[:SHOWN]]
        toggles = [charts.toggle("title", "Forecasts", colours, chosen=chosen)]
        # What lies far out must not press the rest of the panels together.
        far = 2 * max(row["mae"] for row in rows if row["title"] == NAIVE)
        near = [row for row in rows if row["mae"] <= far]
        panels = {
            title: [row for row in near if row["title"] in (NAIVE, title)] for title in self.colours
        }
        return Chart(chart, rows, toggles, panels, 4, 90)

    def best(self) -> list[str]:
        """Titles of the variants, the lowest validation error of any of its seeds first."""
        errors = [
            (float(line["mae"]), self.titles[line["variant"]])
            for line in self.metrics
            if line["split"] == "val" and line["checkpoint"] != "last"
            if line["variant"] in self.titles
        ]
        return list(dict.fromkeys(title for _, title in sorted(errors)))

    def explorer(self) -> Chart:
        """The truth, the naive forecast and each variant's over all of the test part.

        Values are 16-bit numbers between `low` and `high`, times are minutes since `start`, both
        as base64 of little-endian bytes; the first seed at its best epoch. The still shows the
        seven days in the middle, as the page does at first.
        """
        spans = (self.config[key] for key in ("lookback", "step", "delay"))
        target = read_target(self.folder / "series.npz", *spans)
        with np.load(self.folder / "series.npz", allow_pickle=False) as series:
            column = int(series["target"])
            name = str(series["columns"][column])
            std, mean = float(series["std"][column]), float(series["mean"][column])
            interval = float(series["interval_minutes"])
        forecasts = {}
        for variant, trainings in self.trainings.items():
            if trainings:
                saved = trained.forecasts(next(iter(trainings.values())), "test")
                forecasts[self.titles[variant]] = saved["row"], saved["prediction"]
        rows = np.unique(np.concatenate([rows for rows, _ in forecasts.values()]))
        rows = target.scored(rows)
        hour = max(round(durations.minutes("1 hour") / interval), 1)
        rows = rows[:: max(hour, -(-len(rows) * (len(forecasts) + 2) // POINTS))]
        lines = {"truth": target.values[rows + target.delay], NAIVE: target.naive(rows)}
        for title, (known, prediction) in forecasts.items():
            lines[title] = np.full(len(rows), np.nan)
            _, here, there = np.intersect1d(rows, known, return_indices=True)
            lines[title][here] = prediction[there]
        values = np.stack(list(lines.values())).astype(np.float64) * std + mean
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        scaled = (values - low) / ((high - low) or 1) * (NO_VALUE - 1)
        packed = np.where(np.isnan(values), NO_VALUE, np.rint(np.nan_to_num(scaled)))
        times = target.time[rows + target.delay]
        minutes = (times - times.min()) // np.timedelta64(1, "m")
        colours = {"truth": look.TRUTH, NAIVE: look.NAIVE}
        colours |= {title: self.colours[title] for title in forecasts}
        name = axis_label(name, self.unit)
        days = alt.Axis(
            grid=False, format="%d %b %Y", tickCount=8, tickMinStep=DAY, labelOverlap=True
        )
        x = alt.X("time:T", title=None, scale=alt.Scale(type="utc"), axis=days)
        tooltip = [
            alt.Tooltip("title:N", title="forecast"),
            alt.Tooltip("time:T", timeUnit="utcyearmonthdatehoursminutes"),
            alt.Tooltip("value:Q", title=self.unit or "value", format=".3g"),
        ]
        y = alt.Y("value:Q", title=name, scale=alt.Scale(zero=False))
        chart = (
            alt.Chart(charts.ROWS)
            .mark_line()
            .encode(
                x=x,
                y=y,
                color=charts.coloured(colours, named=["truth", NAIVE]),
                tooltip=tooltip,
            )
        )
        chosen = ["truth", NAIVE, next(title for title in self.best() if title in forecasts)]
        toggles = [charts.toggle("title", "Shown", colours, chosen=chosen)]
        pack = {
            "start": int(times.min().astype("datetime64[ms]").astype(int)),
            "low": low,
            "high": high,
            "minutes": encoded(minutes, "<u4"),
            "values": {t: encoded(row, "<u2") for t, row in zip(lines, packed, strict=True)},
        }
        start = times.min().astype("datetime64[D]")
        start += (times.max() - times.min()).astype("timedelta64[D]") // 2
        week = (times >= start) & (times < start + np.timedelta64(7, "D"))
        moments = times[week].astype("datetime64[ms]").astype(int).tolist()
        shown = {
            title: [
                {"time": time, "title": title, "value": None if np.isnan(value) else float(value)}
                for time, value in zip(moments, row[week], strict=True)
            ]
            for title, row in zip(lines, values, strict=True)
        }
        panels = {title: shown[NAIVE] + shown["truth"] + shown[title] for title in forecasts}
        return Chart(chart.properties(height=320), [], toggles, panels, 2, 100, pack=pack)


def encoded(values: np.ndarray, kind: str) -> str:
    return base64.b64encode(values.astype(kind).tobytes()).decode()
