# What the rules of the forecast need to know: names, sources, and functions of wildcards.
from reverie import estimates
from reverie.forecast import estimates as forecast_estimates
from reverie.forecast import variants

lecture_first("forecast", "variants")
FORECAST = SETTINGS.forecast
NETWORKS = variants.networks(config)
FITTED = variants.fitted(config)
BLENDS = variants.blends(config)
SEEDS = variants.seeds(config)
# The folder of every fit, since not all kinds have seeds.
FITS = {f"{name}/seed{seed}": (name, seed) for name in FITTED for seed in SEEDS[name]}
SERIES = sources("forecast", "series.path", FORECAST.series.path, FORECAST.series.asset)
# The seeds of one job that trains; of a job for each seed, the wildcard.
TRAINED_SEEDS = FORECAST.seeds if TOGETHER and len(FORECAST.seeds) > 1 else ["{seed}"]
CURVES = {}  # without networks there are none to draw
if NETWORKS:
    CURVES["curves"] = figure("forecast/plots/curves.svg", "curves", figure="training curves")


def network_of(wildcards):
    return NETWORKS[wildcards.variant]


def forecaster_seconds(wildcards):
    """Of all seeds, if they train together: each as long as alone, which is too long for a GPU."""
    return round(forecast_estimates.training_seconds(network_of(wildcards)) * len(TRAINED_SEEDS))


def settings_of(wildcards):
    return FITTED[FITS[wildcards.fit][0]]


def seed_of(wildcards):
    return FITS[wildcards.fit][1]


def fit_seconds(wildcards):
    return round(estimates.fit_seconds(settings_of(wildcards)))


def members_of(wildcards):
    """The seeds of every member of a blend; the naive forecast has none."""
    return {member: SEEDS.get(member, []) for member in BLENDS[wildcards.blend]}


def predictions_of_members(wildcards):
    return [
        RUN / "forecast" / member / f"seed{seed}" / f"predictions_{split}.npz"
        for member, seeds in members_of(wildcards).items()
        for seed in seeds
        for split in ("val", "test")
    ]


def of_training(folder, file):
    """Paths of ``file`` in the folders ``folder / "forecast" / variant`` of one job that trains."""
    return [folder / "forecast" / "{variant}" / file.format(seed=seed) for seed in TRAINED_SEEDS]


def trainings(file):
    """Path of ``file`` in the folder of every training."""
    return expand(
        RUN / "forecast" / "{variant}" / "seed{seed}" / file,
        variant=NETWORKS,
        seed=FORECAST.seeds,
    )


def fits(file):
    """Path of ``file`` in the folder of every fit and every blend."""
    folders = [*FITS, *(f"{blend}/seed0" for blend in BLENDS)]
    return expand(RUN / "forecast" / "{fit}" / file, fit=folders)


def unit(wildcards):
    """A function, since Snakemake would take braces in a text for wildcards."""
    return FORECAST.series.unit
