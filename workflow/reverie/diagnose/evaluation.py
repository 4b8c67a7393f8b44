"""How good the models of each task are, how sure that is, and how they differ.

Each seed draws a split of its own. Thresholds of F1, and which model of a kind is the best one, come from
its validation patients; everything else is measured on its test patients. The best model is chosen over
all seeds, so that validation patients of one who are test patients of another have no say in it. Intervals are those of a
bootstrap over patients, in which a patient has the same weight in the test parts of all seeds and for
all models. With several seeds they are at least as wide as Student's over the seeds, which covers other
splits and other trainings too; a bootstrap of three seeds would be too narrow (`reverie.bootstrap`). With
one seed they are about this one training and its thresholds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import numpy as np
from tqdm import tqdm

from reverie.bootstrap import half_width
from reverie.diagnose import measures, tasks
from reverie.diagnose.measures import MEASURES, Thresholds
from reverie.diagnose.split import SHARES, split
from reverie.tables import write_table

RESAMPLES = 1000
# Besides MEASURES: macro AUC among patients in whom a condition did not hold yet, or could be known
# later; and by how much the mean loss, in nats, is higher on test than on training patients.
INCIDENT, MEASURED, GAP = "incident_macro_auc", "measured_macro_auc", "loss_gap"
CHOSEN_BY = "choice_auc"  # micro AUC on the validation patients by whom models are chosen
COMBINED = {"mean": np.mean, "max": np.max}
TABLES = {
    "metrics": ["task", "model", "seed", "split", *MEASURES],
    "summary": ["task", "model", "split", "measure", "seeds", "parameters", "mean", "sd", "low", "high", "difference", "difference_low", "difference_high"],
    "pairs": ["task", "model", "against", "measure", "difference", "low", "high"],
    "labels": ["task", "model", "split", "label", "prevalent", "patients", "positives", "auc", "low", "high"],
    "gaps": ["task", "model", "seed", "measure", "train", "test", "gap"],
    "calibration": ["task", "model", "group", "predicted", "observed", "count"],
    "best": ["task", "kind", "model", CHOSEN_BY],
}  # fmt: skip


@dataclass
class Model:
    """A model's kind, and the folder of each seed's training or fit, with its `predictions.npz`."""

    kind: str
    trainings: dict[int, Path]


@dataclass
class Ensemble:
    """The `mean` or `max` of the probabilities of the best model of each of several ``kinds``."""

    combined: str
    kinds: list[str]


@dataclass
class Predictions:
    """What a model predicts with each seed: `probability` by seed, (episodes, labels)."""

    parameters: int
    probability: dict[int, np.ndarray]

    @classmethod
    def read(cls, model: Model):
        probability = {}
        for seed, training in model.trainings.items():
            with np.load(training / "predictions.npz", allow_pickle=False) as saved:
                probability[seed], parameters = saved["probability"], int(saved["parameters"])
        return cls(parameters, probability)

    @classmethod
    def of(cls, combined: str, members: list["Predictions"]):
        """Those of an ensemble."""
        return cls(
            sum(member.parameters for member in members),
            {
                seed: COMBINED[combined]([member.probability[seed] for member in members], axis=0)
                for seed in members[0].probability
            },
        )


@dataclass
class Judged:
    """A measure of every seed, (seeds,), and of resamples of its ``patients``, (seeds, resamples).

    Of a measure of two classes, ``patients`` are those of the smaller one.
    """

    seeds: np.ndarray
    samples: np.ndarray
    patients: int

    def __sub__(self, other: "Judged") -> "Judged":
        """The paired difference: of the same seeds, and in the same resamples."""
        return Judged(self.seeds - other.seeds, self.samples - other.samples, self.patients)

    def interval(self) -> tuple[float, float, float]:
        """The mean over seeds with its 95 % interval; not numbers where nothing is defined."""
        mean = measures.mean_of_known(self.seeds[None])[0]
        low, high = measures.interval(mean, measures.mean_of_known(self.samples.T), self.patients)
        half = half_width(self.seeds[~np.isnan(self.seeds)])
        if not np.isnan(half):
            low, high = min(low, mean - half), max(high, mean + half)
        return float(mean), float(low), float(high)

    def share(self) -> tuple[float, float, float]:
        """The same of a measure from 0 to 1, which Student's interval may leave."""
        mean, low, high = self.interval()
        return mean, float(np.maximum(low, 0)), float(np.minimum(high, 1))


def evaluate(
    task_files: dict[str, Path],
    models: dict[str, dict[str, Model]],
    ensembles: dict[str, Ensemble],
    reference: str,
    k: int,
    folder: Path,
) -> None:
    """Write the TABLES of all tasks into ``folder``.

    ``models`` are by task and name; those of a task have the same seeds. An ensemble stands in a task that
    has a model of each of its kinds. ``reference`` is a kind: `summary.csv` has the difference of each
    model to the best of this kind. Precision at ``k`` is left out of tasks with no more labels than that.
    """
    lines: dict[str, list] = {name: [] for name in TABLES}
    for task, file in task_files.items():
        for name, rows in evaluate_task(
            tasks.load(file), models[task], ensembles, reference, k, task
        ).items():
            lines[name] += [[task, *row] for row in rows]
    for name, columns in TABLES.items():
        write_table(folder / f"{name}.csv", columns, lines[name])


def evaluate_task(
    task: tasks.Task,
    models: dict[str, Model],
    ensembles: dict[str, Ensemble],
    reference: str,
    k: int,
    title: str,
) -> dict[str, list]:
    """The lines of the TABLES for one task, without its name."""
    lines: dict[str, list] = {name: [] for name in TABLES}
    predictions = {name: Predictions.read(model) for name, model in models.items()}
    seeds = list(next(iter(predictions.values())).probability)
    parts = {seed: split(len(task.truth), seed) for seed in seeds}
    choosing = by_whom_to_choose(task.truth, parts)

    def unweighted_of(predicted: Predictions) -> dict:
        return unweighted(task, predicted, parts, choosing, k)

    plain = {name: unweighted_of(predicted) for name, predicted in predictions.items()}
    best = best_of_kinds(models, plain)
    lines["best"] = [[kind, name, chosen_by(plain[name])] for kind, name in best.items()]
    for name, ensemble in ensembles.items():
        if set(ensemble.kinds) <= set(best):
            members = [predictions[best[kind]] for kind in ensemble.kinds]
            predictions[name] = Predictions.of(ensemble.combined, members)
            plain[name] = unweighted_of(predictions[name])
    weights = measures.resampled(len(task.truth), RESAMPLES)
    judged: dict[str, dict[str, Judged]] = {}
    for name, predicted in tqdm(predictions.items(), title, unit="model", disable=None):
        judged[name], labels = on_test(task, predicted, parts, k, weights)
        lines["labels"] += [[name, "test", *line] for line in labels]
        lines["calibration"] += [
            [name, *line] for line in calibration(task.truth, predicted, parts)
        ]
        for seed, by_part in plain[name].items():
            lines["metrics"] += [
                [name, seed, part, *(figures[measure] for measure in MEASURES)]
                for part, figures in by_part.items()
            ]
            lines["gaps"] += [[name, seed, *gap] for gap in gaps(by_part)]
    for name, predicted in predictions.items():
        lines["summary"] += [
            [name, *line]
            for line in summary(
                plain[name], judged[name], judged.get(best.get(reference)), predicted.parameters
            )
        ]
    for name, other in permutations(judged, 2):
        lines["pairs"] += [
            [name, other, measure, *(judged[name][measure] - judged[other][measure]).interval()]
            for measure in judged[name]
        ]
    return lines


def by_whom_to_choose(
    truth: np.ndarray, parts: dict[int, dict[str, np.ndarray]]
) -> dict[int, np.ndarray]:
    """The validation patients of each seed who are test patients of none.

    All of them where so few are left, as with many seeds, that all labels of these are alike.
    """
    tested = np.concatenate([part["test"] for part in parts.values()])
    chosen = {}
    for seed, part in parts.items():
        rows = np.setdiff1d(part["val"], tested)
        chosen[seed] = rows if 0 < truth[rows].sum() < truth[rows].size else part["val"]
    return chosen


def unweighted(
    task: tasks.Task,
    predicted: Predictions,
    parts: dict[int, dict[str, np.ndarray]],
    choosing: dict[int, np.ndarray],
    k: int,
) -> dict[int, dict[str, dict[str, float]]]:
    """MEASURES and the loss by seed and part of the split, and CHOSEN_BY in its validation part."""
    result = {}
    for seed, probability in predicted.probability.items():
        thresholds = thresholds_of(task, probability, parts[seed])
        losses = loss_of(task.truth, probability)
        result[seed] = {}
        for part, rows in parts[seed].items():
            values = measures.evaluate(task.truth[rows], probability[rows], thresholds, k)
            result[seed][part] = {name: float(values[name][0]) for name in MEASURES}
            result[seed][part]["loss"] = float(losses[rows].mean())
            if k >= len(task.names):
                result[seed][part]["precision_at_k"] = np.nan
        rows = choosing[seed]
        auc = measures.micro_auc(task.truth[rows], probability[rows])[0]
        result[seed]["val"][CHOSEN_BY] = float(auc)
    return result


def thresholds_of(
    task: tasks.Task, probability: np.ndarray, parts: dict[str, np.ndarray]
) -> Thresholds:
    """Those with the best F1 on the validation patients."""
    return Thresholds.of(task.truth[parts["val"]], probability[parts["val"]])


def loss_of(truth: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """The mean cross-entropy over the labels in nats, (episodes,)."""
    right = np.where(truth, probability, 1 - probability.astype(np.float64))
    return -np.log(np.maximum(right, 1e-7)).mean(axis=1)


def chosen_by(plain: dict[int, dict[str, dict[str, float]]]) -> float:
    """The measure by which models are chosen, as a mean over the seeds that define it."""
    values = np.array([[by_part["val"][CHOSEN_BY] for by_part in plain.values()]])
    return float(measures.mean_of_known(values)[0])


def best_of_kinds(models: dict[str, Model], plain: dict[str, dict]) -> dict[str, str]:
    """The best model of each kind by :func:`chosen_by`."""
    best: dict[str, str] = {}
    for name, model in models.items():
        if model.kind not in best or chosen_by(plain[name]) > chosen_by(plain[best[model.kind]]):
            best[model.kind] = name
    return best


def on_test(
    task: tasks.Task,
    predicted: Predictions,
    parts: dict[int, dict[str, np.ndarray]],
    k: int,
    weights: np.ndarray,
) -> tuple[dict[str, Judged], list[list]]:
    """Each measure on the test patients, and lines `label, prevalent, patients, positives, auc, low, high`.

    ``weights`` (resamples, episodes). `prevalent` says whether patients in whom the condition held
    already are `included`, `excluded` or the `only` ones; patients and positives are counted over all seeds.
    """
    # The first of the resamples is the patients themselves.
    weights = np.concatenate([np.ones((1, weights.shape[1]), np.float32), weights])
    groups = {"included": np.ones_like(task.truth)}
    if task.prevalent.any():
        groups |= {"excluded": ~task.prevalent, "only": task.prevalent}
    resamples: dict[str, list] = {}
    by_label: dict[str, list] = {name: [] for name in groups}
    for seed, probability in predicted.probability.items():
        rows, train = parts[seed]["test"], parts[seed]["train"]
        truth, scores, drawn = task.truth[rows], probability[rows], weights[:, rows]
        thresholds = thresholds_of(task, probability, parts[seed])
        values = measures.evaluate(truth, scores, thresholds, k, drawn)
        by_label["included"].append(values.pop("aucs"))
        for name, group in list(groups.items())[1:]:
            by_label[name].append(measures.aucs(truth, scores, drawn, group[rows]))
        if "excluded" in groups:
            values[INCIDENT] = measures.mean_of_known(by_label["excluded"][-1])
        if not task.known.all():
            among = measures.aucs(truth, scores, drawn, task.known[rows])
            values[MEASURED] = measures.mean_of_known(among)
        losses = loss_of(task.truth, probability)
        values[GAP] = weighted_mean(losses, rows, weights) - weighted_mean(losses, train, weights)
        if k >= len(task.names):
            del values["precision_at_k"]
        for measure, samples in values.items():
            resamples.setdefault(measure, []).append(samples)
    tested = [of_seed["test"] for of_seed in parts.values()]
    fewest = min(measures.fewer(task.truth[rows]) for rows in tested)
    patients = dict.fromkeys(resamples, fewest) | {GAP: min(map(len, tested))}
    judged = {
        measure: Judged(np.array(samples)[:, 0], np.array(samples)[:, 1:], patients[measure])
        for measure, samples in resamples.items()
    }
    lines = []
    for prevalent, samples in by_label.items():
        samples = np.array(samples)  # (seeds, resamples, labels)
        for label, name in enumerate(task.names.tolist()):
            among = [
                rows[groups[prevalent][rows, label]]
                for rows in (parts[seed]["test"] for seed in predicted.probability)
            ]
            truths = [task.truth[rows, label] for rows in among]
            positives = sum(int(truth.sum()) for truth in truths)
            fewest = min(measures.fewer(truth[:, None]) for truth in truths)
            auc = Judged(samples[:, 0, label], samples[:, 1:, label], fewest).share()
            lines.append([name, prevalent, sum(map(len, among)), positives, *auc])
    return judged, lines


def weighted_mean(values: np.ndarray, rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The mean of ``values``, (episodes,), over the episodes ``rows`` in each resample, (resamples,)."""
    parts = np.zeros((len(values), 2), np.float32)
    parts[rows] = np.stack([values[rows], np.ones(len(rows))], axis=1)
    sums = weights @ parts
    return sums[:, 0] / sums[:, 1]


def summary(
    plain: dict[int, dict[str, dict[str, float]]],
    judged: dict[str, Judged],
    reference: dict[str, Judged] | None,
    parameters: int,
) -> Iterator[list]:
    """Lines from `split` on: means over seeds, on test with intervals and differences to a reference."""
    unknown = [np.nan] * 3
    measured = {"train": MEASURES, "val": [*MEASURES, CHOSEN_BY], "test": judged}
    for part in SHARES:
        for measure in measured[part]:
            if part == "test":
                of_test = judged[measure]
                values = of_test.seeds
                interval = of_test.interval() if measure == GAP else of_test.share()
                against = (of_test - reference[measure]).interval() if reference else unknown
            else:
                values = np.array([by_part[part][measure] for by_part in plain.values()])
                mean = float(measures.mean_of_known(values[None])[0])
                interval, against = (mean, *unknown[1:]), unknown
            spread = float(values.std(ddof=1)) if len(values) > 1 else np.nan
            mean, low, high = interval
            yield [part, measure, len(values), parameters, mean, spread, low, high, *against]


def gaps(by_part: dict[str, dict[str, float]]) -> Iterator[list]:
    """`measure, train, test, gap` of one seed; the gap is above 0 where test patients are harder."""
    for measure, sign in (("loss", 1), ("micro_auc", -1), ("macro_auc", -1)):
        train, test = by_part["train"][measure], by_part["test"][measure]
        yield [measure, train, test, sign * (test - train)]


def calibration(
    truth: np.ndarray, predicted: Predictions, parts: dict[int, dict[str, np.ndarray]]
) -> Iterator[list]:
    """`group, predicted, observed, count` of groups of pairs of a test patient and a label."""
    rows = {seed: parts[seed]["test"] for seed in predicted.probability}
    scores = [predicted.probability[seed][chosen] for seed, chosen in rows.items()]
    holds = [truth[chosen] for chosen in rows.values()]
    groups = measures.calibration(np.concatenate(holds).ravel(), np.concatenate(scores).ravel())
    for number, group in enumerate(groups, 1):
        yield [number, group["predicted"], group["observed"], group["count"]]
