"""Errors and their intervals, against closed forms and SciPy."""

import math

import numpy as np
import pytest
from reverie import bootstrap
from reverie.forecast import evaluation
from reverie.tables import read_table
from scipy import stats


def test_the_paired_change_agrees_with_scipy_on_independent_errors():
    generator = np.random.default_rng(1)
    naive = generator.gamma(2, 1, 3000)
    errors = 0.97 * naive + generator.normal(0, 0.3, 3000)
    change, low, high, verdict = evaluation.against(errors, naive, block=1)
    scipys = stats.bootstrap(
        (errors, naive),
        lambda e, n, axis: e.mean(axis) / n.mean(axis) - 1,
        paired=True,
        vectorized=True,
        method="percentile",
        n_resamples=2000,
        rng=np.random.default_rng(2),
    ).confidence_interval
    assert change == errors.mean() / naive.mean() - 1
    assert (low, high) == pytest.approx(tuple(scipys), abs=0.1 * (high - low))
    assert verdict == "yes"


def test_too_few_blocks_give_no_interval():
    change, low, high, verdict = evaluation.against(np.full(149, 0.5), np.ones(149), 10)
    assert (change, verdict) == (-0.5, "unclear")
    assert math.isnan(low)
    assert math.isnan(high)


@pytest.mark.parametrize(("factor", "verdict"), [(0.5, "yes"), (2, "no"), (1, "unclear")])
def test_verdicts(factor, verdict):
    naive = np.random.default_rng(0).gamma(2, 1, 500)
    other = factor * np.random.default_rng(1).permutation(naive)
    assert evaluation.against(other, naive, 10)[3] == verdict


def autoregressive(generator, trials: int, rows: int, coefficient: float) -> np.ndarray:
    """Series with memory, (trials, rows)."""
    series = generator.normal(size=(trials, rows + 300))
    for row in range(1, rows + 300):
        series[:, row] += coefficient * series[:, row - 1]
    return series[:, 300:]


@pytest.mark.parametrize("blocks", [15, 30])
def test_intervals_of_errors_far_ahead_cover_nearly_as_often_as_they_say(blocks):
    """The naive forecast of a river, 28 days ahead: its errors are alike for weeks."""
    memory, delay, trials = 0.97, 28, 400
    block = int(evaluation.block_days("28 days"))
    series = autoregressive(np.random.default_rng(3), trials, blocks * block + delay, memory)
    errors = np.abs(series[:, delay:] - series[:, :-delay])
    truth = math.sqrt(2 / math.pi) * math.sqrt(2 * (1 - memory**delay) / (1 - memory**2))
    hits = 0
    for error in errors:
        samples = bootstrap.block_means(error, block)
        low, high = bootstrap.interval(error.mean(), samples, blocks)
        hits += low < truth < high
    # The memory reaches beyond a block: 0.92 to 0.94 over 1,500 trials, and 0.73 for blocks of a week.
    assert hits / trials > 0.92 - 3 * math.sqrt(0.92 * 0.08 / trials)


@pytest.mark.parametrize(("seeds", "others"), [(3, 3), (3, 0), (2, 5)])
def test_intervals_of_changes_cover_other_seeds_and_other_weeks(seeds, others):
    """Networks that are as good as each other, but for the seed; 0: a forecast without seeds."""
    generator, hits, trials, block = np.random.default_rng(seeds), 0, 400, 4
    for _ in range(trials):
        weeks = np.repeat(generator.gamma(4, 0.25, 15), block)
        errors = [
            weeks * generator.gamma(9, 1 / 9, (max(count, 1), len(weeks)))
            * (1 + (generator.normal(0, 0.05, (count, 1)) if count else 0))
            for count in (seeds, others)
        ]  # fmt: skip
        _, low, high, _ = evaluation.against(*errors, block)
        hits += low < 0 < high
    assert 0.95 - 3 * math.sqrt(0.95 * 0.05 / trials) < hits / trials < 0.995


def test_blocks_are_a_week_or_three_delays():
    assert evaluation.block_days("24 hours") == 7
    assert evaluation.block_days("28 days") == 84


WINDOWS = 15 * 7 * 24 + 80  # a little more than the fewest blocks


@pytest.fixture
def run(tmp_path):
    """A series and two trainings of one network, made up by hand."""
    generator = np.random.default_rng(0)
    values = generator.normal(size=(9000, 2)).astype(np.float32)
    np.savez(
        tmp_path / "series.npz",
        values=values,
        time=np.arange(9000) * 3600,
        measured=np.ones(9000, bool),
        unmeasured=np.arange(9000) == 1500,
        std=np.array([1.0, 8.0]),
        target=np.array(1),
        interval_minutes=np.array(60.0),
    )
    folders = {}
    for seed in (0, 1):
        folders[seed] = tmp_path / f"seed{seed}"
        folders[seed].mkdir()
        with open(folders[seed] / "history.csv", "w") as file:
            file.write("epoch,loss,val_loss,seconds\n1,1,0.5,1\n2,1,0.4,1\n3,1,0.6,1\n")
        for split, low in (("val", 1000), ("test", 5000)):
            rows = np.arange(low, low + WINDOWS)
            truth = values[rows + 24, 1]
            np.savez(
                folders[seed] / f"predictions_{split}.npz",
                row=rows,
                prediction=truth + np.float32(0.1 * (seed + 1)),
                prediction_last=truth - np.float32(0.5),
                target=truth,
            )
    target = evaluation.read_target(tmp_path / "series.npz", "10 hours", "1 hour", "24 hours")
    networks = {
        "net": evaluation.Variant(folders, 7, ensemble=True),
        "solo": evaluation.Variant({0: folders[0]}, 7, ensemble=True),
    }
    evaluation.evaluate(target, networks, tmp_path)
    tables = [
        read_table(tmp_path / f"{name}.csv")
        for name in ("metrics", "summary", "conditions", "pairs")
    ]
    return values, *tables


def test_metrics_follow_the_contract(run):
    values, metrics, _, _, _ = run
    assert list(metrics[0]) == evaluation.TABLES["metrics"]
    # two baselines; two checkpoints of two seeds, of their ensemble, and of a network with one seed
    assert len(metrics) == 2 * 2 + 2 * 2 * (2 + 1 + 1)
    found = {(m["variant"], m["seed"], m["split"], m["checkpoint"]): m for m in metrics}
    rows = np.arange(1000, 1000 + WINDOWS)
    naive = np.abs(values[rows - 1, 1] - values[rows + 24, 1]).mean()
    exact = np.abs(values[rows, 1] - values[rows + 24, 1]).mean()
    assert float(found["naive", "", "val", ""]["mae"]) == pytest.approx(naive, abs=2e-6)
    assert float(found["naive_delay", "", "val", ""]["mae"]) == pytest.approx(exact, abs=2e-6)
    assert found["naive", "", "val", ""]["epoch"] == ""
    best = found["net", "1", "test", "best"]
    assert (best["epoch"], best["windows"]) == ("2", str(WINDOWS))
    assert float(best["mae"]) == pytest.approx(0.2, abs=1e-5)
    assert float(best["mae_unit"]) == pytest.approx(1.6, abs=1e-4)
    assert float(best["ci_low"]) <= float(best["mae"]) <= float(best["ci_high"])
    assert found["net", "0", "val", "last"]["epoch"] == "3"
    assert float(found["net", "0", "val", "last"]["mae"]) == pytest.approx(0.5, abs=1e-5)


def test_the_summary_follows_the_contract(run):
    values, _, summary, _, _ = run
    assert list(summary[0]) == evaluation.TABLES["summary"]
    found = {(s["variant"], s["split"], s["checkpoint"]): s for s in summary}
    assert len(found) == len(summary) == 2 * 2 + 2 * 2 * 3
    best = found["net", "val", "best"]
    assert (best["seeds"], best["parameters"], best["beats_naive"]) == ("2", "7", "yes")
    assert float(best["mae_mean"]) == pytest.approx(0.15, abs=1e-5)
    assert float(best["mae_sd"]) == pytest.approx(0.1 / math.sqrt(2), abs=1e-5)  # ddof 1
    rows = np.arange(1000, 1000 + WINDOWS)
    naive = np.abs(values[rows - 1, 1] - values[rows + 24, 1]).mean()
    assert float(best["vs_naive"]) == pytest.approx(0.15 / naive - 1, abs=1e-5)
    assert float(best["vs_naive_low"]) < float(best["vs_naive"]) < float(best["vs_naive_high"]) < 0
    assert (found["naive", "val", ""]["seeds"], found["naive", "val", ""]["vs_naive"]) == (
        "0",
        "0.000000",
    )


def test_an_ensemble_is_the_mean_of_the_forecasts(run):
    _, metrics, summary, _, _ = run
    (line,) = [
        m
        for m in metrics
        if (m["variant"], m["split"], m["checkpoint"]) == ("net_ensemble", "val", "best")
    ]
    assert (line["seed"], line["epoch"]) == ("", "")
    assert float(line["mae"]) == pytest.approx(0.15, abs=1e-5)  # of forecasts 0.1 and 0.2 too high
    (line,) = [
        s
        for s in summary
        if (s["variant"], s["split"], s["checkpoint"]) == ("net_ensemble", "test", "best")
    ]
    assert (line["seeds"], line["parameters"], line["mae_sd"]) == ("2", "14", "")
    assert not [m for m in metrics if m["variant"] == "solo_ensemble"]


def test_errors_by_hour_month_and_change(run):
    """Against a plain loop over the windows."""
    values, _, _, conditions, _ = run
    assert list(conditions[0]) == evaluation.TABLES["conditions"]
    found = {
        (c["variant"], c["split"], c["condition"], c["value"]): (
            int(c["windows"]),
            float(c["mae_unit"]),
        )
        for c in conditions
    }
    by_hour: dict[int, list[float]] = {}
    for row in range(1000, 1000 + WINDOWS):
        error = abs(float(values[row - 1, 1]) - float(values[row + 24, 1])) * 8
        by_hour.setdefault((row + 24) % 24, []).append(error)
    for hour, errors in by_hour.items():
        windows, mae = found["naive", "val", "hour", str(hour)]
        assert windows == len(errors)
        assert mae == pytest.approx(np.mean(errors), abs=1e-5)
    # Row 1500 is looked back on by windows 1501 to 1510, and is the target of 1476.
    assert found["net", "val", "unmeasured", "1"][0] == 10 + 1
    assert found["net", "val", "unmeasured", "0"][0] == WINDOWS - 11
    assert ("net", "test", "unmeasured", "1") not in found
    # 1970-03-01 is hour 1416
    march = [row for row in range(1000, 1000 + WINDOWS) if row + 24 >= 1416 and row + 24 < 2160]
    assert found["net", "val", "month", "3"][0] == len(march)
    changes = [
        c
        for c in conditions
        if (c["variant"], c["split"], c["condition"]) == ("naive", "val", "change")
    ]
    assert [int(c["windows"]) for c in changes] == [WINDOWS // 5] * 5
    # For the naive forecast the error is the change.
    assert all(float(c["value"]) == pytest.approx(float(c["mae_unit"]), abs=2e-6) for c in changes)


def made_up(folder, rows_of, measured=None, std=1.0, step="1 hour"):
    """A series by the hour with networks that have the windows ``rows_of``, evaluated.

    Gives the target's values and the lines of each table by its name.
    """
    values = np.random.default_rng(0).normal(size=4000).astype(np.float32)
    measured = np.ones(4000, bool) if measured is None else measured
    np.savez(
        folder / "series.npz", values=values[:, None], time=np.arange(4000) * 3600,
        measured=measured, unmeasured=~measured, std=np.array([std]), target=np.array(0),
        interval_minutes=np.array(60.0),
    )  # fmt: skip
    networks = {}
    for name, by_split in rows_of.items():
        networks[name] = evaluation.Variant({0: folder / name}, 1)
        (folder / name).mkdir()
        (folder / name / "history.csv").write_text("epoch,loss,val_loss,seconds\n1,1,0.5,1\n")
        for split, row in by_split.items():
            target = values[row + 24]
            forecasts = {"prediction": target + row % 7, "prediction_last": target + row % 5}
            np.savez(
                folder / name / f"predictions_{split}.npz", row=row, target=target, **forecasts
            )
    target = evaluation.read_target(folder / "series.npz", "10 hours", step, "24 hours")
    evaluation.evaluate(target, networks, folder)
    tables = {name: read_table(folder / f"{name}.csv") for name in evaluation.TABLES}
    return values, tables


@pytest.mark.parametrize("order", [("long", "plain"), ("plain", "long")])
def test_all_forecasts_are_compared_on_the_windows_that_all_have(tmp_path, order):
    """A network with a longer lookback has fewer of them, wherever it stands."""
    rows_of = {
        "plain": {"val": np.arange(1010, 1900), "test": np.arange(2010, 3900)},
        "long": {"val": np.arange(1480, 1950), "test": np.arange(2480, 3950)},
    }
    values, tables = made_up(tmp_path, {name: rows_of[name] for name in order})
    shared = {"val": np.arange(1480, 1900), "test": np.arange(2480, 3900)}
    for line in tables["metrics"]:
        row = shared[line["split"]]
        assert int(line["windows"]) == len(row)
        errors = {
            "naive": np.abs(values[row - 1] - values[row + 24]),
            "naive_delay": np.abs(values[row] - values[row + 24]),
        }
        errors |= dict.fromkeys(rows_of, row % {"best": 7, "last": 5, "": 1}[line["checkpoint"]])
        assert float(line["mae"]) == pytest.approx(errors[line["variant"]].mean(), abs=1e-5)
    pairs = {(p["variant"], p["against"], p["split"]) for p in tables["pairs"]}
    for split in shared:
        assert {
            ("plain", "naive", split),
            ("long", "naive", split),
            ("long", "plain", split),
        } < pairs


def test_a_newer_value_is_no_skill(tmp_path):
    """A variant with a shorter step that repeats the newest value of its windows is naive, too."""
    values = np.random.default_rng(0).normal(size=4000).cumsum().astype(np.float32)
    np.savez(
        tmp_path / "series.npz", values=values[:, None], time=np.arange(4000) * 3600,
        measured=np.ones(4000, bool), unmeasured=np.zeros(4000, bool), std=np.array([1.0]),
        target=np.array(0), interval_minutes=np.array(60.0),
    )  # fmt: skip
    for split, first in (("val", 1000), ("test", 2000)):
        row = np.arange(first, first + 900)
        np.savez(
            tmp_path / f"predictions_{split}.npz",
            row=row, prediction=values[row - 1], target=values[row + 6],
        )  # fmt: skip
    net = {"repeats": evaluation.Variant({0: tmp_path}, 0, kind="linear")}
    spans = tmp_path / "series.npz", "12 hours", "6 hours", "6 hours"
    by_steps = {}
    for steps in (None, {"repeats": "1 hour"}):
        evaluation.evaluate(evaluation.read_target(*spans, steps), net, tmp_path)
        by_steps[bool(steps)] = [
            float(line["vs_naive"])
            for line in read_table(tmp_path / "summary.csv")
            if line["variant"] == "repeats"
        ]
    assert max(by_steps[False]) < -0.1  # against the value that is six hours old
    assert by_steps[True] == [0, 0]


def test_a_series_that_repeats_itself_has_changes_that_are_no_number():
    naive, other = (evaluation.Scored.of(np.full((1, 2000), e), 24) for e in (0.0, 0.5))
    assert evaluation.change(naive, other)[0] == -1
    size, low, high, verdict = evaluation.change(other, naive)
    assert np.isnan([size, low, high]).all()
    assert verdict == "unclear"


def test_no_forecast_is_judged_where_a_naive_one_was_not_measured(tmp_path):
    """A network that reads every half hour may have windows that the lecture's naive lacks."""
    measured = np.ones(4000, bool)
    measured[[1500, 2500, 2501, 3000]] = False
    rows_of = {"net": {"val": np.arange(1010, 1900), "test": np.arange(2010, 3900)}}
    values, tables = made_up(tmp_path, rows_of, measured, step="3 hours")
    (line,) = (m for m in tables["metrics"] if (m["variant"], m["split"]) == ("naive", "test"))
    errors = [
        abs(float(values[row - 3]) - float(values[row + 24]))
        for row in range(2010, 3900)
        if measured[row - 3] and measured[row] and measured[row + 24]
    ]
    assert int(line["windows"]) == len(errors) == 1890 - 9
    assert float(line["mae"]) == pytest.approx(np.mean(errors), abs=1e-5)


def test_changes_of_a_target_with_a_small_spread(tmp_path):
    """Five parts with values of their own, though all are far below two decimals."""
    rows_of = {"net": {"val": np.arange(1010, 1900), "test": np.arange(2010, 3900)}}
    _, tables = made_up(tmp_path, rows_of, std=1e-6)
    lines = [
        line
        for line in tables["conditions"]
        if (line["variant"], line["split"], line["condition"]) == ("naive", "test", "change")
    ]
    assert [int(line["windows"]) for line in lines] == [1890 // 5] * 5
    values = [float(line["value"]) for line in lines]
    assert values == sorted(set(values))
    assert values == pytest.approx([float(line["mae_unit"]) for line in lines], rel=1e-4)


def test_pairs_agree_with_the_summary_and_with_each_other(run):
    _, _, summary, _, pairs = run
    assert list(pairs[0]) == evaluation.TABLES["pairs"]
    found = {(*list(p.values())[:5],): p for p in pairs}
    for line in summary:
        if line["variant"] != "naive":
            name = line["variant"], line["checkpoint"], "naive", "", line["split"]
            for here, there in {
                "change": "vs_naive",
                "low": "vs_naive_low",
                "lower": "beats_naive",
            }.items():
                assert found[name][here] == line[there]
    one = found["solo", "best", "net", "last", "test"]
    back = found["net", "last", "solo", "best", "test"]
    assert (1 + float(one["change"])) * (1 + float(back["change"])) == pytest.approx(1, abs=1e-4)
    assert (one["lower"], back["lower"]) == ("yes", "no")
