"""The tables that the evaluation wrote, as charts and the report read them."""

import json
from pathlib import Path

from reverie.diagnose.kinds import OWN
from reverie.tables import read_table

TASKS = {
    "conditions": "Conditions of the second day",
    "death": "Death in hospital",
    OWN: "Your labels",
}
MEASURES = {
    "micro_auc": "micro AUC",
    "macro_auc": "macro AUC",
    "incident_macro_auc": "macro AUC, new conditions",
    "measured_macro_auc": "macro AUC, measured",
    "micro_f1": "micro F1",
    "macro_f1": "macro F1",
    "precision_at_k": "precision at {k}",
}
CHOSEN_BY = "choice_auc"  # micro AUC on validation episodes that are test episodes with no seed
FIGURES = ["seeds", "parameters", "mean", "sd", "low", "high"]
FIGURES += ["difference", "difference_low", "difference_high"]


def number(text: str) -> float | None:
    return float(text) if text else None


class Results:
    """The tables in ``folder``; ``titles`` are those of the models by name, in the order of the report."""

    def __init__(self, folder: Path, titles: dict[str, str]):
        self.folder, self.titles = folder, titles
        self.facts = json.loads((folder / "episodes.json").read_text())
        self.summary = {
            (line["task"], line["model"], line["split"], line["measure"]): {
                name: number(line[name]) for name in FIGURES
            }
            for line in read_table(folder / "summary.csv")
        }
        self.kinds: dict[str, dict[str, str]] = {}  # the best model of each kind, by task
        for line in read_table(folder / "best.csv"):
            self.kinds.setdefault(line["task"], {})[line["kind"]] = line["model"]

    def label(self, name: str) -> str:
        """A condition in words; a label of the user's as it is."""
        return self.facts["labels"][name]["title"]

    def tasks(self) -> list[str]:
        return list(dict.fromkeys(task for task, *_ in self.summary))

    def models(self, task: str) -> list[str]:
        """The models of a task in the order of the report."""
        there = {model for of_task, model, *_ in self.summary if of_task == task}
        return [name for name in self.titles if name in there]

    def mean(self, task: str, model: str, measure: str, split: str = "test") -> float | None:
        """A measure's mean over seeds; None where it is not defined."""
        return self.summary.get((task, model, split, measure), {}).get("mean")

    def on_test(self, task: str, model: str, measure: str) -> dict[str, float | None]:
        """The FIGURES of a measure on test episodes; None each where it is not defined."""
        return self.summary.get((task, model, "test", measure)) or dict.fromkeys(FIGURES)

    def chosen(self, task: str) -> str:
        """The model with the highest CHOSEN_BY."""
        return max(self.models(task), key=lambda name: self.mean(task, name, CHOSEN_BY, "val") or 0)

    def columns(self, task: str) -> list[str]:
        """The measures that this task has on test episodes, which excludes precision at more labels than there are.

        Of one label, what is averaged over labels is all the same.
        """
        measured = {
            measure
            for of_task, _, split, measure in self.summary
            if (of_task, split) == (task, "test")
        }
        labels = {
            line["label"] for line in read_table(self.folder / "labels.csv") if line["task"] == task
        }
        shown = MEASURES if len(labels) > 1 else ("micro_auc", "micro_f1")
        return [name for name in shown if name in measured]
