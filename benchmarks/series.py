"""`make forecast` on short and strange series, some of which have a known best forecast.

`python -m benchmarks series` runs it on all of them, `python -m benchmarks series walk year_wind` on
these. Weather comes from the mirror's files; without them, the made-up series are left.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from reverie import bootstrap, durations
from reverie.forecast import recommendation
from reverie.forecast.evaluation import block_days
from reverie.report.words import digits, percent
from reverie.tables import read_table, write_table

from benchmarks import pages
from benchmarks.runs import REPOSITORY, lecture

RESULTS = Path(__file__).parent / "series.csv"
PAGE = REPOSITORY / "docs" / "own-series.md"
COMMAND = "python -m benchmarks series"
FOLDER = REPOSITORY / "results" / "bench_series"
COLUMNS = [
    "series", "unit", "rows", "training", "blocks", "recommended", "best", "variant",
    "mae_val", "val", "val_low", "val_high", "val_verdict", "mae_test", "test", "low", "high", "verdict",
]  # fmt: skip
TIME = "Date Time"
MINUTES_10, HOURLY = "jena_10min_2020.csv.gz", "jena_hourly_2009_2016.csv.gz"


@dataclass
class Case:
    """A series: its title, its target, and the table of it; None if that needs a file that is not there.

    ``best(values, newest, ahead)`` are the best forecasts so many rows ``ahead`` of the rows ``newest``,
    (windows,), of the series ``values``, (rows,).
    """

    title: str
    target: str
    table: Callable[[], pd.DataFrame | None]
    best: Callable[[np.ndarray, np.ndarray, int], np.ndarray] | None = None


def mirrored(file: str) -> Path | None:
    """The file in the first mirror that has it."""
    mirrors = [os.environ.get("REVERIE_MIRROR"), *lecture()["mirrors"]]
    paths = [REPOSITORY / mirror / file for mirror in mirrors if mirror]
    return next(filter(Path.is_file, paths), None)


def weather(title: str, target: str, file: str, start: str, end: str) -> Case:
    def table():
        if not (path := mirrored(file)):
            return None
        whole = pd.read_csv(path)
        time = pd.to_datetime(whole[TIME], format="%d.%m.%Y %H:%M:%S")
        return whole[(time >= start) & (time < end)]

    return Case(title, target, table)


def made(title: str, values: Callable[[np.random.Generator], np.ndarray], best) -> Case:
    def table():
        series = values(np.random.default_rng(0))
        return pd.DataFrame(
            {TIME: pd.date_range("2021-01-01", periods=len(series), freq="h"), "x": series.round(5)}
        )

    return Case(title, "x", table, best)


def autoregressive(generator: np.random.Generator, rows: int, coefficient: float) -> np.ndarray:
    series = generator.normal(size=rows)
    for row in range(1, rows):
        series[row] += coefficient * series[row - 1]
    return series


def seasons(hours: np.ndarray) -> np.ndarray:
    """A day and a week."""
    return np.sin(hours / 24 * 2 * np.pi) + np.where(hours // 24 % 7 < 5, 1, -0.5)


def seasonal(title: str, rows: int) -> Case:
    """The seasons and independent noise."""
    return made(
        title,
        lambda generator: seasons(np.arange(rows)) + generator.normal(0, 0.7, rows),
        lambda values, newest, ahead: seasons(newest + ahead),
    )


def walk(title: str, rows: int) -> Case:
    return made(
        title,
        lambda generator: generator.normal(size=rows).cumsum(),
        lambda values, newest, ahead: values[newest],
    )


COEFFICIENT, TWO_YEARS, MONTH = 0.97, 2 * 8766, 800
CASES = {
    "winter": weather("Temperature, 3 months, 10 minutes", "T (degC)", MINUTES_10, "2020-01-01", "2020-04-01"),
    "pressure": weather("Pressure, 3 months, 10 minutes", "p (mbar)", MINUTES_10, "2020-06-01", "2020-09-01"),
    "six_weeks": weather("Wind, 6 weeks, 10 minutes", "wv (m/s)", MINUTES_10, "2020-10-01", "2020-11-12"),
    "year_humidity": weather("Humidity, 1 year, hourly", "rh (%)", HOURLY, "2012-01-01", "2013-01-01"),
    "year_wind": weather("Wind, 1 year, hourly", "wv (m/s)", HOURLY, "2013-07-01", "2014-07-01"),
    "three_years": weather("Temperature, 3 years, hourly", "T (degC)", HOURLY, "2013-04-01", "2016-04-01"),
    "ar": made(
        f"Autoregression ({COEFFICIENT}), 2 years, hourly",
        lambda generator: autoregressive(generator, TWO_YEARS, COEFFICIENT),
        lambda values, newest, ahead: COEFFICIENT**ahead * values[newest],
    ),
    "seasons": seasonal("Day, week and noise, 2 years, hourly", TWO_YEARS),
    "walk": walk("Random walk, 2 years, hourly", TWO_YEARS),
    "short_seasons": seasonal("Day, week and noise, 33 days, hourly", MONTH),
    "short_walk": walk("Random walk, 33 days, hourly", MONTH),
}  # fmt: skip


def run(name: str, case: Case) -> list[dict] | None:
    """A line for each forecaster of `make forecast`, without its report; None where a file is missing."""
    if (table := case.table()) is None:
        return None
    FOLDER.mkdir(parents=True, exist_ok=True)
    table.to_csv(FOLDER / f"{name}.csv", index=False)
    own = f"bench-{name}"
    overlay, results = Path("config") / f"own-{own}.yaml", Path("results") / f"quick-own-{own}"
    (REPOSITORY / overlay).unlink(missing_ok=True)
    shutil.rmtree(REPOSITORY / results, ignore_errors=True)
    forecast = [f"SERIES={FOLDER / name}.csv", f"TARGET={case.target}", f"NAME={own}"]
    files = [results / "forecast" / f"{table}.csv" for table in ("summary", "metrics")]
    for command in (
        [sys.executable, "-m", "reverie.own", "forecast", *forecast],
        [Path(sys.executable).parent / "snakemake", "--cores", "all", "--quiet", "all"]
        + ["--configfile", "config/quick.yaml", overlay, "--", *files],
    ):
        typed = list(map(str, command))
        done = subprocess.run(typed, cwd=REPOSITORY, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{shlex.join(typed)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    spans = yaml.safe_load((REPOSITORY / overlay).read_text())["forecast"]
    (REPOSITORY / overlay).unlink()
    return lines(name, case, table, spans, REPOSITORY / results / "forecast")


def lines(name: str, case: Case, table: pd.DataFrame, spans: dict, folder: Path) -> list[dict]:
    """A line of COLUMNS for each forecaster, naive first, of a run's ``folder`` with `step` and `delay`."""
    summary = [
        line for line in read_table(folder / "summary.csv")
        if line["checkpoint"] != "last" and line["variant"] != "naive_delay"
    ]  # fmt: skip
    facts = json.loads((folder / "series.json").read_text())
    windows = {line["split"]: int(line["windows"]) for line in read_table(folder / "metrics.csv")}
    minutes = facts["interval_minutes"]
    best = ""
    if case.best:
        delay, step = (durations.rows(spans[key], minutes, key) for key in ("delay", "step"))
        with np.load(folder / "linear" / "seed0" / "predictions_test.npz") as saved:
            row = saved["row"]
        values = table[case.target].to_numpy()
        forecasts = case.best(values, row - step, step + delay)
        best = f"{np.abs(values[row + delay] - forecasts).mean():.4f}"
    shared = {
        "series": name,
        "unit": facts["unit"],
        "rows": facts["rows"],
        "training": facts["windows"]["train"],
        "blocks": f"{windows['val'] * minutes / 1440 / block_days(spans['delay']):.1f}",
        "recommended": recommendation.recommended(summary),
        "best": best,
    }
    by_split = {(line["variant"], line["split"]): line for line in summary}
    return [
        shared
        | {"variant": variant, "mae_val": val["mae_unit_mean"], "mae_test": test["mae_unit_mean"]}
        | {"val": val["vs_naive"], "val_low": val["vs_naive_low"], "val_high": val["vs_naive_high"]}
        | {"val_verdict": val["beats_naive"], "verdict": test["beats_naive"]}
        | {"test": test["vs_naive"], "low": test["vs_naive_low"], "high": test["vs_naive_high"]}
        for (variant, split), val in by_split.items()
        if split == "val"
        for test in [by_split[variant, "test"]]
    ]


def losing(measured: list[dict]) -> list[str]:
    """A sentence if what is recommended for a series loses to naive by more than chance."""
    return [
        f"{line['series']}: {line['variant']} is recommended and loses on test."
        for line in measured
        if (line["variant"], line["verdict"]) == (line["recommended"], "no")
    ]


def words(measured: list[dict]) -> str:
    """The lines of one series as a reader wants them on the screen."""
    naive, *others = measured
    chosen = next(line for line in measured if line["variant"] == naive["recommended"])
    text = [
        f"{CASES[naive['series']].title}: {int(naive['rows']):,} rows, {int(naive['training']):,} training "
        f"windows, {naive['blocks']} blocks of validation ({bootstrap.FEWEST} for an interval)",
        f"  naive on test: {digits(float(naive['mae_test']))} {naive['unit']}"
        + (f"; the best forecast: {digits(float(naive['best']))}" if naive["best"] else ""),
    ]
    for line in others:
        supported = recommendation.SUPPORTED
        text.append(
            f"  {line['variant']:<22} validation {percent(float(line['val'])):>9} "
            f"({supported[line['val_verdict']]}), test {percent(float(line['test'])):>9} "
            f"({supported[line['verdict']]})"
        )
    end = f"  recommended: {chosen['variant']}"
    if chosen is not naive:
        end += f", {percent(float(chosen['test']))} on test"
        if chosen["low"]:
            end += f" ({percent(float(chosen['low']))} to {percent(float(chosen['high']))})"
    return "\n".join([*text, end])


def page(measured: list[dict]) -> str:
    """The lines of all series as a table in Markdown: a row a series, a column a forecaster."""
    variants = list(
        dict.fromkeys(line["variant"] for line in measured if line["variant"] != "naive")
    )
    head = ["series", "rows", "blocks", "naive", *variants, "recommended", "best"]
    text = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for name in CASES:
        of_series = {line["variant"]: line for line in measured if line["series"] == name}
        if not of_series:
            continue
        naive = of_series["naive"]
        error = digits(float(naive["mae_test"]))
        cells = [
            CASES[name].title,
            f"{int(naive['rows']):,}",
            naive["blocks"],
            f"{error} {naive['unit']}".strip(),
        ]
        for variant in variants:
            line = of_series.get(variant)
            cells.append(
                f"{percent(float(line['val']))}, {percent(float(line['test']))}" if line else ""
            )
        chosen = of_series[naive["recommended"]]
        on_test = f": {percent(float(chosen['test']))}" if chosen is not naive else ""
        if on_test and chosen["low"]:
            on_test += f" ({percent(float(chosen['low']))} to {percent(float(chosen['high']))})"
        best = percent(float(naive["best"]) / float(naive["mae_test"]) - 1) if naive["best"] else ""
        cells += [f"{chosen['variant']}{on_test}", best]
        text.append(f"| {' | '.join(cells)} |")
    return "\n".join(text) + "\n"


def renew(measured: list[dict]) -> None:
    """Replace the lines of a series in the .csv, and the table of the page."""
    kept = read_table(RESULTS) if RESULTS.exists() else []
    kept = [
        line for line in kept if line["series"] in CASES and line["series"] != measured[0]["series"]
    ]
    both = sorted([*kept, *measured], key=lambda line: list(CASES).index(line["series"]))
    write_table(RESULTS, COLUMNS, [[str(line[key]) for key in COLUMNS] for line in both])
    pages.fill(PAGE, COMMAND, page(read_table(RESULTS)))


def main(names: list[str]) -> None:
    absent, lost = [], []
    for name in names or CASES:
        print(f"series: {name} ...", file=sys.stderr, flush=True)
        if measured := run(name, CASES[name]):
            print(words(measured), flush=True)
            lost += losing(measured)
            renew(measured)
        else:
            absent.append(name)
    if absent:
        print(f"Left out, because their files are in no mirror: {', '.join(absent)}.")
    print("\n".join(lost) or "Nothing that is recommended loses to naive by more than chance.")
