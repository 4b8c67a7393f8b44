"""What one network predicts hour by hour, as a stay goes on.

Target replication trains the network to predict at every hour from what was measured until then. A
network without it predicts at its last hour only.
"""

from pathlib import Path

import numpy as np

from reverie.diagnose import episodes, measures, restoring, tasks
from reverie.diagnose.split import split
from reverie.tables import write_table

PREDICTED = ["episode", "hour", "label", "probability", "already", "later"]
MEASURED = ["episode", "variable", "time", "value"]
BY_HOUR = ["hour", "micro_auc", "macro_auc"]


def predict(
    name: str,
    network: dict,
    seed: int,
    episodes_file: Path,
    task_file: Path,
    training: Path,
    count: int,
    folder: Path,
) -> None:
    """Write `hourly.csv`, `measured.csv` and `by_hour.csv` into ``folder``.

    ``network`` and ``seed`` are those of the training in the folder ``training``. `hourly.csv` has the
    predictions for ``count`` of its test patients, after each hour (from 1), with whether the condition
    held in the hours that are read (`already`) and holds afterwards (`later`); `measured.csv` has all
    that was measured of them, `time` in hours. `by_hour.csv` is about all test patients.
    """
    found, task = episodes.load(episodes_file), tasks.load(task_file)
    model, values = restoring.restored(name, network, seed, found, task, training)
    test = split(len(found), seed)["test"]
    labels = task.names.tolist()
    probability = restoring.probabilities(model, network, values[test], len(labels))
    hours = np.arange(int(task.hours) - probability.shape[1], int(task.hours)) + 1
    chosen = most_telling(task, test, count)
    write_table(
        folder / "hourly.csv",
        PREDICTED,
        [
            [
                found.ids[row], hour, label, float(probability[np.searchsorted(test, row), step, place]),
                int(task.prevalent[row, place]), int(task.truth[row, place]),
            ]
            for row in chosen
            for step, hour in enumerate(hours)
            for place, label in enumerate(labels)
        ],
    )  # fmt: skip
    write_table(folder / "measured.csv", MEASURED, measured(found, chosen))
    truth = task.truth[test]
    write_table(
        folder / "by_hour.csv",
        BY_HOUR,
        [
            [
                hour,
                float(measures.micro_auc(truth, probability[:, step])[0]),
                float(measures.mean_of_known(measures.aucs(truth, probability[:, step]))[0]),
            ]
            for step, hour in enumerate(hours)
        ],
    )


def most_telling(task: tasks.Task, rows: np.ndarray, count: int) -> np.ndarray:
    """The episodes, ``count`` of ``rows``, in which most conditions begin and as many go on.

    A condition begins if it holds after the hours that are read but not in them, and goes on if it
    holds in both. Predictions play no part in the choice.
    """
    truth, prevalent = task.truth[rows], task.prevalent[rows]
    begin, go_on = (truth & ~prevalent).sum(axis=1), (truth & prevalent).sum(axis=1)
    order = np.lexsort([rows, -(begin + go_on), -np.minimum(begin, go_on)])
    return rows[order[:count]]


def measured(found: episodes.Episodes, rows: np.ndarray) -> list[list]:
    """`episode, variable, time, value` of the episodes ``rows``, each by variable and time."""
    lines = []
    for row in rows:
        one = found.only(np.array([row]))
        names = np.repeat(one.variables, np.diff(one.bounds)).tolist()
        lines += [
            [found.ids[row], name, float(time), float(value)]
            for name, time, value in zip(names, one.time, one.value, strict=True)
        ]
    return lines
