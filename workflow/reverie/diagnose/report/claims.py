"""What the paper says of its networks, measured on test episodes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from reverie.diagnose import kinds, models
from reverie.diagnose.results import CHOSEN_BY, Results
from reverie.histories import read_history
from reverie.report.verdicts import (
    NO_INTERVAL,
    UNDECIDED,
    Change,
    both,
    higher,
    lower,
    was_learning,
)
from reverie.report.words import number
from reverie.tables import read_table

METHOD, OVERFITTING, RESULTS, DISCUSSION = (
    "Method (improve performance)",
    "Overfitting",
    "Results",
    "Discussion",
)
AUC, GAP = "micro_auc", "loss_gap"
EXPERT = "mlp_features"
ENSEMBLES = ("lstm_mlp_mean", "lstm_mlp_max")


def own(settings: dict) -> bool:
    """Whether the run has episodes of the user's own."""
    return bool(settings["diagnose"]["table"])


@dataclass
class Figures:
    """Differences of two models in a measure, by their names; the best model of each kind, and the
    measure of each model by which the best one is chosen, both on validation episodes; the models'
    settings, and which of them were still learning when their epochs were over."""

    differences: dict[tuple[str, str, str], Change]
    best: dict[str, str]
    chosen_by: dict[str, float]
    titles: dict[str, str]
    settings: dict[str, dict] = field(default_factory=dict)
    learning: frozenset[str] = frozenset()

    @classmethod
    def read(cls, folder: Path, settings: dict):
        """Of the first task, which is the paper's: several labels for each episode."""
        folder, task = folder / "diagnose", models.tasks(settings)[0]
        results = Results(folder, models.shown(settings)["titles"])
        best, of_task = results.kinds[task], models.of_task(settings, task)
        learning = still_learning(folder, task, settings)
        learning |= {
            name
            for name, model in of_task.items()
            if model["kind"] in kinds.ENSEMBLES
            and any(best.get(kind) in learning for kind in model["of"])
        }
        return cls(
            {
                (line["measure"], line["model"], line["against"]): Change(
                    *(float(line[key] or "nan") for key in ("difference", "low", "high"))
                )
                for line in read_table(folder / "pairs.csv")
                if line["task"] == task
            },
            best,
            {
                name: results.mean(task, name, CHOSEN_BY, "val") or 0
                for name in results.models(task)
            },
            results.titles,
            of_task,
            learning,
        )

    def of(self, measure: str, *pairs: tuple[str, str]) -> dict[tuple[str, str], Change]:
        """The differences of those pairs that the run has; KeyError if it has none of them."""
        there = {
            pair: self.differences[measure, *pair]
            for pair in pairs
            if (measure, *pair) in self.differences
        }
        if not there:
            raise KeyError(pairs)
        return there

    def verdict(
        self, rule: Callable[[Change], str], differences: dict[tuple[str, str], Change]
    ) -> str:
        """Whether the rule holds of all pairs; undecided of one that had not learned all that it could."""
        return both(
            *(
                UNDECIDED if self.learning & set(pair) else rule(change)
                for pair, change in differences.items()
            )
        )

    def named(self, model: str, beside: str) -> str:
        """The title, with the units of each layer where those of the other model of its kind are others."""
        own, other = (self.settings.get(name, {}) for name in (model, beside))
        if own.get("kind") != other.get("kind") or own.get("units") == other.get("units"):
            return self.titles[model]
        return f"{self.titles[model]} ({' + '.join(map(str, own['units']))} units)"


def still_learning(folder: Path, task: str, settings: dict) -> frozenset[str]:
    """The task's networks that the last fifth of their epochs made better by much, with any seed."""
    return frozenset(
        name.partition("/")[2]
        for name, network in models.trained(settings).items()
        if name.startswith(f"{task}/")
        and any(
            was_learning(read_history(folder / name / f"seed{seed}"), network["epochs"])
            for seed in settings["diagnose"]["seeds"]
        )
    )


def by(change: Change, digits: int = 3) -> str:
    """ "0.012 higher (95 % interval 0.004 to 0.020)"."""
    size = f"{number(abs(change.size), digits)} {'lower' if change.size < 0 else 'higher'}"
    if change.low != change.low:
        return f"{size} {NO_INTERVAL}"
    low, high = number(change.low, digits), number(change.high, digits)
    return f"{size} (95 % interval {low} to {high})"


def described(figures: Figures, what: str, differences: dict[tuple[str, str], Change]) -> str:
    """A sentence for each difference, and one for each network that was still learning."""
    sentences = [
        f"{figures.named(model, against)}: {what} {by(change)} than that of "
        f"{figures.named(against, model)}."
        for (model, against), change in differences.items()
    ]
    compared = dict.fromkeys(name for pair in differences for name in pair)
    sentences += [
        f"{figures.titles[name]}: still learning in its last epochs."
        for name in compared
        if name in figures.learning
    ]
    return " ".join(sentences)


def has_the_higher_auc(figures: Figures, *pairs: tuple[str, str]) -> tuple[str, str]:
    """Whether the first of each pair has the higher micro AUC."""
    differences = figures.of(AUC, *pairs)
    return described(figures, "micro AUC", differences), figures.verdict(higher, differences)


def has_the_narrower_gap(figures: Figures, *pairs: tuple[str, str]) -> tuple[str, str]:
    """Whether the loss of the first of each pair differs less between training and test."""
    differences = figures.of(GAP, *pairs)
    what = "loss at the best epoch, in nats, on test less that on training episodes,"
    return described(figures, what, differences), figures.verdict(lower, differences)


def target_replication_helps(figures: Figures) -> tuple[str, str]:
    return has_the_higher_auc(figures, ("lstm_tr", "lstm"), ("lstm_do_tr", "lstm_do"))


def dropout_narrows_the_gap(figures: Figures) -> tuple[str, str]:
    return has_the_narrower_gap(figures, ("lstm_do", "lstm"), ("lstm_do_tr", "lstm_tr"))


def auxiliary_outputs_narrow_the_gap(figures: Figures) -> tuple[str, str]:
    return has_the_narrower_gap(figures, ("lstm_ao_rarer", "lstm"), ("lstm_ao_categories", "lstm"))


def weight_decay_narrows_the_gap(figures: Figures) -> tuple[str, str]:
    return has_the_narrower_gap(figures, ("lstm_do_tr_decay", "lstm_do_tr"))


def indicators_help(figures: Figures) -> tuple[str, str]:
    return has_the_higher_auc(figures, ("lstm_do_tr_indicators", "lstm_do_tr"))


def lstm_beats_mlp(figures: Figures) -> tuple[str, str]:
    """The slide's best LSTM by validation, so that what we added to one has no part in it."""
    lstms = [
        name
        for name in figures.chosen_by
        if figures.settings[name]["kind"] == "lstm" and figures.settings[name]["slide"]
    ]
    if not lstms:
        raise KeyError("lstm")
    return has_the_higher_auc(figures, (max(lstms, key=figures.chosen_by.__getitem__), EXPERT))


def ensemble_is_best(figures: Figures) -> tuple[str, str]:
    """The better ensemble against the best of its members and the slide's other models, by validation."""
    ensembles = [name for name in ENSEMBLES if name in figures.chosen_by]
    members = {
        figures.best.get(kind) for name in ensembles for kind in figures.settings[name]["of"]
    }
    others = [
        name
        for name in figures.chosen_by
        if name not in ENSEMBLES and (name in members or figures.settings[name]["slide"])
    ]
    if not ensembles or not others:
        raise KeyError(ENSEMBLES)
    best = [max(names, key=figures.chosen_by.__getitem__) for names in (ensembles, others)]
    return has_the_higher_auc(figures, tuple(best))


CLAIMS = [
    (METHOD, "Target replication improves the predictions", target_replication_helps, "an LSTM with and without target replication"),
    (OVERFITTING, "Dropout narrows the gap between training and test", dropout_narrows_the_gap, "an LSTM with and without dropout"),
    (OVERFITTING, "Auxiliary outputs narrow the gap between training and test", auxiliary_outputs_narrow_the_gap, "an LSTM with and without auxiliary outputs"),
    (OVERFITTING, "Weight decay narrows the gap between training and test", weight_decay_narrows_the_gap, "an LSTM with weak and with stronger weight decay"),
    (RESULTS, "The best LSTM outperforms the MLP with hand-engineered features", lstm_beats_mlp, "an LSTM and the MLP with features made by hand"),
    (RESULTS, "An ensemble of the best LSTM and the best MLP beats every other model of the table", ensemble_is_best, "an LSTM, an MLP and their mean or maximum"),
    (DISCUSSION, "Indicators of missing values help", indicators_help, "an LSTM with and without indicators"),
]  # fmt: skip
