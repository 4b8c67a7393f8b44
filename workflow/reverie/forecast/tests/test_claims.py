"""The lecture's remarks: each of the three verdicts from made-up figures."""

import csv
from collections import Counter

import numpy as np
import pytest
from reverie.forecast.evaluation import TABLES
from reverie.forecast.report import claims
from reverie.report import claims as table
from reverie.report.verdicts import CONFIRMED, NOT_RUN, REFUTED, UNDECIDED, Change

LOW, NONE, HIGH = (-0.10, -0.12, -0.08), (0.0, -0.05, 0.05), (0.10, 0.08, 0.12)
SLIGHT = (-0.005, -0.01, 0.001)
UNKNOWN = (-0.1, float("nan"), float("nan"))


def figures(pairs=(), errors=(), histories=(), steps=None) -> claims.Figures:
    """A run in which only these comparisons were made; their keys are "one/other"."""
    changes = {}
    for key, change in dict(pairs).items():
        one, other = key.split("/")
        for split in ("val", "test"):
            best = "" if other == "naive" else "best"
            changes[one, "best", other, best, split] = Change(*change)
    errors = {key: Change(*error) for key, error in dict(errors).items()}
    fine = {"conv1d_gru": "30 minutes", "conv1d_gru_longer.lookback-10-days": "1 hour"}
    return claims.Figures(changes, errors, dict(histories), steps or fine)


def seeds(val_loss, loss=(0.3, 0.2), seconds=30.0, spread=0.001, count=3) -> list[dict]:
    """Histories of some seeds that differ a little; ``loss`` falls evenly from its first value."""
    generator = np.random.default_rng(0)
    epochs = len(val_loss)

    def history():
        factor = 1 + generator.normal(0, spread)
        return {
            "val_loss": np.array(val_loss) * factor,
            "loss": np.linspace(*loss, epochs) * factor,
            "seconds": np.full(epochs, seconds) * factor,
        }

    return [history() for _ in range(count)]


def settings(steps: dict[str, str]) -> dict:
    """A configuration that has these networks, with their steps."""
    plain = dict.fromkeys(
        ("optimizer", "schedule", "lookback", "batch", "steps", "patience", "residual")
    )
    plain |= dict.fromkeys(("reversed", "shuffled", "calendar", "ensemble"), False)
    plain |= dict.fromkeys(("average", "auxiliary", "replication", "quantiles")) | {
        "features": [],
        "refit": False,
    }
    plain |= {"layers": [], "grid": {}, "title": "", "epochs": 1, "kind": "network"}
    shared = {"seeds": [0], "select": None, "max_epochs": None, "delay": "24 hours", "batch": 9}
    shared |= {
        "lookback": "10 days",
        "step": "1 hour",
        "steps": 1,
        "patience": None,
        "optimizer": {},
    }
    shared["series"] = {"path": None, "asset": "jena", "target": "T (degC)"}
    variants = {name: plain | {"step": step} for name, step in steps.items()}
    return {"forecast": shared | {"variants": variants}, "backend": "", "parts": ["forecast"]}


BACKWARDS, NO_SKILL = "gru_reversed/gru", "gru_reversed/naive"


@pytest.mark.parametrize(
    ("measure", "pairs", "verdict"),
    [
        (claims.gru_is_better, {"gru/naive": LOW, "gru/mlp": LOW}, CONFIRMED),
        (claims.gru_is_better, {"gru/naive": LOW, "gru/mlp": HIGH}, REFUTED),
        (claims.gru_is_better, {"gru/naive": LOW, "gru/mlp": NONE}, UNDECIDED),
        (claims.gru_is_better, {"gru/naive": UNKNOWN, "gru/mlp": LOW}, UNDECIDED),
        (claims.mlp_is_worse_than_naive, {"mlp/naive": HIGH}, CONFIRMED),
        (claims.mlp_is_worse_than_naive, {"mlp/naive": LOW}, REFUTED),
        (claims.mlp_is_worse_than_naive, {"mlp/naive": NONE}, UNDECIDED),
        (claims.bidirectional_is_about_as_good, {"bidirectional_gru/gru": SLIGHT}, CONFIRMED),
        (claims.bidirectional_is_about_as_good, {"bidirectional_gru/gru": HIGH}, REFUTED),
        (claims.bidirectional_is_about_as_good, {"bidirectional_gru/gru": NONE}, UNDECIDED),
        (claims.the_skill_is_chronological, {BACKWARDS: HIGH, NO_SKILL: HIGH}, CONFIRMED),
        (claims.the_skill_is_chronological, {BACKWARDS: LOW, NO_SKILL: HIGH}, REFUTED),
        (claims.the_skill_is_chronological, {BACKWARDS: HIGH, NO_SKILL: LOW}, REFUTED),
        (claims.the_skill_is_chronological, {BACKWARDS: HIGH, NO_SKILL: NONE}, UNDECIDED),
        (claims.dropout_before_impedes_learning, {"dropout_gru/gru": HIGH}, CONFIRMED),
        (claims.dropout_before_impedes_learning, {"dropout_gru/gru": LOW}, REFUTED),
        (claims.dropout_before_impedes_learning, {"dropout_gru/gru": NONE}, UNDECIDED),
        (claims.convnet_does_not_beat_naive, {"conv1d/naive": HIGH}, CONFIRMED),
        (claims.convnet_does_not_beat_naive, {"conv1d/naive": LOW}, REFUTED),
        (claims.convnet_does_not_beat_naive, {"conv1d/naive": NONE}, UNDECIDED),
        (claims.convnet_ignores_order, {"conv1d_shuffled/conv1d": SLIGHT}, CONFIRMED),
        (claims.convnet_ignores_order, {"conv1d_shuffled/conv1d": HIGH}, REFUTED),
        (claims.convnet_ignores_order, {"conv1d_shuffled/conv1d": NONE}, UNDECIDED),
    ],
)
def test_verdicts_from_intervals(measure, pairs, verdict):
    said, found = measure(figures(pairs))
    assert found == verdict
    size = next(iter(pairs.values()))[0]
    assert f"{abs(100 * size):.1f} % {'lower' if size < 0 else 'higher'}" in said


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        ((0.31, 0.305, 0.315), CONFIRMED),
        ((0.29, 0.28, 0.299), REFUTED),
        ((0.301, 0.29, 0.312), UNDECIDED),
        ((0.4, *UNKNOWN[1:]), UNDECIDED),
    ],
)
def test_the_dense_network(error, verdict):
    said, found = claims.mlp_errs_by_more(figures(errors={("mlp", "val"): error}))
    assert found == verdict
    assert f"is {error[0]:.4f}" in said


def test_errors_over_seeds_have_the_uncertainty_of_weeks_and_of_seeds():
    """Three seeds with the same weeks; Student's interval of 0.31, 0.32, 0.33 is ± 0.02484."""
    lines = np.array([[0.31, 0.30, 0.325], [0.32, 0.31, 0.335], [0.33, 0.32, 0.345]])
    found = claims.over_seeds_and_weeks(lines)
    assert found.size == pytest.approx(0.32)
    assert found.low == pytest.approx(0.32 - np.hypot(0.01, 0.02484), abs=1e-5)
    assert found.high == pytest.approx(0.32 + np.hypot(0.015, 0.02484), abs=1e-5)
    assert claims.over_seeds_and_weeks(lines[:1]) == Change(*lines[0])


EPOCHS = np.arange(20)
FLAT, RISING, FALLING = np.full(20, 0.27), 0.25 + 0.002 * EPOCHS, 0.29 - 0.002 * EPOCHS


@pytest.mark.parametrize(
    ("history", "verdict"),
    [
        (seeds(RISING), CONFIRMED),
        (seeds(FALLING), REFUTED),
        (seeds(FLAT), UNDECIDED),
        (seeds(RISING, loss=(0.3, 0.3)), UNDECIDED),  # nothing more is learned by heart
        (seeds(RISING, loss=(0.2, 0.3)), UNDECIDED),  # it explodes
        (seeds(RISING, count=1), UNDECIDED),
        (seeds(RISING[:2]), UNDECIDED),
    ],
)
def test_overfitting(history, verdict):
    said, found = claims.gru_overfits(figures(histories={"gru": history}))
    assert found == verdict
    assert ("(no interval)" in said) == (len(history) == 1)


@pytest.mark.parametrize(
    ("stacked", "single", "verdict"),
    [
        (seeds(RISING), seeds(FLAT), CONFIRMED),
        (seeds(FLAT), seeds(RISING), REFUTED),
        (seeds(RISING), seeds(RISING), UNDECIDED),
        (seeds(FLAT), seeds(FALLING), UNDECIDED),  # neither of them overfits
        (seeds(RISING), seeds(FLAT, count=1), UNDECIDED),
        (seeds(RISING[:2]), seeds(FLAT), UNDECIDED),
    ],
)
def test_overfitting_of_two_layers(stacked, single, verdict):
    histories = {"stacked_gru": stacked, "gru_dropout": single}
    assert claims.stacking_overfits_more(figures(histories=histories))[1] == verdict


CALM, WILD = 0.26 + 1e-4 * (EPOCHS % 2), 0.26 + 0.03 * (EPOCHS % 2)


@pytest.mark.parametrize(
    ("change", "dropout", "plain", "verdict"),
    [
        (SLIGHT, seeds(CALM), seeds(WILD), CONFIRMED),
        (SLIGHT, seeds(np.concatenate([CALM, WILD])), seeds(WILD), CONFIRMED),  # equal epochs
        (SLIGHT, seeds(WILD), seeds(CALM), REFUTED),
        (LOW, seeds(CALM), seeds(WILD), REFUTED),
        (NONE, seeds(CALM), seeds(WILD), UNDECIDED),
        (SLIGHT, seeds(CALM, spread=1), seeds(CALM), UNDECIDED),
        (SLIGHT, seeds(CALM, count=1), seeds(WILD, count=1), UNDECIDED),
        (SLIGHT, seeds(CALM[:3]), seeds(WILD), UNDECIDED),
    ],
)
def test_dropout(change, dropout, plain, verdict):
    histories = {"gru_dropout": dropout, "gru": plain}
    run = figures({"gru_dropout/gru": change}, histories=histories)
    assert claims.dropout_is_stabler_and_not_much_better(run)[1] == verdict


@pytest.mark.parametrize(
    ("change", "conv", "verdict"),
    [
        (HIGH, seeds(FLAT, seconds=10), CONFIRMED),
        (HIGH, seeds(FLAT, seconds=25), REFUTED),
        (HIGH, seeds(FLAT, seconds=20, spread=0.2), UNDECIDED),
        (HIGH, seeds(FLAT, seconds=10, count=1), UNDECIDED),
        (HIGH, seeds(FLAT, seconds=10, count=1) * 3, UNDECIDED),  # three seeds in one job
        (LOW, seeds(FLAT, seconds=10), REFUTED),
        (NONE, seeds(FLAT, seconds=10), UNDECIDED),
    ],
)
def test_convnet_and_gru(change, conv, verdict):
    histories = {"gru_dropout": seeds(FLAT), "conv1d_gru": conv}
    run = figures({"conv1d_gru/gru_dropout": change}, histories=histories)
    assert claims.conv_gru_is_faster_and_not_as_good(run)[1] == verdict


TWICE = "conv1d_gru/conv1d_gru_longer.lookback-10-days"
LONGER = "conv1d_gru_longer.lookback-20-days/conv1d_gru_longer.lookback-10-days"


@pytest.mark.parametrize(
    ("change", "verdict"),
    [(SLIGHT, CONFIRMED), (HIGH, CONFIRMED), (LOW, REFUTED), (NONE, UNDECIDED)],
)
def test_twice_as_much_data(change, verdict):
    said, found = claims.twice_as_much_data_does_not_help(figures({TWICE: change}))
    assert found == verdict
    assert "every 30 minutes" in said
    hourly = figures({LONGER: change}, steps={"conv1d_gru_longer.lookback-10-days": "1 hour"})
    said, found = claims.twice_as_much_data_does_not_help(hourly)
    assert found == verdict
    assert said.startswith("With the values of 20 days its error is ")


@pytest.fixture
def run(tmp_path):
    """A run's files: a GRU and a dense network of two seeds."""
    folder = tmp_path / "forecast"
    folder.mkdir()
    with open(folder / "pairs.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(TABLES["pairs"])
        for other, best, split in (("naive", "", "test"), ("mlp", "best", "test")):
            writer.writerow(["gru", "best", other, best, split, *LOW, ""])
        writer.writerow(["mlp", "best", "naive", "", "val", -0.1, "", "", ""])
    with open(folder / "metrics.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, TABLES["metrics"])
        writer.writeheader()
        for checkpoint, mae in (("best", 0.31), ("last", 0.5)):
            line = {"variant": "mlp", "split": "val", "checkpoint": checkpoint, "mae": mae}
            writer.writerow(line | {"seed": 0, "ci_low": mae - 0.005, "ci_high": mae + 0.005})
    (folder / "gru" / "seed0").mkdir(parents=True)
    lines = [f"{epoch},{0.3 - 0.01 * epoch},0.27,9" for epoch in range(1, 7)]
    history = "\n".join(["epoch,loss,val_loss,seconds", *lines])
    (folder / "gru" / "seed0" / "history.csv").write_text(history)
    return tmp_path


def test_figures_are_read_from_the_runs_files(run):
    found = claims.Figures.read(run, settings({"gru": "1 hour", "mlp": "1 hour"}))
    assert found.change("gru", "mlp") == Change(*LOW)
    assert found.errors["mlp", "val"] == Change(0.31, 0.305, 0.315)
    expected = [0.29, 0.28, 0.27, 0.26, 0.25, 0.24]
    assert found.histories["gru"][0]["loss"] == pytest.approx(expected)
    assert found.steps == {"gru": "1 hour", "mlp": "1 hour"}


def test_remarks_whose_networks_did_not_run_are_named_as_such(run):
    found = table.claims(run, settings({"gru": "1 hour"}))
    assert len(found) == len(claims.CLAIMS)
    verdicts = Counter(one["verdict"] for one in found)
    assert (verdicts[CONFIRMED], verdicts[UNDECIDED]) == (2, 2)
    assert all(one["measured"].startswith("Needs ") for one in found[4:])
    assert {one["verdict"] for one in found[4:]} == {NOT_RUN}
    assert "10.0 % lower (no interval) than the naive" in str(found)


@pytest.mark.parametrize(
    ("series", "own"),
    [
        ({}, False),
        ({"asset": "jena_hourly"}, False),
        ({"path": "river.csv"}, True),
        ({"asset": "river"}, True),
        ({"target": "p (mbar)"}, True),
    ],
)
def test_another_series_leaves_the_lectures_units_out(run, series, own):
    given = settings({"gru": "1 hour"})
    given["forecast"]["series"] |= series
    assert table.own_data("forecast", given) == own
    remarks = [one["remark"] for one in table.claims(run, given)]
    assert any("0.3" in remark for remark in remarks) != own
    assert len(remarks) == len(claims.CLAIMS) - own
