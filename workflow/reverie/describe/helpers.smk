# What the rules of the sentences for pictures need to know: names, sources, and functions of wildcards.
from reverie.describe import estimates as describe_estimates
from reverie.describe import files as describe_files
from reverie.describe import selection as describe_selection

lecture_first("describe", "models")
lecture_first("describe", "writers")
DESCRIBE = SETTINGS.describe
DESCRIBED = {
    "pictures": source("describe", "folder", DESCRIBE.folder, DESCRIBE.pictures, folders=True),
    "sentences": source("describe", "table", DESCRIBE.table, DESCRIBE.sentences),
}
DESCRIBE_NETWORK = describe_selection.network(config)
DESCRIBE_WEIGHTS = source("describe", "features", None, DESCRIBE_NETWORK["asset"])
ALIGNERS = describe_selection.networks(config, "models")
DESCRIBERS = describe_selection.networks(config, "writers")


def aligners(file):
    """Path of ``file`` in the folder of every training of an alignment model."""
    return expand(
        RUN / "describe" / "{model}" / "seed{seed}" / file, model=ALIGNERS, seed=DESCRIBE.seeds
    )


def describers(file):
    """Path of ``file`` in the folder of every training of a network that writes."""
    return expand(
        RUN / "describe" / "{writer}" / "seed{seed}" / file,
        writer=DESCRIBERS,
        seed=DESCRIBE.seeds,
    )


def aligner_of(wildcards):
    return ALIGNERS[wildcards.aligner]


def describer_of(wildcards):
    return DESCRIBERS[wildcards.describer]


def feature_seconds(wildcards):
    return round(describe_estimates.feature_seconds(config))


def aligner_seconds(wildcards):
    return round(describe_estimates.alignment_seconds(aligner_of(wildcards), config))


def describer_seconds(wildcards):
    return round(describe_estimates.writing_seconds(describer_of(wildcards), config))
