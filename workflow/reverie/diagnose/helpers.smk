# What the rules of the diagnoses need to know: names, sources, and functions of wildcards.
from reverie.diagnose import estimates as diagnose_estimates
from reverie.diagnose import models

lecture_first("diagnose", "models")
DIAGNOSE = SETTINGS.diagnose
DIAGNOSE_TASKS = models.tasks(config)
# By folder, `<task>/<model>`, since not all models stand in all tasks.
TRAINED_DIAGNOSERS = models.trained(config)
FITTED_DIAGNOSERS = models.fitted(config)
if DIAGNOSE.table:
    EPISODES = [
        source("diagnose", "table", DIAGNOSE.table, None),
        source("diagnose", "labels", DIAGNOSE.labels, None),
    ]
else:
    EPISODES = [
        source("diagnose", "sets", None, asset)
        for entry in DIAGNOSE.sets
        for asset in (entry.records, entry.outcomes)
    ]

EXPLAINED = models.explained(config)
DIAGNOSE_CURVES = {}  # without networks there are none to draw
if TRAINED_DIAGNOSERS:
    DIAGNOSE_CURVES["curves"] = figure(
        "diagnose/plots/curves.svg", "diagnose_curves", figure="training curves"
    )


def trained_diagnosers(file):
    """Path of ``file`` in the folder of every training."""
    return expand(
        RUN / "diagnose" / "{model}" / "seed{seed}" / file,
        model=TRAINED_DIAGNOSERS,
        seed=DIAGNOSE.seeds,
    )


def diagnosers(file):
    """Path of ``file`` in the folder of every training and every fit."""
    return expand(
        RUN / "diagnose" / "{model}" / "seed{seed}" / file,
        model=[*TRAINED_DIAGNOSERS, *FITTED_DIAGNOSERS],
        seed=DIAGNOSE.seeds,
    )


def diagnoser_of(wildcards):
    return TRAINED_DIAGNOSERS[wildcards.diagnoser]


def fitted_diagnoser_of(wildcards):
    return FITTED_DIAGNOSERS[wildcards.fitted_diagnoser]


def task_of(wildcards):
    """The file of the task, the first folder of a training or fit."""
    folder = wildcards.get("diagnoser") or wildcards.fitted_diagnoser
    return RUN / "diagnose" / f"{folder.partition('/')[0]}.npz"


def diagnoser_seconds(wildcards):
    return round(
        diagnose_estimates.training_seconds(diagnoser_of(wildcards), wildcards.diagnoser, config)
    )


def fitted_diagnoser_seconds(wildcards):
    return round(
        diagnose_estimates.fit_seconds(
            fitted_diagnoser_of(wildcards), wildcards.fitted_diagnoser, config
        )
    )
