"""The tables of an evaluation, from predictions of which the truth is known; honest intervals."""

import numpy as np
import pytest
from reverie.diagnose import evaluation, measures, tasks
from reverie.diagnose.evaluation import Ensemble, Model
from reverie.diagnose.split import split
from reverie.tables import read_table
from scipy import stats

EPISODES, LABELS, SEEDS = 600, 3, (0, 1)
RUNS = 300  # of a simulation, in which none of two models is better
PATIENTS, RESAMPLES, SIGNAL, LUCK = 120, 200, 1.2, 0.35


def saved_task(file, generator, labels=LABELS):
    truth = generator.random((EPISODES, labels)) < 0.3
    known = truth | (np.random.default_rng(1).random(truth.shape) < 0.7)
    prevalent = generator.random(truth.shape) < np.where(truth, 0.5, 0.2)
    prevalent[:, -1] = False
    none = np.empty((EPISODES, 0), np.float32)
    task = tasks.Task(
        np.array(24), np.array([f"label {number}" for number in range(labels)]), truth, prevalent,
        known, none, np.array([], str), none, np.array([], str),
    )  # fmt: skip
    task.save(file)
    return task


def saved_model(folder, truth, kind, strength, generator, tuned=0.0):
    """A model whose scores hold so much truth, and on its training episodes more."""
    trainings = {}
    for seed in SEEDS:
        extra = np.zeros((EPISODES, 1))
        extra[split(EPISODES, seed)["train"]] = tuned
        logits = (strength + extra) * (truth - 0.5) + generator.normal(0, 1, truth.shape) - 1
        trainings[seed] = folder / f"seed{seed}"
        trainings[seed].mkdir(parents=True)
        np.savez(
            trainings[seed] / "predictions.npz",
            probability=(1 / (1 + np.exp(-logits))).astype(np.float32),
            parameters=np.array(10),
        )
    return Model(kind, trainings)


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    """The tables by name, the task and a function that reads probabilities."""
    folder = tmp_path_factory.mktemp("evaluated")
    generator = np.random.default_rng(0)
    main = saved_task(folder / "conditions.npz", generator)
    single = saved_task(folder / "death.npz", generator, 1)
    models = {
        "weak": saved_model(folder / "weak", main.truth, "lstm", 0.5, generator),
        "strong": saved_model(folder / "strong", main.truth, "lstm", 2.0, generator, tuned=2.0),
        "mlp": saved_model(folder / "mlp", main.truth, "mlp", 1.0, generator),
    }
    alone = {"mlp": saved_model(folder / "alone", single.truth, "mlp", 1.0, generator)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluation, "RESAMPLES", 100)
        evaluation.evaluate(
            {"conditions": folder / "conditions.npz", "death": folder / "death.npz"},
            {"conditions": models, "death": alone},
            {"both": Ensemble("mean", ["lstm", "mlp"]), "most": Ensemble("max", ["lstm", "mlp"])},
            "mlp", 2, folder,
        )  # fmt: skip
    tables = {name: read_table(folder / f"{name}.csv") for name in evaluation.TABLES}

    def probability(model, seed):
        with np.load(models[model].trainings[seed] / "predictions.npz") as arrays:
            return arrays["probability"]

    return tables, main, probability


def only(lines, **cells):
    (line,) = [
        line for line in lines if all(line[name] == str(cell) for name, cell in cells.items())
    ]
    return line


def test_the_columns_of_the_tables(evaluated):
    tables, _, _ = evaluated
    for name, columns in evaluation.TABLES.items():
        assert list(tables[name][0]) == columns


def test_metrics_are_those_of_each_part_with_thresholds_from_validation(evaluated):
    tables, task, probability = evaluated
    scores, parts = probability("strong", 1), split(EPISODES, 1)
    thresholds = measures.Thresholds.of(task.truth[parts["val"]], scores[parts["val"]])
    for part, rows in parts.items():
        expected = measures.evaluate(task.truth[rows], scores[rows], thresholds, 2)
        line = only(tables["metrics"], task="conditions", model="strong", seed=1, split=part)
        for measure in measures.MEASURES:
            assert float(line[measure]) == pytest.approx(expected[measure][0], abs=1e-6)


def test_an_ensemble_combines_the_best_of_each_kind(evaluated):
    tables, task, probability = evaluated
    assert only(tables["best"], task="conditions", kind="lstm")["model"] == "strong"
    both = np.stack([probability("strong", 0), probability("mlp", 0)])
    rows = split(EPISODES, 0)["test"]
    for name, scores in (("both", both.mean(axis=0)), ("most", both.max(axis=0))):
        line = only(tables["metrics"], task="conditions", model=name, seed=0, split="test")
        expected = measures.micro_auc(task.truth[rows], scores[rows])[0]
        assert float(line["micro_auc"]) == pytest.approx(expected, abs=1e-6)
    assert (
        only(tables["summary"], task="conditions", model="both", split="val", measure="micro_f1")[
            "parameters"
        ]
        == "20"
    )
    assert {line["model"] for line in tables["metrics"] if line["task"] == "death"} == {"mlp"}


def test_patients_on_whom_models_are_judged_have_no_say_in_the_choice(tmp_path, monkeypatch):
    """Here they alone speak for one model, and the few other validation patients for the other."""
    parts = {
        seed: {name: np.arange(*ends) for name, ends in part.items()}
        for seed, part in {
            0: {"train": (0, 380), "val": (380, 500), "test": (500, 600)},
            1: {"train": (0, 380), "val": (480, 600), "test": (400, 480)},
        }.items()
    }
    monkeypatch.setattr(evaluation, "split", lambda _, seed: parts[seed])
    generator = np.random.default_rng(0)
    task = saved_task(tmp_path / "task.npz", generator)
    tested = np.arange(EPISODES) >= 400
    tested[480:500] = False
    models = {}
    for name in ("flatterer", "honest"):
        good = tested == (name == "flatterer")
        strength = np.where(good, 4.0, 0.5)[:, None]
        models[name] = saved_model(tmp_path / name, task.truth, "lstm", strength, generator)
    choosing = evaluation.by_whom_to_choose(task.truth, parts)
    assert choosing[0].tolist() == [*range(380, 400), *range(480, 500)]
    assert choosing[1].tolist() == [*range(480, 500)]
    lines = evaluation.evaluate_task(task, models, {}, "mlp", 2, "task")
    assert [line[:2] for line in lines["best"]] == [["lstm", "honest"]]
    aucs = {tuple(line[:3]): line[3] for line in lines["metrics"]}
    for part in ("val", "test"):
        assert all(aucs["flatterer", seed, part] > aucs["honest", seed, part] for seed in SEEDS)


def test_with_many_seeds_all_validation_patients_choose():
    """Else nobody would be left who is a test patient of none."""
    parts = {seed: split(50, seed) for seed in range(60)}
    truth = np.random.default_rng(0).random((50, 3)) < 0.5
    for seed, rows in evaluation.by_whom_to_choose(truth, parts).items():
        assert np.array_equal(rows, parts[seed]["val"])


def test_a_summary_is_the_mean_over_seeds_with_an_interval_on_test(evaluated):
    tables, _, _ = evaluated
    for part in ("train", "val", "test"):
        values = [
            float(only(tables["metrics"], task="conditions", model="weak", seed=s, split=part)["macro_auc"])
            for s in SEEDS
        ]  # fmt: skip
        line = only(
            tables["summary"], task="conditions", model="weak", split=part, measure="macro_auc"
        )
        assert float(line["mean"]) == pytest.approx(np.mean(values), abs=1e-6)
        assert float(line["sd"]) == pytest.approx(np.std(values, ddof=1), abs=1e-6)
        if part == "test":
            assert float(line["low"]) < float(line["mean"]) < float(line["high"])
            assert float(line["difference"]) < 0
        else:
            assert line["low"] == line["difference"] == ""


def test_pairs_are_differences_both_ways(evaluated):
    tables, _, _ = evaluated
    lines = {
        (line["model"], line["against"], line["measure"]): [
            float(line[key]) for key in ("difference", "low", "high")
        ]
        for line in tables["pairs"]
        if line["task"] == "conditions"
    }
    for (model, other, measure), (size, low, high) in lines.items():
        assert [size, low, high] == pytest.approx(
            [-lines[other, model, measure][place] for place in (0, 2, 1)], abs=1e-5
        )
    assert lines["strong", "weak", "macro_auc"][1] > 0
    against = only(
        tables["summary"], task="conditions", model="weak", split="test", measure="micro_auc"
    )
    assert float(against["difference"]) == pytest.approx(lines["weak", "mlp", "micro_auc"][0])


def test_the_gap_is_that_of_a_model_that_knows_its_training_patients(evaluated):
    tables, _, _ = evaluated
    for measure, sign in (("loss", 1), ("micro_auc", -1), ("macro_auc", -1)):
        line = only(tables["gaps"], task="conditions", model="strong", seed=0, measure=measure)
        train, test, gap = (float(line[name]) for name in ("train", "test", "gap"))
        assert gap == pytest.approx(sign * (test - train), abs=2e-6)
        assert gap > 0.03
    pair = only(
        tables["pairs"], task="conditions", model="strong", against="weak", measure="loss_gap"
    )
    assert float(pair["low"]) > 0


def test_labels_are_judged_with_and_without_those_who_have_them_already(evaluated):
    tables, task, probability = evaluated
    rows = {seed: split(EPISODES, seed)["test"] for seed in SEEDS}
    for prevalent in ("included", "excluded", "only"):
        line = only(
            tables["labels"], task="conditions", model="mlp", label="label 1", prevalent=prevalent
        )
        aucs, positives = [], 0
        for seed, chosen in rows.items():
            if prevalent != "included":
                chosen = chosen[task.prevalent[chosen, 1] == (prevalent == "only")]
            truth = task.truth[chosen, 1]
            positives += truth.sum()
            aucs.append(measures.auc(truth, probability("mlp", seed)[chosen, 1])[0])
        assert int(line["positives"]) == positives
        assert float(line["auc"]) == pytest.approx(np.mean(aucs), abs=1e-6)
        assert float(line["low"]) < np.mean(aucs) < float(line["high"])


def test_macro_auc_among_those_in_whom_a_label_could_be_known(evaluated):
    tables, task, probability = evaluated
    expected = []
    for seed in SEEDS:
        rows = split(EPISODES, seed)["test"]
        aucs = []
        for label in range(LABELS):
            known = rows[task.known[rows, label]]
            truth, scores = task.truth[known, label], probability("mlp", seed)[known, label]
            aucs.append(measures.auc(truth, scores)[0])
        expected.append(np.mean(aucs))
    of_mlp = {"task": "conditions", "model": "mlp", "split": "test"}
    line = only(tables["summary"], **of_mlp, measure="measured_macro_auc")
    assert float(line["mean"]) == pytest.approx(np.mean(expected), abs=1e-6)


def test_a_label_that_nobody_has_is_no_number():
    alone = evaluation.Judged(np.array([np.nan, 0.75]), np.full((2, 50), np.nan), 1200)
    assert np.isnan(
        evaluation.Judged(np.full(1, np.nan), np.full((1, 50), np.nan), 1200).interval()
    ).all()
    assert alone.interval()[0] == 0.75


def differences(runs: int, seeds: int, better: float = 0.0) -> list[evaluation.Judged]:
    """Differences of the AUC of two models in so many runs; the first has ``better`` more signal.

    Both scores are the same signal with noise of their own. With several seeds each training is also
    lucky or not; with one seed the interval is about that one training.
    """
    generator = np.random.default_rng([runs, seeds])
    results = []
    for _ in range(runs):
        weights = measures.resampled(PATIENTS, RESAMPLES, int(generator.integers(1 << 30)))
        weights = np.concatenate([np.ones((1, PATIENTS), np.float32), weights])
        values = []
        for _ in range(seeds):
            truth = generator.random(PATIENTS) < 0.3
            signal = truth + generator.normal(0, 0.7, PATIENTS)
            aucs = []
            for extra in (better, 0.0):
                strength = SIGNAL + extra + (generator.normal(0, LUCK) if seeds > 1 else 0)
                scores = strength * signal + generator.normal(0, 1, PATIENTS)
                aucs.append(measures.auc(truth, scores, weights))
            values.append(aucs[0] - aucs[1])
        values = np.array(values)
        results.append(evaluation.Judged(values[:, 0], values[:, 1:], PATIENTS))
    return results


@pytest.mark.parametrize("seeds", [1, 3])
def test_models_that_are_equally_good_differ_in_one_run_of_twenty(seeds):
    intervals = [pair.interval() for pair in differences(RUNS, seeds)]
    differ = sum(low > 0 or high < 0 for _, low, high in intervals)
    assert differ <= stats.binom.ppf(0.999, RUNS, 0.05)
    if seeds == 1:  # with several, Student's interval makes it fewer
        assert differ >= stats.binom.ppf(0.001, RUNS, 0.05)
        better = [pair.interval() for pair in differences(50, seeds, better=3.0)]
        assert sum(low > 0 for _, low, _ in better) > 15
        assert not any(high < 0 for _, _, high in better)


@pytest.mark.parametrize("positives", [2, 5])
def test_few_positives_seldom_tell_equal_models_apart(positives):
    """Stretched for all 30 patients, 2 would do so in one run of five."""
    truth = np.arange(30) < positives
    generator = np.random.default_rng(positives)
    apart = 0
    for _ in range(200):
        weights = measures.resampled(30, 400, int(generator.integers(1 << 30)))
        weights = np.concatenate([np.ones((1, 30), np.float32), weights])
        signal = truth + generator.normal(0, 0.7, 30)
        first, second = (
            measures.auc(truth, signal + generator.normal(0, 1, 30), weights) for _ in range(2)
        )
        differences = (first - second)[None]
        judged = evaluation.Judged(
            differences[:, 0], differences[:, 1:], measures.fewer(truth[:, None])
        )
        _, low, high = judged.interval()
        apart += low > 0 or high < 0
    assert apart <= stats.binom.ppf(0.999, 200, 0.05)


def test_a_single_positive_has_no_interval():
    lucky = evaluation.Judged(np.ones(1), np.ones((1, 50)), 1)
    mean, low, high = lucky.share()
    assert mean == 1 and np.isnan([low, high]).all()


def test_the_fewer_of_those_who_have_a_label_and_those_who_lack_one():
    truth = np.array([[True, False], [False, False], [True, True], [False, False]])
    assert measures.fewer(truth) == 2
    assert measures.fewer(truth[:, :1]) == 2
    assert measures.fewer(truth[:, 1:]) == 1


def test_a_seed_without_a_positive_has_no_say_in_the_choice():
    def plain(*aucs):
        return {seed: {"val": {evaluation.CHOSEN_BY: auc}} for seed, auc in enumerate(aucs)}

    models = {name: evaluation.Model("mlp", {}) for name in ("first", "second")}
    aucs = {"first": plain(np.nan, 0.6), "second": plain(np.nan, 0.7)}
    assert evaluation.best_of_kinds(models, aucs) == {"mlp": "second"}


@pytest.mark.parametrize("patients", [6, 12])
def test_few_patients_tell_equal_models_apart_in_one_run_of_twenty(patients):
    """The plain percentiles of 6 would do so in one of seven."""
    weights = measures.resampled(patients, RESAMPLES)
    generator = np.random.default_rng(patients)
    apart = 0
    for _ in range(1000):
        difference = generator.normal(size=patients)
        samples = (weights @ difference / weights.sum(axis=1))[None]
        mean = difference.mean(keepdims=True)
        _, low, high = evaluation.Judged(mean, samples, patients).interval()
        apart += low > 0 or high < 0
    assert apart / 1000 == pytest.approx(0.05, abs=0.025)


def test_three_seeds_that_differ_have_a_wider_interval_than_a_bootstrap_gives():
    alike, apart = np.full(3, 0.1), np.array([0.0, 0.1, 0.2])
    samples = np.random.default_rng(0).normal(0.1, 0.01, (3, 500))
    _, low, high = evaluation.Judged(alike, samples, 1200).interval()
    assert 0.08 < low < high < 0.12
    unknown = np.append(apart, np.nan), np.append(samples, samples[:1], axis=0)
    assert (
        evaluation.Judged(*unknown, 1200).interval()
        == evaluation.Judged(apart, samples, 1200).interval()
    )
    _, low, high = evaluation.Judged(apart, samples, 1200).interval()
    assert (low, high) == pytest.approx(
        (0.1 - 4.303 * 0.1 / 3**0.5, 0.1 + 4.303 * 0.1 / 3**0.5), abs=1e-4
    )


def test_the_interval_of_a_share_stays_within_0_and_1():
    apart = evaluation.Judged(np.array([0.9, 0.99]), np.full((2, 50), 0.95), 1200)
    assert apart.interval()[2] > 1 and apart.share()[2] == 1
    mirrored = evaluation.Judged(1 - apart.seeds, 1 - apart.samples, 1200)
    assert mirrored.interval()[1] < 0 and mirrored.share()[1] == 0
    unknown = evaluation.Judged(np.full(1, np.nan), np.full((1, 50), np.nan), 1200)
    assert np.isnan(unknown.share()).all()
