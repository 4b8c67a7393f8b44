"""What is predicted, and from which hours: the labels of each episode."""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from reverie.diagnose import conditions
from reverie.diagnose.episodes import DEATH, Episodes
from reverie.diagnose.variables import UNITS

FIRST_DAY, BOTH_DAYS = 24, 48
# Cut points of what is known of a stay afterwards, or was scored by its clinicians.
CATEGORIES = {"Length_of_stay": (5, 9, 16), "SAPS-I": (11, 15, 19), "SOFA": (4, 7, 10)}


@dataclass
class Task:
    """Labels by episode, predicted from the first `hours` hours.

    `names` (labels,); `truth`, `prevalent` (held in these hours already) and `known` (was measured
    afterwards), (episodes, labels) bool. Auxiliary labels, (episodes, …) float32 of 0, 1 and NaN for
    unknown, are rarer conditions, `rarer`, and `categories`, each with its names.
    """

    hours: np.ndarray
    names: np.ndarray
    truth: np.ndarray
    prevalent: np.ndarray
    known: np.ndarray
    rarer: np.ndarray
    rarer_names: np.ndarray
    categories: np.ndarray
    categories_names: np.ndarray

    def auxiliary(self, kind: str | None) -> np.ndarray:
        """The auxiliary labels `rarer` or `categories`, (episodes, labels); none for None."""
        return getattr(self, kind) if kind else np.empty((len(self.truth), 0), np.float32)

    def save(self, file: Path) -> None:
        np.savez_compressed(
            file, **{field.name: getattr(self, field.name) for field in fields(self)}
        )


def load(file: Path) -> Task:
    """The task that :meth:`Task.save` wrote."""
    with np.load(file, allow_pickle=False) as saved:
        return Task(**{field.name: saved[field.name] for field in fields(Task)})


def later_conditions(episodes: Episodes) -> Task:
    """The conditions of the second day, and death in hospital, from the first day."""
    main = conditions.labels(episodes, conditions.TARGETS)
    rarer = conditions.labels(episodes, conditions.AUXILIARY)
    death = episodes.outcome(DEATH).astype(bool)[:, None]
    categories, names = categories_of(episodes)
    return Task(
        hours=np.array(FIRST_DAY),
        names=np.array([*main.names, "death"]),
        truth=np.concatenate([main.holds, death], axis=1),
        prevalent=np.concatenate([main.prevalent, np.zeros_like(death)], axis=1),
        known=np.concatenate([main.known, np.ones_like(death)], axis=1),
        rarer=rarer.holds.astype(np.float32),
        rarer_names=np.array(rarer.names),
        categories=categories,
        categories_names=names,
    )


def outcomes(episodes: Episodes, names: list[str], hours: int = BOTH_DAYS) -> Task:
    """Outcomes of the episodes, from their first hours: the Challenge's death, or labels of one's own."""
    truth = np.stack([episodes.outcome(name) for name in names], axis=1).astype(bool)
    categories, category_names = categories_of(episodes)
    return Task(
        hours=np.array(hours),
        names=np.array(["death" if name == DEATH else name for name in names]),
        truth=truth,
        prevalent=np.zeros_like(truth),
        known=np.ones_like(truth),
        rarer=np.empty((len(episodes), 0), np.float32),
        rarer_names=np.array([], str),
        categories=categories,
        categories_names=category_names,
    )


def categories_of(episodes: Episodes) -> tuple[np.ndarray, np.ndarray]:
    """Type of the unit, length of stay and scores in steps, (episodes, labels) of 0, 1, NaN; names.

    Own episodes have none.
    """
    columns = {}
    if "ICUType" in episodes.static_names:
        unit = episodes.statics[:, episodes.static_names.tolist().index("ICUType")]
        for number, title in UNITS.items():
            columns[title] = np.where(np.isnan(unit), np.nan, unit == number)
    for name, cuts in CATEGORIES.items():
        if name in episodes.outcome_names:
            value = episodes.outcome(name)
            for cut in cuts:
                columns[f"{name} from {cut}"] = np.where(np.isnan(value), np.nan, value >= cut)
    if not columns:
        return np.empty((len(episodes), 0), np.float32), np.array([], str)
    return np.stack([*columns.values()], axis=1).astype(np.float32), np.array([*columns])
