# The forecast's jobs and files in plain rules: what Snakemake itself needs to plan them, for costs.py.
RUN = "results/bare/"
FORECAST = RUN + "forecast/"
TRAINING = FORECAST + "{variant}/seed{seed}/"
VARIANTS = [f"gru_{number}" for number in range(config["variants"])]
SEEDS = range(config["seeds"])
EVALUATED = ["metrics", "summary", "conditions", "pairs", "coverage"]
PLOTS = ["curves", "errors", "week", "hour", "month", "change"]


rule all:
    default_target: True
    input:
        RUN + "report.html",
        RUN + "provenance.json",
        RUN + "asset.json",
        FORECAST + "series.npz",
        FORECAST + "series.json",
        FORECAST + "plots/years.svg",
        FORECAST + "plots/days.svg",
        expand(FORECAST + "{variant}/model.json", variant=VARIANTS),
        expand(TRAINING + "history.csv", variant=VARIANTS, seed=SEEDS),
        expand(TRAINING + "best.weights.h5", variant=VARIANTS, seed=SEEDS),
        expand(TRAINING + "last.weights.h5", variant=VARIANTS, seed=SEEDS),
        expand(TRAINING + "predictions_val.npz", variant=VARIANTS, seed=SEEDS),
        expand(TRAINING + "predictions_test.npz", variant=VARIANTS, seed=SEEDS),
        expand(FORECAST + "{table}.csv", table=EVALUATED),
        expand(FORECAST + "plots/{plot}.svg", plot=PLOTS),


rule fetch_asset:
    output:
        RUN + "asset.json",
    shell:
        "touch {output}"


rule prepare_series:
    input:
        RUN + "asset.json",
    output:
        FORECAST + "series.npz",
        FORECAST + "series.json",
    shell:
        "touch {output}"


rule plot_series:
    input:
        FORECAST + "series.npz",
    output:
        FORECAST + "plots/years.svg",
        FORECAST + "plots/days.svg",
    shell:
        "touch {output}"


rule check_model:
    input:
        FORECAST + "series.npz",
    output:
        FORECAST + "{variant}/model.json",
    shell:
        "touch {output}"


rule train_forecaster:
    input:
        FORECAST + "series.npz",
        FORECAST + "{variant}/model.json",
    output:
        TRAINING + "history.csv",
        TRAINING + "best.weights.h5",
        TRAINING + "last.weights.h5",
        TRAINING + "predictions_val.npz",
        TRAINING + "predictions_test.npz",
    shell:
        "touch {output}"


rule evaluate_forecasts:
    input:
        expand(TRAINING + "history.csv", variant=VARIANTS, seed=SEEDS),
        expand(TRAINING + "predictions_val.npz", variant=VARIANTS, seed=SEEDS),
        expand(TRAINING + "predictions_test.npz", variant=VARIANTS, seed=SEEDS),
        FORECAST + "series.npz",
        expand(FORECAST + "{variant}/model.json", variant=VARIANTS),
    output:
        expand(FORECAST + "{table}.csv", table=EVALUATED),
    shell:
        "touch {output}"


rule plot_forecasts:
    input:
        expand(TRAINING + "history.csv", variant=VARIANTS, seed=SEEDS),
        expand(TRAINING + "predictions_test.npz", variant=VARIANTS, seed=SEEDS),
        FORECAST + "series.npz",
        FORECAST + "metrics.csv",
        FORECAST + "conditions.csv",
        FORECAST + "coverage.csv",
    output:
        expand(FORECAST + "plots/{plot}.svg", plot=PLOTS),
    shell:
        "touch {output}"


rule record_provenance:
    input:
        RUN + "asset.json",
        FORECAST + "metrics.csv",
        FORECAST + "summary.csv",
        FORECAST + "plots/years.svg",
        FORECAST + "plots/days.svg",
        expand(FORECAST + "plots/{plot}.svg", plot=PLOTS),
    output:
        RUN + "provenance.json",
    shell:
        "touch {output}"


rule write_report:
    input:
        RUN + "provenance.json",
    output:
        RUN + "report.html",
    shell:
        "touch {output}"
