"""The command that forecasts what comes after a series, and its networks in plain Keras."""

import json
import os
import re
import shutil
import subprocess
import sys
from functools import reduce
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from reverie import backend
from reverie.checkpoints import Checkpoints
from reverie.config.model import load
from reverie.forecast import (
    blending,
    evaluation,
    fitting,
    newest,
    series,
    trained,
    training,
    variants,
)
from reverie.tables import read_table

REPOSITORY = Path(__file__).parents[4]
ROWS = 400
SETTINGS = """
lookback: 12 hours
step: 1 hour
delay: 3 hours
batch: 8
steps: 2
max_epochs: 2
seeds: [0, 1]
split: {train: 0.5, validation: 0.7}
series: {asset: jena, path: gauge.csv, target: level, unit: m, clean: true,
         time: {column: time, format: ISO8601}}
select: null
variants:
  recurrent:
    title: Both ways, with calendar
    layers: [{Bidirectional: {layer: {GRU: {units: 3, dropout: 0.1}}}}]
    calendar: true
    reversed: true
  change:
    title: The change, with all that networks can learn and be fed
    layers: [{GRU: {units: 2}}]
    residual: climatology
    shuffled: true
    ensemble: true
    average: 0.6
    schedule: cosine
    replication: 0.3
    auxiliary: {steps: 3, columns: [rain]}
    quantiles: [0.1, 0.5, 0.9]
    refit: true
    features:
      - {kind: climatology}
      - {kind: change, column: p, over: 4 hours}
      - {kind: range, over: 2 hours}
      - {kind: sun, latitude: 50.9, longitude: 11.6}
  sliding:
    title: Convolutions
    layers: [{Conv1D: {filters: 3, kernel_size: 2}}, GlobalMaxPooling1D]
    residual: true
    lookback: 16 hours
    step: 2 hours
  line:
    title: A line
    kind: linear
  trees:
    title: Trees
    kind: trees
    refit: true
    step: 2 hours
  mix:
    title: A blend
    blend: [change, line, naive]
"""
WEIGHTS = {"change": 0.25, "line": 0.75, "naive": 0.0}


def table() -> pd.DataFrame:
    generator = np.random.default_rng(0)
    time = pd.date_range("2021-01-01", periods=ROWS, freq="h").strftime("%Y-%m-%dT%H:%M")
    level = 5 + np.sin(np.arange(ROWS) * np.pi / 12) + np.cumsum(generator.normal(0, 0.1, ROWS))
    rain = generator.gamma(1, 1, ROWS)
    return pd.DataFrame({"time": time, "level": level, "rain": rain, "p": 1000 + 9 * rain})


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with a run of three networks, two fits and a blend, as a workflow leaves it."""
    root = tmp_path_factory.mktemp("newest")
    config = yaml.safe_load((REPOSITORY / "config.yaml").read_text())
    config["forecast"] = yaml.safe_load(SETTINGS)
    settings = load(config).model_dump(mode="json")
    forecast, networks = settings["forecast"], variants.networks(settings)
    table().to_csv(root / "gauge.csv", index=False)
    run = root / "results/quick"
    (run / "forecast").mkdir(parents=True)
    (run / "provenance.json").write_text(json.dumps({"config": settings}))
    series_file = run / "forecast/series.npz"
    series.prepare(
        [root / "gauge.csv"], forecast["series"], forecast["split"], variants.spans(settings), 8,
        {"source": "gauge.csv", "sha256": "", "sample": False}, series_file,
        run / "forecast/series.json",
    )  # fmt: skip
    evaluated = {}
    with backend.without_xla():
        for name, network in networks.items():
            at = Checkpoints(root / "checkpoints", "code")
            seeds = (0, 1) if name == "change" else (0,)
            trainings = {seed: run / f"forecast/{name}/seed{seed}" for seed in seeds}
            for seed, training_folder in trainings.items():
                training.train(name, network, seed, series_file, at, training_folder)
            evaluated[name] = evaluation.Variant(
                trainings, 9, name == "change", levels=network["quantiles"]
            )
    for name, fitted in variants.fitted(settings).items():
        fits = {
            seed: run / f"forecast/{name}/seed{seed}" for seed in variants.seeds(settings)[name]
        }
        for seed, fit_folder in fits.items():
            fitting.fit(name, fitted, seed, series_file, fit_folder)
        evaluated[name] = evaluation.Variant(fits, 9, kind=fitted["kind"])
    spans = (forecast[key] for key in ("lookback", "step", "delay"))
    target = evaluation.read_target(series_file, *spans)
    members = {name: evaluated[name].trainings for name in ("change", "line")} | {"naive": {}}
    blend_folder = run / "forecast/mix/seed0"
    blending.blend("mix", target, members, blend_folder)
    # Weights that a change of the little data here leaves alone.
    about = json.loads((blend_folder / "fitted.json").read_text())
    about["weights"] = WEIGHTS
    (blend_folder / "fitted.json").write_text(json.dumps(about))
    evaluated["mix"] = evaluation.Variant({0: blend_folder}, 3, kind="blend")
    evaluation.evaluate(target, evaluated, run / "forecast")
    return root


def opened(folder) -> newest.Run:
    settings = json.loads((folder / "results/quick/provenance.json").read_text())["config"]
    return newest.Run.read(folder / "results/quick", settings)


def saved_at(folder, name: str, row: int) -> float:
    """The forecast of the training job for a row of the test part: the mean over seeds."""
    forecasts = []
    for file in folder.glob(f"results/quick/forecast/{name}/seed*/predictions_test.npz"):
        with np.load(file) as saved:
            forecasts.append(float(saved["prediction"][saved["row"] == row][0]))
    return float(np.mean(forecasts))


def numbers(printed: str) -> dict[str, list[float]]:
    """The numbers in the lines of the printed table, by forecast."""
    rows = printed.split("\n\n")[1].splitlines()[1:]
    return {row.split()[0]: [float(n) for n in re.findall(r"[-+]?\d+\.\d+", row)] for row in rows}


def test_a_row_of_the_test_part_is_forecast_as_the_workflow_did(folder, typed):
    row, run = 350, opened(folder)
    table()[:200].to_csv(folder / "older.csv", index=False)
    table()[190 : row + 1].to_csv(folder / "newer.csv", index=False)
    ended = newest.of_files(run, [folder / "newer.csv", folder / "older.csv"])
    assert len(ended.time) == row + 1
    rows = np.arange(row - 3, row + 1, dtype=np.int32)
    for name in run.variants:
        expected = [saved_at(folder, name, each) for each in rows]
        forecast = newest.by_network if run.is_network(name) else newest.by_fit
        median = run.levels(name).index(0.5)
        assert forecast(run, ended, name, rows)[:, median] == pytest.approx(expected, abs=1e-5)
    printed = typed(folder, "reverie.forecast", "--series", "newer.csv")
    assert printed.startswith(
        "level at 2021-01-15 17:00, 3 hours after the last row of newer.csv (2021-01-15 14:00), by "
        "results/quick:\n"
    )
    assert "they read up to one of their steps before the last row." in printed
    assert "\nTrained on the validation part too: change, trees.\n" in printed
    lines, level = numbers(printed), table()["level"]
    mean, std = (run.facts[key]["level"] for key in ("mean", "std"))
    for name in run.variants:
        assert lines[name][0] == pytest.approx(mean + std * saved_at(folder, name, row), abs=0.006)
    blended = sum(weight * lines[name][0] for name, weight in WEIGHTS.items())
    assert lines["mix"][0] == pytest.approx(blended, abs=0.011)
    assert lines["naive"][0] == pytest.approx(level[row - 1], abs=0.006)
    assert lines["naive_delay"][0] == pytest.approx(level[row], abs=0.006)


def test_without_a_file_the_runs_own_series_goes_on(folder, typed):
    printed = typed(folder, "reverie.forecast", "--variant", "change")
    assert printed.startswith("level at 2021-01-17 18:00, 3 hours after the last row of gauge.csv")
    lines, run = numbers(printed), opened(folder)
    assert list(lines) == ["change", "naive", "naive_delay"]
    summary = run.summary["change_ensemble", "test"]
    change, low, high, error, against = lines["change"][:5]
    assert error == pytest.approx(float(summary["mae_unit_mean"]), abs=0.006)
    assert against == pytest.approx(100 * float(summary["vs_naive"]), abs=0.06)
    assert "80% interval" in printed
    assert low < change < high


@pytest.mark.parametrize("name", ["change", "sliding", "line", "naive_delay"])
def test_intervals_are_those_of_the_evaluation(folder, name):
    """On the test part they hold as many truths, and are as wide, as `coverage.csv` says."""
    run = opened(folder)
    (line,) = (
        line
        for line in read_table(run.folder / "coverage.csv")
        if (line["variant"], line["split"]) == (name, "test")
    )
    with np.load(run.folder / "recurrent/seed0/predictions_test.npz") as saved:
        rows = saved["row"]
    saved = [trained.forecasts(f, "test") for f in run.trainings.get(name, {}).values()]
    with np.load(run.folder / "series.npz") as series:
        values, std = series["values"][:, series["target"]], series["std"][series["target"]]
    rows = reduce(np.intersect1d, [rows, *(arrays["row"] for arrays in saved)])
    rows = rows[-int(line["windows"]) :]
    kept = [
        arrays.get("quantiles", arrays["prediction"][:, None])[np.isin(arrays["row"], rows)]
        for arrays in saved
    ]
    ((share, ends),) = newest.intervals(
        run, name, np.mean(kept, axis=0) if kept else values[rows][:, None]
    ).items()
    truth = values[rows + 3]
    held = ((ends[:, 0] <= truth) & (truth <= ends[:, 1])).mean()
    assert share == pytest.approx(0.8)
    assert held == pytest.approx(float(line["coverage"]), abs=1 / len(rows))
    assert std * np.diff(ends).mean() == pytest.approx(float(line["width_unit"]), rel=1e-4)
    # Only a network with quantiles has some that could be wrong before the correction.
    assert (line["coverage_before"] != "") == (name == "change")


def test_variants_are_sorted_by_their_validation_error(folder, typed):
    lines, run = numbers(printed := typed(folder, "reverie.forecast")), opened(folder)
    errors = [run.validation_error(name) for name in run.trainings]
    names = [name for _, name in sorted(zip(errors, run.trainings, strict=True))]
    assert list(lines) == [*names, "naive", "naive_delay"]
    assert "\nRecommended: naive, " in printed  # a part so short has no interval
    assert (
        "on validation. None is known to beat naive here: the validation part is too short"
        in printed
    )
    assert "\nIt has 0." in printed


def test_the_recommended_forecast_is_named(folder, typed):
    summary = folder / "results/quick/forecast/summary.csv"
    text = summary.read_text()
    lines = [
        ",".join([*line.split(",")[:-4], "-0.3", "-0.4", "-0.2", "yes"])
        if line.startswith("change_ensemble,val,best")
        else line
        for line in text.splitlines()
    ]
    summary.write_text("\n".join(lines))
    try:
        printed = typed(folder, "reverie.forecast", "--variant", "line")
    finally:
        summary.write_text(text)
    title = "The change, with all that networks can learn and be fed: mean of its forecasts"
    assert f"\nRecommended: change_ensemble ({title}), whose validation error of 0." in printed


def test_a_blend_alone_needs_its_members(folder, typed):
    printed = typed(folder, "reverie.forecast", "--variant", "mix", "--save", "nets")
    lines = numbers(printed)
    assert list(lines) == ["mix", "naive", "naive_delay"]
    every = numbers(typed(folder, "reverie.forecast"))
    assert lines["mix"][0] == every["mix"][0]
    assert lines["mix"][0] == pytest.approx(
        sum(weight * every[name][0] for name, weight in WEIGHTS.items()), abs=0.011
    )
    assert "not saved: mix is no network; its weights are in results/quick/forecast/mix" in printed


def test_a_blend_without_one_of_its_members_is_left_out(folder):
    history = folder / "results/quick/forecast/line/seed0/fitted.json"
    text = history.read_text()
    history.unlink()
    try:
        run = opened(folder)
    finally:
        history.write_text(text)
    assert {"line", "mix"}.isdisjoint(run.trainings)
    assert run.blends == {}


def test_rows_since_the_run_are_scored(folder, typed):
    """Of the windows whose truth is newer than the run's series; the other columns stay."""
    rows = table()
    more = rows[-40:].assign(time=pd.date_range(rows["time"].iloc[-1], periods=41, freq="h")[1:])
    more["time"] = more["time"].dt.strftime("%Y-%m-%dT%H:%M")
    longer = pd.concat([rows, more])
    longer.to_csv(folder / "newer.csv", index=False)
    printed = typed(folder, "reverie.forecast", "--series", "newer.csv", "--variant", "change")
    assert "Newer error: on the 40 newest windows" in printed
    lines, level = numbers(printed), longer["level"].to_numpy()
    truth = np.arange(ROWS, ROWS + 40)
    assert lines["naive"][-1] == pytest.approx(
        np.abs(level[truth] - level[truth - 4]).mean(), abs=0.006
    )
    assert lines["naive_delay"][-1] == pytest.approx(
        np.abs(level[truth] - level[truth - 3]).mean(), abs=0.006
    )
    own = typed(folder, "reverie.forecast", "--variant", "change")
    assert "ewer error" not in own
    assert lines["change"][3:-1] == numbers(own)["change"][3:]


PLAIN = """
import json, sys
sys.modules["reverie"] = None
import keras, numpy as np
for name in ("recurrent", "change", "sliding"):
    model = keras.saving.load_model(f"nets/{name}.keras", safe_mode=True)
    facts = json.load(open(f"nets/{name}.json"))
    table = np.genfromtxt("gauge.csv", delimiter=",", names=True, usecols=(1, 2, 3))
    hours = np.datetime64("2021-01-01") + np.arange(len(table)).astype("timedelta64[h]")
    t = hours.astype("datetime64[s]").astype(float)
    waves = [f(2 * np.pi * t / period) for period in (86400, 31556952) for f in (np.sin, np.cos)]
    columns = [table[column] for column in facts["inputs"][:3]]
    if name == "recurrent":
        columns += waves
    if name == "change":
        def usual(t):
            assert len(facts["climatology"]["terms"]) == 7  # a day with three harmonics
            total = np.zeros(len(t))
            for term in facts["climatology"]["terms"]:
                waves = [getattr(np, f)(2 * np.pi * t / period) for f, period in term["waves"]]
                total += term["coefficient"] * np.prod(waves, axis=0)
            return total

        p, level = table["p"], table["level"]
        angle = 2 * np.pi * (t / 31556952 - 172 * 86400 / 31556952)
        tilt = np.arcsin(np.sin(np.radians(23.44)) * np.cos(angle))
        hour = 2 * np.pi * (t / 86400 - 0.5) + np.radians(11.6)
        north = np.radians(50.9)
        height = np.sin(north) * np.sin(tilt) + np.cos(north) * np.cos(tilt) * np.cos(hour)
        columns.append(usual(t))
        columns.append(np.concatenate([np.zeros(4), p[4:] - p[:-4]]))
        columns.append([np.ptp(level[max(row - 2, 0) : row + 1]) for row in range(len(level))])
        columns.append(np.maximum(height, 0))
        columns.append(usual(t + 4 * 3600) - usual(t))
        assert facts["inputs"][3:] == [
            "climatology of level",
            "p: now minus 4 hours before",
            "level: range of the last 2 hours",
            "sine of the sun's height, 0 at night, 50.9 degrees north, 11.6 east",
            "climatology of level 240 minutes later, minus that now",
        ]
    assert len(columns) == len(facts["inputs"])
    step = round(facts["minutes_between_rows"] / 60)
    row = 350
    read = np.arange(row - facts["rows"] * step, row, step)
    assert read[-1] + facts["minutes_from_newest_row_to_forecast"] / 60 == row + 3
    print(float(model(np.column_stack(columns)[read][None])[0, 0]))
"""


def test_plain_keras_opens_the_networks(folder, typed):
    """In a process that cannot import anything of ours; the last lines are those of the page."""
    printed = typed(folder, "reverie.forecast", "--save", "nets")
    assert "\nsaved: nets/" in printed
    assert "not saved: line is no network; its fit is in results/quick/forecast/line" in printed
    page = (REPOSITORY / "docs/use.md").read_text()
    lines = re.search(r"```python\n(.*?)```", page, re.S)[1]
    table()[:350].to_csv(folder / "newer.csv", index=False)
    command = [sys.executable, "-c", PLAIN + lines.replace("nets/gru.", "nets/sliding.")]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    *forecasts, shown = done.stdout.splitlines()
    run = opened(folder)
    mean, std = (run.facts[key]["level"] for key in ("mean", "std"))
    for name, forecast in zip(("recurrent", "change", "sliding"), forecasts, strict=True):
        normalised = (float(forecast) - mean) / std
        assert normalised == pytest.approx(saved_at(folder, name, 350), abs=1e-5)
    # Its step is of two rows: the window that ends with row 349 is that of row 351.
    expected = mean + std * saved_at(folder, "sliding", 351)
    assert shown == f"{expected:.2f} m"


def test_forecasters_of_earlier_settings_are_refused(folder, typed, tmp_path):
    """Of a run that was started again with others, and not ended."""
    shutil.copytree(folder / "results", tmp_path / "results")
    run = tmp_path / "results/quick"
    facts = json.loads((run / "provenance.json").read_text())
    plan = facts | {"assets": [], "jobs": [], "outdated": ["forecast/line/seed0/fitted.json"]}
    (run / "plan.json").write_text(json.dumps(plan))
    moment = (run / "provenance.json").stat().st_mtime + 100
    os.utime(run / "plan.json", (moment, moment))
    with pytest.raises(SystemExit) as end:
        typed(tmp_path, "reverie.forecast")
    assert str(end.value) == (
        "reverie: results/quick: forecasters of earlier settings are to be made again; run the workflow "
        "to the end."
    )


def newer(folder, change) -> list[str]:
    """The arguments for a newer file: the gauge's table, as ``change`` leaves it."""
    change(table()).to_csv(folder / "newer.csv", index=False)
    return ["--series", "newer.csv"]


def unmeasured(rows: pd.DataFrame) -> pd.DataFrame:
    rows.loc[ROWS - 1, "level"] = -9999
    return rows


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--run", "results/none"], "results/none: there is no trained network of the part forecast"),
        (["--variant", "chance"], "results/quick has no variant 'chance'; did you mean 'change'?"),
        (["--series", "gone.csv"], "there is no file gone.csv; correct the path."),
        (lambda rows: rows[:9], "newer.csv has 9 rows, and a forecast needs 17"),
        (lambda rows: rows.drop(columns="rain"), "newer.csv: there is no column 'rain'"),
        (lambda rows: rows[::2], "newer.csv has a row every 120 minutes, and the series of results/quick every 60"),
        (unmeasured, "newer.csv: level was not measured at 2021-01-17 15:00"),
    ],
)  # fmt: skip
def test_a_mistake_gets_a_sentence(folder, typed, arguments, sentence):
    if callable(arguments):
        arguments = newer(folder, arguments)
    with pytest.raises(SystemExit) as ended:
        typed(folder, "reverie.forecast", *arguments)
    assert ended.value.code.startswith(f"reverie: {sentence}")
    assert "\n" not in ended.value.code


def test_a_run_that_is_not_evaluated_gets_a_sentence(folder, typed):
    summary = folder / "results/quick/forecast/summary.csv"
    text = summary.read_text()
    summary.unlink()
    try:
        with pytest.raises(SystemExit, match="summary.csv is missing; run the workflow to the end"):
            typed(folder, "reverie.forecast")
    finally:
        summary.write_text(text)
