"""Which variables matter to a model: how much worse it is when patients exchange one of them.

Each test patient gets another's whole series of the variable, with its times and gaps, and the model
predicts again (Breiman 2001, "Random forests"; after Fisher, Rudin and Dominici 2019, "All models are
wrong, but many are useful"). Variables that tell the same, as both ways to measure a blood pressure, stand
in for each other, so that each of them alone seems to matter less.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from tqdm import tqdm

from reverie.diagnose import bins, boosting, episodes, inputs, measures, tasks
from reverie.diagnose.split import split
from reverie.tables import write_table

EXCHANGES = 3  # of each variable, whose drops are averaged
RESAMPLES = 200
COLUMNS = ["variable", "measure", "drop", "low", "high"]
# Probabilities of the test patients, (test, labels), after an exchange of a variable in an order.
Predict = Callable[[str | None, np.ndarray | None], np.ndarray]


def of_network(
    name: str,
    network: dict,
    seed: int,
    episodes_file: Path,
    task_file: Path,
    training: Path,
    file: Path,
) -> None:
    """Write the COLUMNS for a recurrent network, whose training is in the folder ``training``."""
    from reverie.diagnose import restoring

    found, task = episodes.load(episodes_file), tasks.load(task_file)
    model, values = restoring.restored(name, network, seed, found, task, training)
    test = split(len(found), seed)["test"]
    values = values[test]
    columns = columns_of(found, network["statics"], values.shape[-1])

    def predict(variable, order):
        exchanged = values
        if variable is not None:
            exchanged = values.copy()
            exchanged[..., columns[variable]] = values[order][..., columns[variable]]
        labels = len(task.names)
        return restoring.probabilities(model, network, exchanged, labels)[:, -1]

    write(name, predict, list(columns), task.truth[test], seed, file)


def columns_of(found: episodes.Episodes, statics: list[str], width: int) -> dict[str, np.ndarray]:
    """The inputs of an hour, of ``width`` ones, that come from each variable and static."""
    names = found.variables.tolist()
    known = {name: bins.statics(found, [name]).shape[1] for name in statics}
    series = width - sum(known.values())
    columns = {name: np.arange(place, series, len(names)) for place, name in enumerate(names)}
    for name, count in known.items():
        columns[name] = np.arange(series, series + count)
        series += count
    return columns


def of_trees(
    name: str, model: dict, seed: int, episodes_file: Path, task_file: Path, fit: Path, file: Path
) -> None:
    """Write the COLUMNS for the trees of a fit in the folder ``fit``."""
    found, task = episodes.load(episodes_file), tasks.load(task_file)
    test = split(len(found), seed)["test"]
    patients = found.only(test)
    with np.load(fit / "predictions.npz", allow_pickle=False) as saved:
        forests = boosting.from_arrays(saved, len(task.names))

    def predict(variable, order):
        exchanged = patients if variable is None else patients.exchanged(variable, order)
        values = inputs.of_features(exchanged, int(task.hours), model["statics"])
        return boosting.predict(forests, values)

    names = [*found.variables.tolist(), *model["statics"]]
    write(name, predict, names, task.truth[test], seed, file)


def write(
    title: str, predict: Predict, names: list[str], truth: np.ndarray, seed: int, file: Path
) -> None:
    """Write the drop in micro and macro AUC by an exchange of each of ``names``, with its interval.

    ``truth`` (test, labels). The interval is that of a bootstrap over the patients.
    """
    weights = measures.resampled(len(truth), RESAMPLES)
    weights = np.concatenate([np.ones((1, len(truth)), np.float32), weights])
    generator = np.random.default_rng([seed, 37])
    orders = [generator.permutation(len(truth)) for _ in range(EXCHANGES)]
    whole = aucs(truth, predict(None, None), weights)
    lines = []
    for name in tqdm(names, f"{title}: exchanges", unit="variable", disable=None):
        after = [aucs(truth, predict(name, order), weights) for order in orders]
        for measure, before in whole.items():
            drop = before - np.mean([found[measure] for found in after], axis=0)
            lines.append([name, measure, float(drop[0]), *measures.interval(drop[1:])])
    write_table(file, COLUMNS, lines)


def aucs(truth: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Micro and macro AUC in each resample, (resamples,) each."""
    return {
        "micro_auc": measures.micro_auc(truth, scores, weights),
        "macro_auc": measures.mean_of_known(measures.aucs(truth, scores, weights)),
    }
