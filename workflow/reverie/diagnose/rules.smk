# Diagnoses: stays in intensive care, what is predicted of them, models, measures.


include: "helpers.smk"


wildcard_constraints:
    task=any_of(DIAGNOSE_TASKS),
    diagnoser=any_of(TRAINED_DIAGNOSERS),
    fitted_diagnoser=any_of(FITTED_DIAGNOSERS),


rule diagnose:
    """The measures of every model."""
    input:
        RUN / "diagnose" / "metrics.csv",
        RUN / "diagnose" / "summary.csv",


rule read_episodes:
    """Read and check the stays."""
    input:
        EPISODES,
    output:
        episodes=RUN / "diagnose" / "episodes.npz",
        facts=RUN / "diagnose" / "read.json",
    log:
        LOGS / "diagnose" / "episodes.log",
    benchmark:
        BENCHMARKS / "diagnose" / "episodes.tsv"
    conda:
        "../../../envs/cpu.yaml"
    resources:
        mem_mb=1500,
    params:
        own=bool(DIAGNOSE.table),
        code=code_of("reverie/diagnose/scripts/read_episodes.py"),
    script:
        "scripts/read_episodes.py"


rule derive_task:
    """Derive what is predicted of the stays."""
    input:
        episodes=rules.read_episodes.output.episodes,
    output:
        task=RUN / "diagnose" / "{task}.npz",
    log:
        LOGS / "diagnose" / "{task}.log",
    benchmark:
        BENCHMARKS / "diagnose" / "{task}.tsv"
    conda:
        "../../../envs/cpu.yaml"
    params:
        # Of the user's own episodes alone, so that a change of the hours changes no other task.
        hours=DIAGNOSE.hours if DIAGNOSE.table else None,
        labels=DIAGNOSE.labels,
        code=code_of("reverie/diagnose/scripts/derive_task.py"),
    script:
        "scripts/derive_task.py"


rule summarize_episodes:
    """Write what the report shows of the stays and of the first task."""
    input:
        episodes=rules.read_episodes.output.episodes,
        facts=rules.read_episodes.output.facts,
        task=RUN / "diagnose" / f"{DIAGNOSE_TASKS[0]}.npz",
    output:
        facts=RUN / "diagnose" / "episodes.json",
    log:
        LOGS / "diagnose" / "summary_of_episodes.log",
    benchmark:
        BENCHMARKS / "diagnose" / "summary_of_episodes.tsv"
    priority: 1_000_000  # the report of an unfinished run needs it
    conda:
        "../../../envs/cpu.yaml"
    params:
        own=bool(DIAGNOSE.table),
        seed=DIAGNOSE.seeds[0],
        code=code_of("reverie/diagnose/scripts/summarize_episodes.py"),
    script:
        "scripts/summarize_episodes.py"


rule fit_diagnoser:
    """Fit a model that is not a network with one seed."""
    input:
        episodes=rules.read_episodes.output.episodes,
        task=task_of,
    output:
        predictions=RUN / "diagnose" / "{fitted_diagnoser}" / "seed{seed}" / "predictions.npz",
    log:
        LOGS / "diagnose" / "{fitted_diagnoser}" / "seed{seed}.log",
    benchmark:
        BENCHMARKS / "diagnose" / "{fitted_diagnoser}" / "seed{seed}.tsv"
    priority: fitted_diagnoser_seconds
    conda:
        "../../../envs/cpu.yaml"
    resources:
        estimated_seconds=fitted_diagnoser_seconds,
        mem_mb=1500,
    params:
        model=fitted_diagnoser_of,
        code=code_of("reverie/diagnose/scripts/fit_diagnoser.py"),
    script:
        "scripts/fit_diagnoser.py"


rule train_diagnoser:
    """Train a network with one seed."""
    input:
        episodes=rules.read_episodes.output.episodes,
        task=task_of,
    output:
        history=RUN / "diagnose" / "{diagnoser}" / "seed{seed}" / "history.csv",
        best=RUN / "diagnose" / "{diagnoser}" / "seed{seed}" / "best.weights.h5",
        predictions=RUN / "diagnose" / "{diagnoser}" / "seed{seed}" / "predictions.npz",
    log:
        LOGS / "diagnose" / "{diagnoser}" / "seed{seed}.log",
    benchmark:
        BENCHMARKS / "diagnose" / "{diagnoser}" / "seed{seed}.tsv"
    priority: diagnoser_seconds  # the longest starts first
    conda:
        TRAINING_ENVIRONMENT
    resources:
        gpu=GPU,
        estimated_seconds=diagnoser_seconds,
        mem_mb=2000,
    params:
        network=diagnoser_of,
        checkpoints=RUN / "checkpoints",
        code=code_of("reverie/diagnose/scripts/train_diagnoser.py"),
    script:
        "scripts/train_diagnoser.py"


rule evaluate_diagnosers:
    """Measure all models, with intervals, differences and calibration."""
    input:
        diagnosers("predictions.npz"),
        tasks=expand(rules.derive_task.output.task, task=DIAGNOSE_TASKS),
    output:
        metrics=RUN / "diagnose" / "metrics.csv",
        summary=RUN / "diagnose" / "summary.csv",
        pairs=RUN / "diagnose" / "pairs.csv",
        labels=RUN / "diagnose" / "labels.csv",
        gaps=RUN / "diagnose" / "gaps.csv",
        calibration=RUN / "diagnose" / "calibration.csv",
        best=RUN / "diagnose" / "best.csv",
    log:
        LOGS / "diagnose" / "metrics.log",
    benchmark:
        BENCHMARKS / "diagnose" / "metrics.tsv"
    conda:
        "../../../envs/cpu.yaml"
    resources:
        mem_mb=1500,
    params:
        compared=models.compared(config),
        code=code_of("reverie/diagnose/scripts/evaluate_diagnosers.py"),
    script:
        "scripts/evaluate_diagnosers.py"


rule plot_diagnoses:
    """Draw every model's measures, the calibration, the conditions, and the training curves."""
    input:
        trained_diagnosers("history.csv"),
        facts=rules.summarize_episodes.output.facts,
        summary=rules.evaluate_diagnosers.output.summary,
        labels=rules.evaluate_diagnosers.output.labels,
        calibration=rules.evaluate_diagnosers.output.calibration,
        best=rules.evaluate_diagnosers.output.best,
    output:
        **DIAGNOSE_CURVES,
        measures=figure("diagnose/plots/measures.svg", "measures", figure="measures"),
        calibration=figure("diagnose/plots/calibration.svg", "calibration", figure="calibration"),
        conditions=figure("diagnose/plots/conditions.svg", "conditions", figure="conditions"),
    log:
        LOGS / "diagnose" / "plot_diagnoses.log",
    benchmark:
        BENCHMARKS / "diagnose" / "plot_diagnoses.tsv"
    conda:
        "../../../envs/cpu.yaml"
    params:
        shown=models.shown(config),
        code=code_of("reverie/diagnose/scripts/plot_diagnoses.py"),
    script:
        "scripts/plot_diagnoses.py"


EXPLANATIONS = []
if EXPLAINED:

    rule predict_hourly:
        """Predict hour by hour, as a stay goes on, with one network that has target replication."""
        input:
            episodes=rules.read_episodes.output.episodes,
            task=RUN / "diagnose" / f"{DIAGNOSE_TASKS[0]}.npz",
            weights=RUN / "diagnose" / EXPLAINED / f"seed{DIAGNOSE.seeds[0]}" / "best.weights.h5",
        output:
            hourly=RUN / "diagnose" / "hourly.csv",
            measured=RUN / "diagnose" / "measured.csv",
            by_hour=RUN / "diagnose" / "by_hour.csv",
        log:
            LOGS / "diagnose" / "hourly.log",
        benchmark:
            BENCHMARKS / "diagnose" / "hourly.tsv"
        conda:
            NETWORK_ENVIRONMENT
        resources:
            mem_mb=1500,
        params:
            name=EXPLAINED,
            network=TRAINED_DIAGNOSERS[EXPLAINED],
            seed=DIAGNOSE.seeds[0],
            code=code_of("reverie/diagnose/scripts/predict_hourly.py"),
        script:
            "scripts/predict_hourly.py"

    rule permute_variables:
        """Let patients exchange one variable at a time, to see what it is worth to that network."""
        input:
            **rules.predict_hourly.input,
        output:
            importance=RUN / "diagnose" / "importance.csv",
        log:
            LOGS / "diagnose" / "importance.log",
        benchmark:
            BENCHMARKS / "diagnose" / "importance.tsv"
        conda:
            NETWORK_ENVIRONMENT
        resources:
            mem_mb=1500,
        params:
            name=EXPLAINED,
            network=TRAINED_DIAGNOSERS[EXPLAINED],
            seed=DIAGNOSE.seeds[0],
            code=code_of("reverie/diagnose/scripts/permute_variables.py"),
        script:
            "scripts/permute_variables.py"

    rule plot_episode:
        """Draw one stay with what was measured and predicted, how predictions improve, and the variables' worth."""
        input:
            **rules.predict_hourly.output,
            importance=rules.permute_variables.output.importance,
            facts=rules.summarize_episodes.output.facts,
        output:
            episode=figure("diagnose/plots/episode.svg", "episode", figure="an episode"),
            by_hour=figure("diagnose/plots/by_hour.svg", "by_hour", figure="AUC by hour"),
            importance=figure("diagnose/plots/importance.svg", "importance", figure="variables"),
        log:
            LOGS / "diagnose" / "plot_episode.log",
        benchmark:
            BENCHMARKS / "diagnose" / "plot_episode.tsv"
        conda:
            "../../../envs/cpu.yaml"
        params:
            code=code_of("reverie/diagnose/scripts/plot_episode.py"),
        script:
            "scripts/plot_episode.py"

    EXPLANATIONS = [
        *rules.predict_hourly.output,
        *rules.permute_variables.output,
        *rules.plot_episode.output,
    ]


register(
    "diagnose",
    wildcards={
        "task": DIAGNOSE_TASKS,
        "diagnoser": TRAINED_DIAGNOSERS,
        "fitted_diagnoser": FITTED_DIAGNOSERS,
        "seed": DIAGNOSE.seeds,
    },
    sources=EPISODES,
    results=[
        *rules.diagnose.input,
        *rules.summarize_episodes.output,
        *rules.evaluate_diagnosers.output,
        *rules.plot_diagnoses.output,
        *EXPLANATIONS,
    ],
)
