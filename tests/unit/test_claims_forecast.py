"""The lecture's remarks: each of the three verdicts from made-up figures."""

import csv

import pytest
from reverie.forecast.evaluation import PAIRS, SUMMARY
from reverie.report.claims import forecast as claims
from reverie.report.claims import table
from reverie.report.claims.verdicts import CONFIRMED, NOT_RUN, REFUTED, UNDECIDED

LOW, NONE, HIGH = (-0.10, -0.12, -0.08), (0.0, -0.05, 0.05), (0.10, 0.08, 0.12)
SLIGHT = (-0.005, -0.01, 0.001)


def figures(tmp_path, pairs: dict, errors=(), histories=None) -> claims.Figures:
    """A run in which only these comparisons were made; keys are "one/other" or "one:overfits"."""
    folder = tmp_path / "forecast"
    folder.mkdir()
    with open(folder / "pairs.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(PAIRS)
        for key, change in pairs.items():
            one, _, other = key.partition("/")
            if one.endswith(":overfits"):
                name = one.removesuffix(":overfits")
                writer.writerow([name, "last", name, "best", "test", *change, ""])
            else:
                for split in ("val", "test"):
                    best = "" if other == "naive" else "best"
                    writer.writerow([one, "best", other, best, split, *change, ""])
    with open(folder / "summary.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, SUMMARY)
        writer.writeheader()
        for (name, split, checkpoint), error in dict(errors).items():
            writer.writerow(
                {"variant": name, "split": split, "checkpoint": checkpoint, "mae_mean": error}
            )
    for name, losses in (histories or {}).items():
        training = folder / name / "seed0"
        training.mkdir(parents=True)
        lines = [f"{e},1,{loss},{seconds}" for e, (loss, seconds) in enumerate(losses, 1)]
        (training / "history.csv").write_text("\n".join(["epoch,loss,val_loss,seconds", *lines]))
    steps = {"conv1d_gru": "30 minutes", "conv1d_gru_longer.lookback-10-days": "1 hour"}
    return claims.Figures(tmp_path, settings(steps))


def settings(steps: dict[str, str]) -> dict:
    """A configuration that has these networks, with their steps."""
    plain = dict.fromkeys(("optimizer", "schedule", "lookback", "batch", "steps", "residual"))
    plain |= dict.fromkeys(("reversed", "shuffled", "calendar", "ensemble"), False)
    plain |= {"layers": [], "grid": {}, "title": "", "epochs": 1}
    shared = {"seeds": [0], "select": None, "max_epochs": None, "delay": "24 hours", "batch": 9}
    shared |= {"lookback": "10 days", "step": "1 hour", "steps": 1, "optimizer": {}}
    variants = {name: plain | {"step": step} for name, step in steps.items()}
    return {"forecast": shared | {"variants": variants}, "backend": "", "parts": ["forecast"]}


@pytest.mark.parametrize(
    ("measure", "pairs", "verdict"),
    [
        (claims.gru_is_better, {"gru/naive": LOW, "gru/mlp": LOW}, CONFIRMED),
        (claims.gru_is_better, {"gru/naive": LOW, "gru/mlp": HIGH}, REFUTED),
        (claims.gru_is_better, {"gru/naive": LOW, "gru/mlp": NONE}, UNDECIDED),
        (claims.gru_overfits, {"gru:overfits": HIGH}, CONFIRMED),
        (claims.gru_overfits, {"gru:overfits": LOW}, REFUTED),
        (claims.gru_overfits, {"gru:overfits": NONE}, UNDECIDED),
        (
            claims.stacking_overfits_more,
            {"stacked_gru:overfits": HIGH, "gru_dropout:overfits": LOW},
            CONFIRMED,
        ),
        (
            claims.stacking_overfits_more,
            {"stacked_gru:overfits": LOW, "gru_dropout:overfits": HIGH},
            REFUTED,
        ),
        (
            claims.stacking_overfits_more,
            {"stacked_gru:overfits": NONE, "gru_dropout:overfits": NONE},
            UNDECIDED,
        ),
        (claims.bidirectional_is_about_as_good, {"bidirectional_gru/gru": SLIGHT}, CONFIRMED),
        (claims.bidirectional_is_about_as_good, {"bidirectional_gru/gru": HIGH}, REFUTED),
        (claims.bidirectional_is_about_as_good, {"bidirectional_gru/gru": NONE}, UNDECIDED),
        (claims.the_skill_is_chronological, {"gru_reversed/gru": HIGH}, CONFIRMED),
        (claims.the_skill_is_chronological, {"gru_reversed/gru": LOW}, REFUTED),
        (claims.the_skill_is_chronological, {"gru_reversed/gru": NONE}, UNDECIDED),
        (claims.convnet_does_not_beat_naive, {"conv1d/naive": HIGH}, CONFIRMED),
        (claims.convnet_does_not_beat_naive, {"conv1d/naive": LOW}, REFUTED),
        (claims.convnet_does_not_beat_naive, {"conv1d/naive": NONE}, UNDECIDED),
        (claims.convnet_ignores_order, {"conv1d_shuffled/conv1d": SLIGHT}, CONFIRMED),
        (claims.convnet_ignores_order, {"conv1d_shuffled/conv1d": HIGH}, REFUTED),
        (claims.convnet_ignores_order, {"conv1d_shuffled/conv1d": NONE}, UNDECIDED),
    ],
)
def test_verdicts_from_intervals(tmp_path, measure, pairs, verdict):
    said, found = measure(figures(tmp_path, pairs))
    assert found == verdict
    size = next(iter(pairs.values()))[0]
    assert f"{abs(100 * size):.1f} % {'lower' if size < 0 else 'higher'}" in said


@pytest.mark.parametrize(
    ("error", "change", "verdict"),
    [(0.31, HIGH, CONFIRMED), (0.29, HIGH, REFUTED), (0.31, LOW, REFUTED), (0.31, NONE, UNDECIDED)],
)
def test_the_dense_network(tmp_path, error, change, verdict):
    run = figures(tmp_path, {"mlp/naive": change}, {("mlp", "val", "best"): error})
    said, found = claims.mlp_is_worse_than_naive(run)
    assert found == verdict
    assert f"{error:.4f}" in said


CALM, WILD = (
    [(0.27, 1)] * 4 + [(0.26, 1), (0.2601, 1)] * 2,
    [(0.27, 1)] * 4 + [(0.26, 1), (0.29, 1)] * 2,
)


@pytest.mark.parametrize(
    ("change", "dropout", "plain", "verdict"),
    [
        (SLIGHT, CALM, WILD, CONFIRMED),
        (SLIGHT, WILD, CALM, REFUTED),
        (LOW, CALM, WILD, REFUTED),
        (NONE, CALM, WILD, UNDECIDED),
        (SLIGHT, CALM[:2], WILD[:2], UNDECIDED),
    ],
)
def test_dropout(tmp_path, change, dropout, plain, verdict):
    histories = {"gru_dropout": dropout, "gru": plain}
    run = figures(tmp_path, {"gru_dropout/gru": change}, histories=histories)
    assert claims.dropout_is_stabler_and_not_much_better(run)[1] == verdict


@pytest.mark.parametrize(
    ("change", "seconds", "verdict"),
    [(HIGH, 10, CONFIRMED), (HIGH, 40, REFUTED), (LOW, 10, REFUTED), (NONE, 10, UNDECIDED)],
)
def test_convnet_and_gru(tmp_path, change, seconds, verdict):
    histories = {"gru_dropout": [(0.3, 30)] * 3, "conv1d_gru": [(0.3, seconds)] * 3}
    run = figures(tmp_path, {"conv1d_gru/gru_dropout": change}, histories=histories)
    assert claims.conv_gru_is_faster_and_not_as_good(run)[1] == verdict


TWICE = "conv1d_gru/conv1d_gru_longer.lookback-10-days"


@pytest.mark.parametrize(
    ("change", "verdict"),
    [(SLIGHT, CONFIRMED), (HIGH, CONFIRMED), (LOW, REFUTED), (NONE, UNDECIDED)],
)
def test_twice_as_much_data(tmp_path, change, verdict):
    said, found = claims.twice_as_much_data_does_not_help(figures(tmp_path, {TWICE: change}))
    assert found == verdict
    assert "every 30 minutes" in said


def test_a_best_epoch_that_is_the_last_says_nothing_of_overfitting(tmp_path):
    same = (0.0, 0.0, 0.0)
    run = figures(
        tmp_path,
        dict.fromkeys((f"{n}:overfits" for n in ("gru", "gru_dropout", "stacked_gru")), same),
    )
    for measure in (claims.gru_overfits, claims.stacking_overfits_more):
        said, verdict = measure(run)
        assert verdict == UNDECIDED
        assert "last epoch" in said


def test_remarks_whose_networks_did_not_run_are_named_as_such(tmp_path):
    figures(tmp_path, {"gru/naive": LOW, "gru/mlp": LOW})
    first, *others = table.claims(tmp_path, settings({"gru": "1 hour"}))
    assert (first["part"], first["slide"], first["verdict"]) == ("forecast", "RNN", CONFIRMED)
    assert len(others) == len(claims.CLAIMS) - 1
    assert {one["verdict"] for one in others} == {NOT_RUN}
    assert all(one["measured"].startswith("Needs ") for one in others)
