"""The section `diagnose` of the configuration, and its checks."""

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from reverie.config.fields import (
    Batch,
    Count,
    Name,
    NotNegative,
    OwnTable,
    Section,
    Seeds,
    Selection,
    Share,
    check_select,
    distinct,
    refuse,
    unknown_asset,
    whole_number,
)
from reverie.diagnose import models
from reverie.diagnose.kinds import ENSEMBLES, FITS, NETWORKS, TASKS

MOST_TRAININGS = 10_000
MOST_HOURS = 240  # an LSTM is unrolled, so that hours cost memory
# Settings that only some kinds of models have.
ONLY = {
    "reads": ("logistic", "trees", "mlp"),
    "indicators": ("lstm", "logistic", "mlp"),
    "units": NETWORKS,
    "dropout": NETWORKS,
    "decay": NETWORKS,
    "replication": ("lstm", "gru_d"),
    "gain": ("lstm", "gru_d"),
    "auxiliary": NETWORKS,
    "epochs": NETWORKS,
    "patience": NETWORKS,
    "batch": NETWORKS,
    "learning_rate": NETWORKS,
    "of": ENSEMBLES,
}


Task = Literal[TASKS]


def in_order(tasks: list[str]) -> list[str]:
    """The paper's task before the Challenge's, as the report describes them."""
    return sorted(tasks, key=TASKS.index)


class Set(Section):
    """One set of the Challenge's stays: two entries of `assets`."""

    records: str = Field(description="name of an entry of `assets`: the archive of records")
    outcomes: str = Field(description="name of an entry of `assets`: the table of outcomes")


class Model(Section):
    """A row of the table of results: how the labels are predicted."""

    title: str = Field(description="name in tables and figures")
    slide: str | None = Field(None, description="what the slide's table calls this row")
    kind: Literal[(*NETWORKS, *FITS, *ENSEMBLES)] = Field(
        description="`lstm`; `gru_d`, a GRU whose inputs and memory decay; `mlp`, a perceptron; `logistic` "
        "regression; `trees`, gradient-boosted; `base_rate`, the share of each label; `persistence`, its share among "
        "stays that had it on the first day, and among the others (of conditions only); `mean` and `max`, of the "
        "probabilities of the best model of several kinds"
    )
    reads: Literal["ends", "features"] | None = Field(
        None,
        description="inputs of `mlp`, `logistic`, `trees`: `ends`, the first and last six hours, or `features`, "
        "made by hand (the default); recurrent networks read every hour",
    )
    indicators: bool = Field(
        False, description="also read whether each variable was measured, hour by hour"
    )
    units: Annotated[list[whole_number(1, 4_096)], Field(min_length=1, max_length=10)] | None = (
        Field(None, description="units of each layer of a network")
    )
    dropout: float = Field(0, ge=0, lt=1, description="share of outputs dropped after each layer")
    decay: NotNegative = Field(0, description="weight decay: L2 penalty on the matrices")
    replication: Share | None = Field(
        None,
        description="target replication: the weight α of the mean loss over all hours; default: none",
    )
    gain: bool = Field(
        False, description="with target replication, weigh each hour by its number (linear gain)"
    )
    auxiliary: Literal["rarer", "categories"] | None = Field(
        None,
        description="further outputs in training: `rarer` conditions, or `categories` (type of unit, length of stay, "
        "SAPS, SOFA); a model with them does not stand among those of your own episodes",
    )
    epochs: Count | None = Field(
        None, description="training epochs at most; default: 24, of an `mlp` 150"
    )
    patience: Count | None = Field(
        None,
        description="training ends after so many epochs without a lower validation loss; default: 3, of an `mlp` 8",
    )
    batch: Batch | None = Field(
        None, description="episodes per training step; default: 64, of an `mlp` 128"
    )
    learning_rate: Annotated[float, Field(gt=0, le=1)] | None = Field(
        None, description="of Adam; default: 0.004, of an `mlp` 0.0003"
    )
    of: Annotated[
        list[Literal[(*NETWORKS, *FITS)]],
        Field(min_length=2),
        AfterValidator(distinct),
    ] = Field(["lstm", "mlp"], description="kinds of models of which `mean` or `max` is taken")
    tasks: Annotated[list[Task], Field(min_length=1), AfterValidator(distinct)] | None = Field(
        None, description="tasks in which the model stands; default: all"
    )

    @model_validator(mode="after")
    def fits_its_kind(self):
        refuse(
            (name, f"is no setting of the kind {self.kind}, only of {', '.join(kinds)}")
            for name, kinds in ONLY.items()
            if name in self.model_fields_set
            and self.kind not in kinds
            and getattr(self, name) != type(self).model_fields[name].get_default()
        )
        if self.kind in NETWORKS and not self.units:
            refuse([("units", "is missing; a network needs the units of each layer")])
        if self.gain and self.replication is None:
            refuse([("gain", "needs `replication`")])
        if self.indicators and self.kind != "lstm" and self.reads != "ends":
            refuse([("indicators", "are no use with features, which say what is not known")])
        if self.kind == "trees" and self.reads == "ends":
            refuse([("reads", "must be features for trees")])
        return self


class Diagnose(Section):
    """Conditions of patients in intensive care, predicted from irregular measurements."""

    sets: Annotated[list[Set], Field(max_length=100)] = Field(
        [], description="sets of the PhysioNet/CinC Challenge 2012"
    )
    table: OwnTable = Field(
        None,
        description="your own episodes, used instead of the sets: a table `episode,time,variable,value`",
    )
    labels: OwnTable = Field(
        None,
        description="your own labels: a table `episode` and a column of 0 and 1 for each label",
    )
    hours: whole_number(1, MOST_HOURS) = Field(
        48, description="hours of your own episodes, from their start, that models read"
    )
    tasks: Annotated[
        list[Task], Field(min_length=1), AfterValidator(distinct), AfterValidator(in_order)
    ] = Field(
        list(TASKS),
        description="what is predicted of the Challenge's stays: `conditions` of the second day, from the first; "
        "`death` in hospital, from both days",
    )
    statics: bool = Field(
        True, description="whether models also read age, sex, height and type of the unit"
    )
    seeds: Seeds = Field(
        [0, 1, 2],
        description="random seeds; each draws its own split, and trains or fits every model once",
    )
    k: Count = Field(5, description="precision is measured at the k most likely labels")
    max_epochs: Count | None = Field(
        None, description="upper limit on the epochs of every network (for quick runs)"
    )
    models: dict[Name, Model] = Field({}, description="rows of the table of results, by name")
    select: Selection | None = Field(None, description="names of the models to run; default: all")

    select_exists = check_select("models", "model")

    @field_validator("labels")
    @classmethod
    def both_or_none(cls, labels: str | None, info: ValidationInfo):
        if "table" in info.data and (labels is None) != (info.data["table"] is None):
            raise ValueError("`table` and `labels` belong together; name both, or none")
        return labels

    @model_validator(mode="after")
    def models_fit(self):
        if not self.models:
            return self
        if not self.sets and self.table is None:
            refuse([("sets", "name the Challenge's sets here, or your own `table` and `labels`")])
        settings = {"diagnose": self.model_dump()}
        trainings = 0
        for task in models.tasks(settings):
            names = models.of_task(settings, task)
            kinds = {model["kind"] for model in names.values()}
            trainings += len(names) * len(self.seeds)
            if not kinds - set(ENSEMBLES):
                refuse([("models", f"no model but ensembles stands in the task {task}")])
        if trainings > MOST_TRAININGS:
            raise ValueError(
                f"models and seeds make {trainings:,} trainings, and at most {MOST_TRAININGS:,} are allowed; "
                "leave some out"
            )
        return self

    def undefined(self, assets: dict, weights: dict):
        """Yield a mistake, (path, sentence), for each asset that `assets` does not define."""
        if self.table is None:
            for place, entry in enumerate(self.sets):
                yield from unknown_asset(entry.records, assets, f"sets.{place}.records")
                yield from unknown_asset(entry.outcomes, assets, f"sets.{place}.outcomes")
