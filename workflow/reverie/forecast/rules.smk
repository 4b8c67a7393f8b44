# The temperature forecast: series, networks, errors.


include: "helpers.smk"


wildcard_constraints:
    variant=any_of(NETWORKS),
    fit=any_of(FITS),
    blend=any_of(BLENDS),


rule forecast:
    """The errors of every forecaster and of the naive forecasts."""
    input:
        RUN / "forecast" / "metrics.csv",
        RUN / "forecast" / "summary.csv",


rule prepare_series:
    """Read, check and normalise the series."""
    input:
        SERIES,
    output:
        series=RUN / "forecast" / "series.npz",
        facts=RUN / "forecast" / "series.json",
    log:
        LOGS / "forecast" / "series.log",
    benchmark:
        BENCHMARKS / "forecast" / "series.tsv"
    conda:
        "../../../envs/cpu.yaml"
    params:
        settings=FORECAST.series.model_dump(),
        split=FORECAST.split.model_dump(),
        # Those of single variants are checked by their own jobs, so that a new variant retrains no other.
        spans=variants.default_spans(config),
        batch=FORECAST.batch,
        code=code_of("reverie/forecast/scripts/prepare_series.py"),
    script:
        "scripts/prepare_series.py"


rule plot_series:
    """Draw the temperature over all years and over the first ten days, as on the slides."""
    input:
        series=rules.prepare_series.output.series,
    output:
        years=figure("forecast/plots/years.svg", "years", figure="all years"),
        days=figure("forecast/plots/days.svg", "days", figure="first ten days"),
    log:
        LOGS / "forecast" / "plot_series.log",
    benchmark:
        BENCHMARKS / "forecast" / "plot_series.tsv"
    conda:
        "../../../envs/cpu.yaml"
    params:
        unit=unit,
        code=code_of("reverie/forecast/scripts/plot_series.py"),
    script:
        "scripts/plot_series.py"


rule check_model:
    """Build a network and take a step, so that what only Keras can refuse shows before training."""
    input:
        series=rules.prepare_series.output.series,
    output:
        model=RUN / "forecast" / "{variant}" / "model.json",
    log:
        LOGS / "forecast" / "{variant}" / "model.log",
    benchmark:
        BENCHMARKS / "forecast" / "{variant}" / "model.tsv"
    priority: 1_000_000
    conda:
        NETWORK_ENVIRONMENT
    params:
        network=network_of,
        # The training's code: a change of the check alone must not retrain the network.
        code=code_of("reverie/forecast/scripts/train_forecaster.py"),
    script:
        "scripts/check_model.py"


rule train_forecaster:
    """Train one network with one seed, or with all seeds together."""
    input:
        series=rules.prepare_series.output.series,
        checked=rules.check_model.output.model,
    output:
        history=of_training(RUN, "seed{seed}/history.csv"),
        best=of_training(RUN, "seed{seed}/best.weights.h5"),
        last=of_training(RUN, "seed{seed}/last.weights.h5"),
        val=of_training(RUN, "seed{seed}/predictions_val.npz"),
        test=of_training(RUN, "seed{seed}/predictions_test.npz"),
    log:
        of_training(LOGS, "seed{seed}.log"),
    benchmark:
        of_training(BENCHMARKS, "seed{seed}.tsv")[0]
    priority: forecaster_seconds  # the longest starts first
    conda:
        TRAINING_ENVIRONMENT
    resources:
        gpu=GPU,
        estimated_seconds=forecaster_seconds,
        mem_mb=1250 + 250 * len(TRAINED_SEEDS),
    params:
        network=network_of,
        checkpoints=RUN / "checkpoints",
        code=code_of("reverie/forecast/scripts/train_forecaster.py"),
    script:
        "scripts/train_forecaster.py"


rule fit_forecaster:
    """Fit a forecaster that is not a network."""
    input:
        series=rules.prepare_series.output.series,
    output:
        val=RUN / "forecast" / "{fit}" / "predictions_val.npz",
        test=RUN / "forecast" / "{fit}" / "predictions_test.npz",
        fitted=RUN / "forecast" / "{fit}" / "fitted.npz",
        about=RUN / "forecast" / "{fit}" / "fitted.json",
    log:
        LOGS / "forecast" / "{fit}.log",
    benchmark:
        BENCHMARKS / "forecast" / "{fit}.tsv"
    priority: fit_seconds
    conda:
        "../../../envs/cpu.yaml"
    resources:
        estimated_seconds=fit_seconds,
        mem_mb=3000,
    params:
        settings=settings_of,
        seed=seed_of,
        code=code_of("reverie/forecast/scripts/fit_forecaster.py"),
    script:
        "scripts/fit_forecaster.py"


rule blend_forecasts:
    """Weigh the forecasts of several forecasters by their errors on the validation part."""
    input:
        predictions_of_members,
        series=rules.prepare_series.output.series,
    output:
        val=RUN / "forecast" / "{blend}" / "seed0" / "predictions_val.npz",
        test=RUN / "forecast" / "{blend}" / "seed0" / "predictions_test.npz",
        about=RUN / "forecast" / "{blend}" / "seed0" / "fitted.json",
    log:
        LOGS / "forecast" / "{blend}" / "blend.log",
    benchmark:
        BENCHMARKS / "forecast" / "{blend}" / "blend.tsv"
    conda:
        "../../../envs/cpu.yaml"
    params:
        members=members_of,
        lookback=FORECAST.lookback,
        step=FORECAST.step,
        delay=FORECAST.delay,
        code=code_of("reverie/forecast/scripts/blend_forecasts.py"),
    script:
        "scripts/blend_forecasts.py"


rule evaluate_forecasts:
    """Compute the errors of all forecasters and of the naive forecasts, and how often their intervals hold."""
    input:
        # Without names, since Snakemake hashes a named list again for each file in it.
        trainings("history.csv"),
        trainings("predictions_val.npz"),
        trainings("predictions_test.npz"),
        fits("predictions_val.npz"),
        fits("predictions_test.npz"),
        fits("fitted.json"),
        series=rules.prepare_series.output.series,
        models=expand(rules.check_model.output.model, variant=NETWORKS),
    output:
        metrics=RUN / "forecast" / "metrics.csv",
        summary=RUN / "forecast" / "summary.csv",
        conditions=RUN / "forecast" / "conditions.csv",
        pairs=RUN / "forecast" / "pairs.csv",
        coverage=RUN / "forecast" / "coverage.csv",
    log:
        LOGS / "forecast" / "metrics.log",
    benchmark:
        BENCHMARKS / "forecast" / "metrics.tsv"
    conda:
        "../../../envs/cpu.yaml"
    params:
        seeds=SEEDS,
        kinds=variants.kinds(config),
        levels={name: variant["quantiles"] for name, variant in variants.selected(config).items()},
        ensembles=[
            name for name, variant in variants.selected(config).items() if variant["ensemble"]
        ],
        lookback=FORECAST.lookback,
        step=FORECAST.step,
        steps=variants.steps(config),
        delay=FORECAST.delay,
        code=code_of("reverie/forecast/scripts/evaluate_forecasts.py"),
    script:
        "scripts/evaluate_forecasts.py"


rule plot_forecasts:
    """Draw the training curves, the errors, and a week of every variant's forecasts."""
    input:
        trainings("history.csv"),
        trainings("predictions_test.npz"),
        fits("predictions_test.npz"),
        series=rules.prepare_series.output.series,
        metrics=rules.evaluate_forecasts.output.metrics,
        conditions=rules.evaluate_forecasts.output.conditions,
        coverage=rules.evaluate_forecasts.output.coverage,
    output:
        **CURVES,
        errors=figure("forecast/plots/errors.svg", "errors", figure="errors"),
        week=figure("forecast/plots/week.svg", "week", figure="a week"),
        hour=figure("forecast/plots/hour.svg", "hour", figure="errors by hour"),
        month=figure("forecast/plots/month.svg", "month", figure="errors by month"),
        change=figure("forecast/plots/change.svg", "change", figure="errors by change"),
    log:
        LOGS / "forecast" / "plot_forecasts.log",
    benchmark:
        BENCHMARKS / "forecast" / "plot_forecasts.tsv"
    conda:
        "../../../envs/cpu.yaml"
    params:
        titles=variants.titles(config),
        seeds=SEEDS,
        settings=FORECAST.model_dump(include={"series", "seeds", "lookback", "step", "delay"}),
        code=code_of("reverie/forecast/scripts/plot_forecasts.py"),
    script:
        "scripts/plot_forecasts.py"


register(
    "forecast",
    wildcards={"variant": NETWORKS, "seed": FORECAST.seeds, "fit": FITS, "blend": BLENDS},
    sources=SERIES,
    results=[*rules.forecast.input, *rules.plot_series.output, *rules.plot_forecasts.output],
)
