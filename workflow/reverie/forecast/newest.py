"""Forecasts beyond the end of a series, by the variants of a run and by its naive forecasts.

The window is the one whose row is the series' last: its newest input is one step older, as in
training, and its target comes one delay after the series' end.
"""

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reverie import durations, provenance
from reverie.errors import ReverieError
from reverie.forecast import probabilities, recommendation, series, trained, variants, windows
from reverie.forecast.probabilities import Correction
from reverie.tables import read_table

MOST = 1000  # windows of a newer series that are scored; one compiled call predicts them


@dataclass
class Run:
    """The forecast of a run: its folder `forecast`, its settings, those of its variants, and their trainings.

    ``blends`` are the weights of their members, those above zero. ``facts`` are those of `series.json`,
    ``summary`` the lines of `summary.csv` by variant and split, ``corrections`` those of `coverage.csv`
    by variant.
    """

    folder: Path
    settings: dict
    variants: dict[str, dict]
    trainings: dict[str, dict[int, Path]]
    blends: dict[str, dict[str, float]]
    facts: dict
    summary: dict[tuple[str, str], dict]
    corrections: dict[str, Correction]

    @classmethod
    def read(cls, run: Path, config: dict):
        """Of the folder ``run``, with its configuration; variants that were not evaluated are left out."""
        folder = run / "forecast"
        for name in ("series.npz", "series.json", "summary.csv", "coverage.csv"):
            if not (folder / name).is_file():
                raise ReverieError(f"{folder / name} is missing; run the workflow to the end.")
        summary = {
            (line["variant"], line["split"]): line
            for line in read_table(folder / "summary.csv")
            if line["checkpoint"] != "last"
        }
        trainings = trained.trainings(folder, variants.seeds(config))
        known = {
            n: folders for n, folders in trainings.items() if folders and (n, "val") in summary
        }
        blends = {}
        for name in variants.blends(config).keys() & known.keys():
            weights = trained.weights(folder, name)
            blends[name] = {member: weight for member, weight in weights.items() if weight}
            if blends[name].keys() - known - {"naive"}:
                del known[name], blends[name]
        if not known:
            raise ReverieError(f"{run}: no forecast is evaluated; run the workflow to the end.")
        facts = json.loads((folder / "series.json").read_text())
        settings = variants.networks(config) | variants.fitted(config)
        corrections = probabilities.corrections(folder)
        return cls(folder, config["forecast"], settings, known, blends, facts, summary, corrections)

    def is_network(self, name: str) -> bool:
        return name in self.variants and "kind" not in self.variants[name]

    def forecasters(self, names: Iterable[str]) -> list[str]:
        """The networks and fits that forecast for ``names``: themselves, and the members of blends."""
        members = [member for name in names for member in self.blends.get(name, [name])]
        return [name for name in dict.fromkeys(members) if name != "naive"]

    def record(self, name: str, split: str) -> dict:
        """The line of `summary.csv` about a forecast; about the mean of a network's seeds if it has one."""
        return self.summary.get((f"{name}_ensemble", split)) or self.summary[name, split]

    def validation_error(self, name: str) -> float:
        return float(self.record(name, "val")["mae_mean"])

    def recommended(self) -> str:
        """Name of the forecast that is recommended: a variant, its ensemble, or `naive`."""
        return recommendation.recommended(self.summary.values())

    def levels(self, name: str) -> list[float]:
        """The levels of what :func:`by_network`, :func:`by_fit` or :func:`by_naive` gives."""
        return self.variants.get(name, {}).get("quantiles") or [0.5]

    def what_would_help(self, titles: dict[str, str]) -> list[str]:
        """Sentences on what would help where none beats naive."""
        windows = next(
            int(line["windows"])
            for line in read_table(self.folder / "metrics.csv")
            if line["split"] == "val"
        )
        lines, delay = self.summary.values(), self.settings["delay"]
        return recommendation.what_would_help(lines, titles, self.facts, windows, delay)

    def rows(self, variant: dict) -> tuple[int, int, int]:
        """Lookback, step and delay of a variant in rows."""
        interval = self.facts["interval_minutes"]
        lookback, step, delay = (
            durations.rows(variant[key], interval, f"forecast.{key}")
            for key in ("lookback", "step", "delay")
        )
        return lookback, step, delay

    def history(self, name: str) -> int:
        """How many rows before a window's row a variant depends on, derived inputs included."""
        if name in self.blends:
            return max(
                map(self.history, self.forecasters([name])), default=self.rows(self.settings)[0]
            )
        variant = self.variants[name]
        spans = [
            durations.rows(feature["over"], self.facts["interval_minutes"], "over")
            for feature in variant.get("features", [])
            if feature["over"]
        ]
        return self.rows(variant)[0] + max(spans, default=0)


def refuse_outdated(folder: Path) -> None:
    """ReverieError if the run in the folder was started again with other settings and not ended yet."""
    results = folder / "forecast"
    if any(f.is_relative_to(results) and f.suffix != ".svg" for f in provenance.outdated(folder)):
        raise ReverieError(
            f"{folder}: forecasters of earlier settings are to be made again; run the workflow to the end."
        )


@dataclass
class Series:
    """A series, normalised as the run's own: ``values`` (rows, columns), ``time`` in seconds (rows,).

    ``measured`` (rows,) is about the target, ``target`` the number of its column.
    """

    source: str
    values: np.ndarray
    time: np.ndarray
    measured: np.ndarray
    target: int


def arrays(run: Run) -> dict[str, np.ndarray]:
    """The arrays of the run's own series."""
    with np.load(run.folder / "series.npz", allow_pickle=False) as saved:
        return {key: saved[key] for key in saved.files}


def of_run(run: Run) -> Series:
    """The run's own series."""
    saved = arrays(run)
    known = {key: saved[key] for key in ("values", "time", "measured")}
    return Series(run.facts["source"], **known, target=int(saved["target"]))


def of_files(run: Run, paths: list[Path]) -> Series:
    """A newer series with the run's columns and interval, read with the run's settings.

    Raises ReverieError for files that do not fit.
    """
    for path in paths:
        if not path.is_file():
            raise ReverieError(f"there is no file {path}; correct the path.")
    facts, settings = run.facts, run.settings["series"] | {"columns": run.facts["columns"]}
    time, known, table, interval, places, _ = series.regular(paths, settings)
    if not math.isclose(interval, facts["interval_minutes"], rel_tol=1e-6):
        raise ReverieError(
            f"{places} has a row every {interval:g} minutes, and the series of {run.folder.parent} "
            f"every {facts['interval_minutes']:g}; bring it to that interval."
        )
    mean, std = (np.array([facts[key][name] for name in table]) for key in ("mean", "std"))
    series.refuse_far(places, known, mean, std)
    values = np.nan_to_num((table.to_numpy(np.float64) - mean) / std).astype(np.float32)
    measured = known[facts["target"]].notna().to_numpy()
    seconds = time.to_numpy("datetime64[s]").astype(np.int64)
    return Series(str(places), values, seconds, measured, table.columns.get_loc(facts["target"]))


def refuse_end(run: Run, ended: Series, names: Iterable[str]) -> None:
    """Raise ReverieError if the series is too short, or its newest values were not measured."""
    rows, last = len(ended.time), len(ended.time) - 1
    lookback = max(run.history(name) for name in names)
    if rows <= lookback:
        raise ReverieError(
            f"{ended.source} has {rows} rows, and a forecast needs {lookback + 1}, for its inputs and "
            "the newest row; add older rows."
        )
    for row in (last, last - run.rows(run.settings)[1]):
        if not ended.measured[row]:
            raise ReverieError(
                f"{ended.source}: {run.facts['target']} was not measured at {clock(ended.time[row])}, and "
                "the naive forecasts repeat that value; end the series with measured rows."
            )


def clock(seconds: float) -> str:
    """Date and time of seconds since 1970, such as `2016-12-31 23:00`."""
    return str(np.datetime64(round(seconds), "s")).replace("T", " ").removesuffix(":00")


def rows_to_forecast(run: Run, ended: Series, names: Iterable[str]) -> np.ndarray:
    """The last row, and the consecutive ones before it whose targets are newer than the run's series.

    The rows that the variants ``names`` can forecast from, MOST at most besides the last.
    """
    end = np.datetime64(run.facts["last"], "s").astype(np.int64)
    newer = int(np.searchsorted(ended.time, end, "right")) - run.rows(run.settings)[2]
    lookback = max(run.history(name) for name in names)
    last = len(ended.time) - 1
    return np.arange(min(max(newer, lookback, last - MOST), last), last + 1, dtype=np.int32)


def by_naive(run: Run, ended: Series, rows: np.ndarray) -> dict[str, np.ndarray]:
    """The naive forecasts of the windows ``rows``, normalised, (windows, 1)."""
    values, step = ended.values[:, [ended.target]], run.rows(run.settings)[1]
    return {"naive": values[rows - step], "naive_delay": values[rows]}


def by_network(run: Run, ended: Series, name: str, rows: np.ndarray) -> np.ndarray:
    """A network's forecasts of the consecutive windows ``rows``, normalised, (windows, 1 or quantiles).

    They are the means over seeds, at the best epochs.
    """
    from reverie import backend
    from reverie.forecast import models
    from reverie.training import predict

    network = run.variants[name]
    lookback, step, delay = run.rows(network)
    # The loop takes each window's target from the series, and the newest ones are not known.
    seconds = 60 * run.facts["interval_minutes"] * np.arange(1, delay + 1)
    trained_on = arrays(run)
    future = trained_on | {
        "values": np.pad(ended.values, ((0, delay), (0, 0))),
        "time": np.concatenate([ended.time, ended.time[-1] + seconds]),
        "measured": np.pad(ended.measured, (0, delay)),
        "unmeasured": np.pad(~ended.measured, (0, delay)),
        "target": ended.target,
    }
    final = network | {"average": None}  # the weights that are loaded are averages already
    path = f"forecast.variants.{name}"
    with backend.without_xla():  # compiling takes longer than a few forecasts
        loop = models.loop(final, lookback, step, delay, future, path, trained_on)
        outputs = [predict(loop, rows)[0] for _ in trained_seeds(run, name, loop.model)]
    base = models.base(network, future, rows, step, delay, trained_on)
    return (np.mean(outputs, axis=0).T + base).T


def by_fit(run: Run, ended: Series, name: str, rows: np.ndarray) -> np.ndarray:
    """A fitted forecaster's forecasts of the windows ``rows``, normalised, (windows, 1); means over seeds."""
    from reverie.forecast import fitting

    spans = fitting.spans_of(run.variants[name], run.facts["interval_minutes"])
    forecasts = []
    for folder in run.trainings[name].values():
        with np.load(folder / "fitted.npz", allow_pickle=False) as saved:
            fitted = {key: saved[key] for key in saved.files}
        forecasts.append(
            fitting.forecast(fitted, ended.values, ended.time, ended.target, rows, spans)
        )
    return np.mean(forecasts, axis=0)[:, None]


def intervals(run: Run, name: str, forecasts: np.ndarray) -> dict[float, np.ndarray]:
    """The ends of a forecaster's intervals, (windows, 2), by the share of truths that they should hold.

    ``forecasts`` (windows, 1 or quantiles) are corrected as on the run's validation part; normalised.
    """
    correction = run.corrections[name]
    median = run.levels(name).index(0.5)
    ends = correction.ends(forecasts if correction.own else forecasts[:, [median]])
    return {share: ends[:, [place, -1 - place]] for place, share in enumerate(correction.shares())}


def by_blend(run: Run, name: str, forecasts: dict[str, np.ndarray]) -> np.ndarray:
    """A blend's forecasts from those of its members, normalised, (windows,)."""
    weighted = [weight * forecasts[member] for member, weight in run.blends[name].items()]
    return np.sum(weighted, axis=0)


def newer_errors(
    run: Run, ended: Series, rows: np.ndarray, forecasts: dict[str, np.ndarray]
) -> tuple[int, dict[str, float]]:
    """How many of the windows ``rows`` have a known truth, and each forecast's mean error on these."""
    _, step, delay = run.rows(run.settings)
    known = windows.usable(ended.measured, step, delay)[rows]
    if not known.any():
        return 0, {}
    truth = ended.values[rows[known] + delay, ended.target]
    return int(known.sum()), {
        name: float(np.abs(forecast[known] - truth).mean()) for name, forecast in forecasts.items()
    }


def trained_seeds(run: Run, name: str, model) -> Iterator[int]:
    """Yield the seeds of a network; its Keras ``model`` has the best weights of each in turn."""
    from reverie import weights

    for seed, folder in run.trainings[name].items():
        advice = f"delete {folder}, and it is trained again"
        weights.load(model, folder / "best.weights.h5", name, advice)
        yield seed
