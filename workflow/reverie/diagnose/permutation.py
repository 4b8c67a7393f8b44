"""Which variables matter to a network: how much worse it is when patients exchange one of them.

Each test patient gets another's whole series of the variable, with its times and gaps, and the network
predicts again (Breiman 2001, "Random forests"; after Fisher, Rudin and Dominici 2019, "All models are
wrong, but many are useful"). Variables that tell the same, as both ways to measure a blood pressure, stand
in for each other, so that each of them alone seems to matter less.
"""

from pathlib import Path

import numpy as np
from tqdm import tqdm

from reverie.diagnose import bins, episodes, measures, restoring, tasks
from reverie.diagnose.split import split
from reverie.tables import write_table

EXCHANGES = 3  # of each variable, whose drops are averaged
RESAMPLES = 200
COLUMNS = ["variable", "measure", "drop", "low", "high"]


def write(
    name: str,
    network: dict,
    seed: int,
    episodes_file: Path,
    task_file: Path,
    training: Path,
    file: Path,
) -> None:
    """Write the drop in micro and macro AUC by an exchange of each variable and static: COLUMNS.

    ``training`` is the folder of a recurrent network's training. The interval is that of a bootstrap
    over the test patients.
    """
    cohort, task = episodes.load(episodes_file), tasks.load(task_file)
    model, values = restoring.restored(name, network, seed, cohort, task, training)
    test = split(len(cohort), seed)["test"]
    values, truth = values[test], task.truth[test]
    weights = measures.resampled(len(test), RESAMPLES)
    weights = np.concatenate([np.ones((1, len(test)), np.float32), weights])

    def scored(values):
        """AUCs by the whole test part, as often as ``values`` has it in a row."""
        scores = restoring.probabilities(model, network, values, len(task.names))[:, -1]
        return [aucs(truth, part, weights) for part in np.split(scores, len(values) // len(test))]

    generator = np.random.default_rng([seed, 37])
    orders = [generator.permutation(len(test)) for _ in range(EXCHANGES)]
    (whole,) = scored(values)
    columns = columns_of(cohort, network["statics"], values.shape[-1])
    lines = []
    for variable in tqdm(columns, f"{name}: exchanges", unit="variable", disable=None):
        # All at once, since each prediction has costs of its own.
        after = scored(np.concatenate([exchanged(values, columns[variable], o) for o in orders]))
        for measure, before in whole.items():
            drop = before - np.mean([scores[measure] for scores in after], axis=0)
            ends = measures.interval(drop[0], drop[1:], measures.fewer(truth))
            lines.append([variable, measure, float(drop[0]), *ends])
    write_table(file, COLUMNS, lines)


def exchanged(values: np.ndarray, columns: np.ndarray, order: np.ndarray) -> np.ndarray:
    """The inputs (patients, hours, inputs) with ``columns`` of the patients in another ``order``."""
    exchanged = values.copy()
    exchanged[..., columns] = values[order][..., columns]
    return exchanged


def columns_of(cohort: episodes.Episodes, statics: list[str], width: int) -> dict[str, np.ndarray]:
    """The inputs of an hour, of ``width`` ones, that come from each variable and static."""
    names = cohort.variables.tolist()
    known = {name: bins.statics(cohort, [name]).shape[1] for name in statics}
    series = width - sum(known.values())
    columns = {name: np.arange(place, series, len(names)) for place, name in enumerate(names)}
    for name, count in known.items():
        columns[name] = np.arange(series, series + count)
        series += count
    return columns


def aucs(truth: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Micro and macro AUC in each resample, (resamples,) each."""
    return {
        "micro_auc": measures.micro_auc(truth, scores, weights),
        "macro_auc": measures.mean_of_known(measures.aucs(truth, scores, weights)),
    }
