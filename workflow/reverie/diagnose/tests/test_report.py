"""The report's part on the diagnoses: verdicts, what an unfinished run shows, and the page."""

import json

import pytest
from reverie.diagnose.report import claims, partial, published, record, section
from reverie.diagnose.results import Results
from reverie.histories import write_history
from reverie.report.verdicts import CONFIRMED, REFUTED, UNDECIDED, Change
from reverie.tables import read_table, write_table

BETTER, WORSE, UNCLEAR = (Change(size, size - 0.01, size + 0.01) for size in (0.02, -0.02, 0.005))


def figures(measure, changes, chosen_by=None, settings=None, learning=()):
    titles = {name: name.upper() for pair in changes for name in pair}
    differences = {(measure, *pair): change for pair, change in changes.items()}
    return claims.Figures(
        differences, {}, chosen_by or {}, titles, settings or {}, frozenset(learning)
    )


@pytest.mark.parametrize(
    ("change", "verdict"), [(BETTER, CONFIRMED), (WORSE, REFUTED), (UNCLEAR, UNDECIDED)]
)
def test_target_replication(change, verdict):
    """A quick look has one of the two pairs."""
    results = figures(claims.AUC, {("lstm_tr", "lstm"): change})
    sentence, drawn_verdict = claims.target_replication_helps(results)
    assert drawn_verdict == verdict
    assert sentence.startswith("LSTM_TR: micro AUC 0.0")
    assert sentence.endswith("than that of LSTM.")


@pytest.mark.parametrize("learning", ["lstm_tr", "lstm"])
def test_of_a_network_that_was_still_learning_nothing_follows(learning):
    """Of the other pair it does."""
    changes = {("lstm_tr", "lstm"): BETTER, ("lstm_do_tr", "lstm_do"): BETTER}
    results = figures(claims.AUC, changes, learning=[learning])
    sentence, verdict = claims.target_replication_helps(results)
    assert verdict == UNDECIDED
    assert sentence.endswith(f"{learning.upper()}: still learning in its last epochs.")
    changes["lstm_do_tr", "lstm_do"] = WORSE
    assert (
        claims.target_replication_helps(figures(claims.AUC, changes, learning=[learning]))[1]
        == REFUTED
    )


def test_a_network_is_still_learning_if_its_last_epochs_made_a_seed_better_by_much(tmp_path):
    def settings(epochs):
        chosen = {"epochs": epochs, "reads": None, "units": [4], "kind": "lstm", "tasks": None}
        rest = ("indicators", "dropout", "decay", "replication", "gain", "auxiliary")
        unset = dict.fromkeys([*rest, "patience", "batch", "learning_rate"])
        diagnose = {"table": None, "tasks": ["conditions"], "models": {"small": chosen | unset}}
        diagnose |= {"select": None, "statics": False, "max_epochs": None, "seeds": [0, 1]}
        return {"diagnose": diagnose, "backend": "tensorflow"}

    def trained(seed, losses):
        training = tmp_path / "conditions" / "small" / f"seed{seed}"
        training.mkdir(parents=True, exist_ok=True)
        lines = [
            {"epoch": epoch, "loss": 1.0, "val_loss": loss, "seconds": 1.0}
            for epoch, loss in enumerate(losses, 1)
        ]
        write_history(training, lines)

    trained(0, [3, 2, 1.97])
    trained(1, [3, 2, 2])
    assert claims.still_learning(tmp_path, "conditions", settings(3)) == {"small"}
    assert not claims.still_learning(tmp_path, "death", settings(3))
    assert not claims.still_learning(tmp_path, "conditions", settings(4))  # ended by itself
    for losses in ([3, 1, 2], [3, 2, 1.99]):
        trained(0, losses)
        assert not claims.still_learning(tmp_path, "conditions", settings(3))
    for seed in (0, 1):
        trained(seed, [10, 9, 8, 7, 6, 5.5, 5.2, 5.0, 4.99, 4.98])
    assert not claims.still_learning(tmp_path, "conditions", settings(10))
    for seed in (0, 1):
        trained(seed, [3])
    assert claims.still_learning(tmp_path, "conditions", settings(1))  # nothing to compare with


def test_widths_are_named_where_they_differ():
    """On the slide the networks with dropout are wider, so that a gap is not dropout's alone."""
    units = {"lstm": [64, 64], "lstm_do": [128, 128], "lstm_tr": [64, 64], "lstm_do_tr": [64, 64]}
    settings = {name: {"kind": "lstm", "units": widths} for name, widths in units.items()}
    changes = {("lstm_do", "lstm"): WORSE, ("lstm_do_tr", "lstm_tr"): WORSE}
    sentence, _ = claims.dropout_narrows_the_gap(figures(claims.GAP, changes, settings=settings))
    first, second = sentence.split(". ")
    assert first.startswith("LSTM_DO (128 + 128 units): loss at the best epoch, ")
    assert first.endswith("than that of LSTM (64 + 64 units)")
    assert "units" not in second


def test_a_gap_is_narrower_if_the_difference_is_below_nothing():
    pairs = [("lstm_do", "lstm"), ("lstm_do_tr", "lstm_tr")]
    for changes, verdict in (
        ((WORSE, WORSE), CONFIRMED),
        ((WORSE, BETTER), REFUTED),
        ((WORSE, UNCLEAR), UNDECIDED),
    ):
        results = figures(claims.GAP, dict(zip(pairs, changes, strict=True)))
        assert claims.dropout_narrows_the_gap(results)[1] == verdict


def test_the_ensemble_is_held_against_the_best_other_model_of_the_slide():
    """Both chosen on validation: the maximum, and the regression; trees are better, and not the slide's."""
    chosen_by = {"lstm_mlp_mean": 0.8, "lstm_mlp_max": 0.9, "lstm": 0.7, "lr_features": 0.75}
    chosen_by["trees"] = 0.95
    settings = {
        name: {"slide": None if name == "trees" else name, "of": ["lstm", "trees"]}
        for name in chosen_by
    }
    pairs = {("lstm_mlp_max", "lr_features"): BETTER, ("lstm_mlp_max", "trees"): WORSE}
    results = figures(claims.AUC, pairs, chosen_by, settings)
    assert claims.ensemble_is_best(results)[1] == CONFIRMED
    results.best |= {"lstm": "lstm", "trees": "trees"}  # a member is an opponent, whosever it is
    assert claims.ensemble_is_best(results)[1] == REFUTED
    del chosen_by["lstm_mlp_mean"], chosen_by["lstm_mlp_max"]
    with pytest.raises(KeyError):
        claims.ensemble_is_best(figures(claims.AUC, {}, chosen_by, settings))


def test_the_best_lstm_is_one_of_the_slide():
    chosen_by = {"lstm": 0.7, "lstm_tr": 0.8, "lstm_indicators": 0.9, "mlp_features": 0.95}
    settings = {
        name: {"slide": name, "kind": name.split("_")[0], "units": [8]} for name in chosen_by
    }
    settings["lstm_indicators"]["slide"] = None
    pairs = {("lstm_indicators", "mlp_features"): BETTER, ("lstm_tr", "mlp_features"): UNCLEAR}
    assert claims.lstm_beats_mlp(figures(claims.AUC, pairs, chosen_by, settings))[1] == UNDECIDED


def test_as_many_models_as_possible_are_compared_then_seeds():
    done = {("a", 0), ("b", 0), ("c", 0), ("a", 1), ("b", 1)}
    folders = ["a", "b", "c"]
    assert partial.comparable(folders, [0, 1], done) == ([0], ["a", "b", "c"])
    assert partial.comparable(folders, [0, 1], done - {("c", 0)}) == ([0, 1], ["a", "b"])
    assert partial.comparable(folders, [0, 1, 2], set())[1] == []


def test_the_best_model_is_chosen_on_validation(whole_run):
    folder = whole_run / "diagnose"
    lines = read_table(folder / "summary.csv")
    names = {line["model"]: line["model"] for line in lines}
    aucs = {
        line["model"]: float(line["mean"])
        for line in lines
        if (line["split"], line["measure"]) == ("val", "choice_auc")
    }
    results = Results(folder, names)
    assert aucs[results.chosen("conditions")] == max(aucs.values())
    assert results.models("conditions") == list(names)
    assert "micro_auc" in results.columns("conditions")


def test_the_record_holds_each_measure_against_the_papers(whole_run):
    config = json.loads((whole_run / "provenance.json").read_text())["config"]["diagnose"]
    folder = whole_run / "diagnose"
    means = {
        (line["model"], line["measure"]): float(line["mean"])
        for line in read_table(folder / "summary.csv")
        if (line["task"], line["split"]) == ("conditions", "test")
    }
    titles = {name: name for name, _ in means}
    table = record.table(Results(folder, titles), "conditions", config)
    assert table["columns"] == ["micro AUC", "macro AUC", "micro F1", "macro F1"]
    measures = ("micro_auc", "macro_auc", "micro_f1", "macro_f1")
    for row in table["rows"]:
        paper = published.TABLE[config["models"][row["title"]]["slide"]]
        for measure, of_paper, (here, beside) in zip(measures, paper, row["cells"], strict=False):
            assert here.startswith(f"{means[row['title'], measure]:.3f}")
            assert beside == f"{of_paper:.3f}"


def test_the_page_names_the_members_of_ensembles_and_counts_no_trees(whole_run):
    config = json.loads((whole_run / "provenance.json").read_text())["config"]["diagnose"]
    folder = whole_run / "diagnose"
    titles = {name: name for name in config["models"]}
    best = {line["kind"]: line["model"] for line in read_table(folder / "best.csv")}
    results = Results(folder, titles)
    table = section.table(results, "conditions", config)
    assert table["combined"] == [("LSTM", best["lstm"]), ("MLP", best["mlp"])]
    parameters = {row["title"]: row["parameters"] for row in table["rows"]}
    assert (parameters["lstm"], parameters["lstm_mlp_mean"]) == (99, 198)
    kinds = {"trees": {"kind": "trees", "of": []}, "both": {"kind": "mean", "of": ["trees", "mlp"]}}
    assert all(section.weights(results, "conditions", name, kinds) is None for name in kinds)


def test_the_record_counts_pairs_in_the_papers_order(tmp_path):
    """In the paper the mean is better than LSTM-TR, and that than the LSTM; here the LSTM is the best."""
    aucs = {"lstm": 0.9, "lstm_tr": 0.7, "lstm_mlp_mean": 0.8, "ours": 0.95}
    slides = ("LSTM", "LSTM-TR", "Mean of LSTM-DO-TR & MLP", None)
    config = {
        "table": None,
        "models": {name: {"slide": slide} for name, slide in zip(aucs, slides, strict=True)},
    }
    figures = ["seeds", "parameters", "mean", "sd", "low", "high"]
    figures += ["difference", "difference_low", "difference_high"]
    write_table(
        tmp_path / "summary.csv",
        ["task", "model", "split", "measure", *figures],
        [
            ["conditions", name, "test", "micro_auc", 1, 1, auc, *[""] * 6]
            for name, auc in aucs.items()
        ],
    )
    write_table(tmp_path / "best.csv", ["task", "kind", "model", "choice_auc"], [])
    (tmp_path / "episodes.json").write_text("{}")
    write_table(
        tmp_path / "pairs.csv",
        ["task", "model", "against", "measure", "difference", "low", "high"],
        [
            ["conditions", "lstm_tr", "lstm", "micro_auc", -0.2, -0.3, -0.1],
            ["conditions", "lstm_mlp_mean", "lstm", "micro_auc", -0.1, -0.3, 0.1],
            ["conditions", "lstm_mlp_mean", "lstm", "macro_auc", -0.1, -0.2, -0.1],
            ["conditions", "lstm_mlp_mean", "lstm_tr", "micro_auc", 0.1, 0.05, 0.2],
        ],
    )
    results = Results(tmp_path, {name: name for name in aucs})
    assert record.order(results, config) == (
        "Of the 3 pairs of models that the paper orders by micro AUC, 1 has the same order here; "
        "1 has the other, by the 95 % interval of each difference alone."
    )
    assert record.order(results, config | {"table": "own.csv"}) == ""
