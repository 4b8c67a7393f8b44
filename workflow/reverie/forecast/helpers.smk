# What the rules of the forecast need to know: names, sources, and functions of wildcards.
from reverie import estimates
from reverie.forecast import variants

lecture_first("forecast", "variants")
FORECAST = SETTINGS.forecast
NETWORKS = variants.networks(config)
VARIANTS = list(NETWORKS)
SERIES = sources("forecast", "series.path", FORECAST.series.path, FORECAST.series.asset)


def network_of(wildcards):
    return NETWORKS[wildcards.variant]


def forecaster_seconds(wildcards):
    return round(estimates.seconds(network_of(wildcards)))


def trainings(file):
    """Path of ``file`` in the folder of every training."""
    return expand(
        RUN / "forecast" / "{variant}" / "seed{seed}" / file,
        variant=VARIANTS,
        seed=FORECAST.seeds,
    )


def unit(wildcards):
    """A function, since Snakemake would take braces in a text for wildcards."""
    return FORECAST.series.unit
