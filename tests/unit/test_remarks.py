"""The lecture's remarks: each of the three verdicts from made-up figures."""

import csv

import pytest
from reverie.forecast.evaluation import PAIRS, SUMMARY
from reverie.report import remarks
from reverie.report.remarks import CONFIRMED, REFUTED, UNDECIDED

LOW, NONE, HIGH = (-0.10, -0.12, -0.08), (0.0, -0.05, 0.05), (0.10, 0.08, 0.12)
SLIGHT = (-0.005, -0.01, 0.001)


def figures(tmp_path, pairs: dict, errors=(), histories=None) -> remarks.Figures:
    """A run in which only these comparisons were made; keys are "one/other" or "one:overfits"."""
    with open(tmp_path / "pairs.csv", "w", newline="") as file:
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
    with open(tmp_path / "summary.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, SUMMARY)
        writer.writeheader()
        for (name, split, checkpoint), error in dict(errors).items():
            writer.writerow(
                {"variant": name, "split": split, "checkpoint": checkpoint, "mae_mean": error}
            )
    for name, losses in (histories or {}).items():
        folder = tmp_path / name / "seed0"
        folder.mkdir(parents=True)
        lines = [f"{e},1,{loss},{seconds}" for e, (loss, seconds) in enumerate(losses, 1)]
        (folder / "history.csv").write_text("\n".join(["epoch,loss,val_loss,seconds", *lines]))
    return remarks.Figures(tmp_path, [0])


@pytest.mark.parametrize(
    ("measure", "pairs", "verdict"),
    [
        (remarks.gru_is_better, {"gru/naive": LOW, "gru/mlp": LOW}, CONFIRMED),
        (remarks.gru_is_better, {"gru/naive": LOW, "gru/mlp": HIGH}, REFUTED),
        (remarks.gru_is_better, {"gru/naive": LOW, "gru/mlp": NONE}, UNDECIDED),
        (remarks.gru_overfits, {"gru:overfits": HIGH}, CONFIRMED),
        (remarks.gru_overfits, {"gru:overfits": LOW}, REFUTED),
        (remarks.gru_overfits, {"gru:overfits": NONE}, UNDECIDED),
        (
            remarks.stacking_overfits_more,
            {"stacked_gru:overfits": HIGH, "gru_dropout:overfits": LOW},
            CONFIRMED,
        ),
        (
            remarks.stacking_overfits_more,
            {"stacked_gru:overfits": LOW, "gru_dropout:overfits": HIGH},
            REFUTED,
        ),
        (
            remarks.stacking_overfits_more,
            {"stacked_gru:overfits": NONE, "gru_dropout:overfits": NONE},
            UNDECIDED,
        ),
        (remarks.bidirectional_is_about_as_good, {"bidirectional_gru/gru": SLIGHT}, CONFIRMED),
        (remarks.bidirectional_is_about_as_good, {"bidirectional_gru/gru": HIGH}, REFUTED),
        (remarks.bidirectional_is_about_as_good, {"bidirectional_gru/gru": NONE}, UNDECIDED),
        (remarks.the_skill_is_chronological, {"gru_reversed/gru": HIGH}, CONFIRMED),
        (remarks.the_skill_is_chronological, {"gru_reversed/gru": LOW}, REFUTED),
        (remarks.the_skill_is_chronological, {"gru_reversed/gru": NONE}, UNDECIDED),
        (remarks.convnet_does_not_beat_naive, {"conv1d/naive": HIGH}, CONFIRMED),
        (remarks.convnet_does_not_beat_naive, {"conv1d/naive": LOW}, REFUTED),
        (remarks.convnet_does_not_beat_naive, {"conv1d/naive": NONE}, UNDECIDED),
        (remarks.convnet_ignores_order, {"conv1d_shuffled/conv1d": SLIGHT}, CONFIRMED),
        (remarks.convnet_ignores_order, {"conv1d_shuffled/conv1d": HIGH}, REFUTED),
        (remarks.convnet_ignores_order, {"conv1d_shuffled/conv1d": NONE}, UNDECIDED),
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
    said, found = remarks.mlp_is_worse_than_naive(run)
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
    assert remarks.dropout_is_stabler_and_not_much_better(run)[1] == verdict


@pytest.mark.parametrize(
    ("change", "seconds", "verdict"),
    [(HIGH, 10, CONFIRMED), (HIGH, 40, REFUTED), (LOW, 10, REFUTED), (NONE, 10, UNDECIDED)],
)
def test_convnet_and_gru(tmp_path, change, seconds, verdict):
    histories = {"gru_dropout": [(0.3, 30)] * 3, "conv1d_gru": [(0.3, seconds)] * 3}
    run = figures(tmp_path, {"conv1d_gru/gru_dropout": change}, histories=histories)
    assert remarks.conv_gru_is_faster_and_not_as_good(run)[1] == verdict


def test_only_remarks_whose_networks_ran_are_listed(tmp_path):
    figures(tmp_path, {"gru/naive": LOW, "gru/mlp": LOW})
    (line,) = remarks.checked(tmp_path, [0])
    assert (line["slide"], line["verdict"]) == ("RNN", CONFIRMED)
