"""The forecast's charts."""

import base64
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import altair as alt
import numpy as np

from reverie import charts, look
from reverie.charts import Chart
from reverie.forecast import probabilities, trained
from reverie.forecast.axes import CONDITIONS, axis_label
from reverie.forecast.evaluation import read_target
from reverie.histories import read_history
from reverie.tables import read_table

POINTS = 400_000  # of all forecasts in the explorer together; more are thinned out
FEWEST_POINTS = 500  # of one forecast, where the series has as many
NO_VALUE = 65535  # in the explorer, of the 16 bits of a value
DAY = 86_400_000  # milliseconds
BAND = 0.2  # opacity of an interval
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
                mae, mae_unit = float(line["mae"]), float(line["mae_unit"])
                scale = mae_unit / mae if mae else 0  # a series may repeat itself after a delay
                ends = {
                    key: float(line[f"ci_{key}"]) * scale if line[f"ci_{key}"] else None
                    for key in ("low", "high")
                }
                title = {"naive": NAIVE, "naive_delay": NAIVE_DELAY}
                rows.append(
                    {"title": (title | self.titles)[line["variant"]], "naive": naive, **ends}
                    | {"mae": mae_unit, "seed": line["seed"] or "–"}
                    | {"split": SPLITS[line["split"]], "normalised": mae}
                )
        for row in rows:  # the middle of a title's place has the share 0
            seeds = sorted({other["seed"] for other in rows if other["title"] == row["title"]})
            row["place"] = (seeds.index(row["seed"]) + 0.5) / len(seeds) - 0.5
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
        place = alt.YOffset("place:Q", scale=alt.Scale(domain=[-0.5, 0.5]))
        networks = base.transform_filter("!datum.naive").encode(y=order, yOffset=place)
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
        which = charts.toggle("split", "Part of the series", options, chosen=["test"], single=True)
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
        """Titles of the variants, the lowest validation error first, as a mean over seeds."""
        errors: dict[str, list[float]] = {}
        for line in self.metrics:
            chosen = line["split"] == "val" and line["checkpoint"] != "last"
            if chosen and line["variant"] in self.titles:
                errors.setdefault(self.titles[line["variant"]], []).append(float(line["mae"]))
        return sorted(errors, key=lambda title: np.mean(errors[title]))

    def explorer(self) -> Chart:
        """The truth, the naive forecast and each variant's with its intervals over all of the test part.

        The still shows the seven days in the middle, as the page does at first.
        """
        times, values, intervals = self.over_time()
        with np.load(self.folder / "series.npz", allow_pickle=False) as series:
            name = axis_label(str(series["columns"][int(series["target"])]), self.unit)
        colours = {"truth": look.TRUTH, NAIVE: look.NAIVE}
        colours |= {title: self.colours[title] for title in values if title not in colours}
        days = alt.Axis(
            grid=False, format="%d %b %Y", tickCount=8, tickMinStep=DAY, labelOverlap=True
        )
        x = alt.X("time:T", title=None, scale=alt.Scale(type="utc"), axis=days)
        tooltip = [
            alt.Tooltip("title:N", title="forecast"),
            alt.Tooltip("time:T", timeUnit="utcyearmonthdatehoursminutes"),
            alt.Tooltip("value:Q", title=self.unit or "value", format=".3g"),
        ]
        scale = alt.Scale(zero=False)
        base = alt.Chart().encode(x=x, color=charts.coloured(colours, named=["truth", NAIVE]))
        bands = base.transform_filter("datum.interval").mark_area(opacity=BAND)
        lines = base.transform_filter("!datum.interval").mark_line()
        chart = alt.layer(
            bands.encode(
                y=alt.Y("low:Q", title=name, scale=scale), y2="high:Q", detail="interval:N"
            ),
            lines.encode(y=alt.Y("value:Q", title=name, scale=scale), tooltip=tooltip),
            data=charts.ROWS,
        )
        chosen = ["truth", NAIVE, next(title for title in self.best() if title in values)]
        shares = {interval.share: None for interval in intervals}
        toggles = [
            charts.toggle("title", "Shown", colours, chosen=chosen),
            charts.toggle("interval", "Intervals", shares),
        ]
        start = times.min().astype("datetime64[D]")
        start += (times.max() - times.min()).astype("timedelta64[D]") // 2
        week = (times >= start) & (times < start + np.timedelta64(7, "D"))
        moments = times[week].astype("datetime64[ms]").astype(int).tolist()
        shown: dict[str, list] = {title: [] for title in values}
        for title, columns in values.items():
            for time, value in zip(moments, columns[week, 0], strict=True):
                shown[title].append({"time": time, "title": title, "value": number(value)})
        for interval in intervals:
            for time, ends in zip(moments, interval.ends(values)[week], strict=True):
                low, high = map(number, ends)
                row = {"time": time, "title": interval.title, "interval": interval.share}
                shown[interval.title].append(row | {"low": low, "high": high})
        titles = [title for title in values if title not in ("truth", NAIVE)]
        panels = {title: shown[NAIVE] + shown["truth"] + shown[title] for title in titles}
        pack = packed(times, values, intervals)
        return Chart(chart.properties(height=320), [], toggles, panels, 2, 100, pack=pack)

    def over_time(self) -> tuple[np.ndarray, dict[str, np.ndarray], list["Interval"]]:
        """Times of the test part, and what was measured and forecast for them, (times, 1 + quantiles).

        By title and in the target's unit; of forecasts the means over seeds at their best epochs, and
        their corrected quantiles. NaN where a forecast has no window.
        """
        spans = (self.config[key] for key in ("lookback", "step", "delay"))
        target = read_target(self.folder / "series.npz", *spans)
        with np.load(self.folder / "series.npz", allow_pickle=False) as series:
            mean = float(series["mean"][int(series["target"])])
            interval = float(series["interval_minutes"])
        corrections = probabilities.corrections(self.folder)
        forecasts, intervals = {}, []
        for variant, trainings in self.trainings.items():
            if trainings:
                title, correction = self.titles[variant], corrections[variant]
                saved = [trained.forecasts(training, "test") for training in trainings.values()]
                forecast = np.mean([arrays["prediction"] for arrays in saved], axis=0)[:, None]
                own = [arrays["quantiles"] for arrays in saved] if correction.own else [forecast]
                quantiles = correction.ends(np.mean(own, axis=0))
                forecasts[title] = saved[0]["row"], np.hstack([forecast, quantiles])
                intervals += Interval.of(title, correction, target.std)
        rows = np.unique(np.concatenate([rows for rows, _ in forecasts.values()]))
        rows = target.scored(rows)
        # A point an hour, or more of a short series, but no two in a minute.
        hour, minute = (max(round(minutes / interval), 1) for minutes in (60, 1))
        apart = max(min(hour, len(rows) // FEWEST_POINTS), minute)
        packed_lines = len(forecasts) + 2 + 2 * sum(not each.shifts for each in intervals)
        rows = rows[:: max(apart, -(-len(rows) * packed_lines // POINTS))]
        lines = {"truth": target.values[rows + target.delay], NAIVE: target.naive(rows)}
        lines = {title: line[:, None] for title, line in lines.items()}
        for title, (known, columns) in forecasts.items():
            lines[title] = np.full((len(rows), columns.shape[1]), np.nan)
            _, here, there = np.intersect1d(rows, known, return_indices=True)
            lines[title][here] = columns[there]
        values = {
            title: line.astype(np.float64) * target.std + mean for title, line in lines.items()
        }
        return target.time[rows + target.delay], values, intervals


@dataclass
class Interval:
    """An interval of the forecast `title`, which should hold a `share` of the truths, such as "80 %".

    `columns` are those of its ends among the forecast's values; `shifts` in the target's unit are what
    its ends differ from the forecast, if that is the same at all times.
    """

    title: str
    share: str
    columns: tuple[int, int]
    shifts: tuple[float, float] | None

    @classmethod
    def of(
        cls, title: str, correction: probabilities.Correction, std: float
    ) -> Iterator["Interval"]:
        """The intervals of a forecast, the widest first; ``std`` gives the unit."""
        shifts = std * correction.shifts
        for low, share in enumerate(correction.shares()):
            ends = None if correction.own else (float(shifts[low]), float(shifts[-1 - low]))
            yield cls(title, f"{100 * share:.3g} %", (1 + low, -1 - low), ends)

    def ends(self, values: dict[str, np.ndarray]) -> np.ndarray:
        """Both ends among all forecasts' ``values``, (times, 2)."""
        return values[self.title][:, self.columns]


def packed(times: np.ndarray, values: dict[str, np.ndarray], intervals: list[Interval]) -> dict:
    """What the explorer shows, as `page.js` unpacks it.

    Values are 16-bit numbers between `low` and `high`, times are minutes since `start`, both as base64
    of little-endian bytes. The `ends` of an interval are such values too, or what is to be added to the
    forecast.
    """
    low = min(float(np.nanmin(columns)) for columns in values.values())
    high = max(float(np.nanmax(columns)) for columns in values.values())

    def scaled(line: np.ndarray) -> str:
        whole = np.rint(np.nan_to_num(line - low) / ((high - low) or 1) * (NO_VALUE - 1))
        return encoded(np.where(np.isnan(line), NO_VALUE, whole), "<u2")

    return {
        "start": int(times.min().astype("datetime64[ms]").astype(int)),
        "low": low,
        "high": high,
        "minutes": encoded((times - times.min()) // np.timedelta64(1, "m"), "<u4"),
        "values": {title: scaled(columns[:, 0]) for title, columns in values.items()},
        "intervals": [
            {"title": interval.title, "interval": interval.share}
            | {"ends": interval.shifts or [scaled(end) for end in interval.ends(values).T]}
            for interval in intervals
        ],
    }


def number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def encoded(values: np.ndarray, kind: str) -> str:
    return base64.b64encode(values.astype(kind).tobytes()).decode()
