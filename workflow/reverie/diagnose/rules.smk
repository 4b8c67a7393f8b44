# Diagnoses: stays in intensive care, what is predicted of them, models, measures.


include: "helpers.smk"


wildcard_constraints:
    diagnoser=any_of(TRAINED_DIAGNOSERS),
    fitted_diagnoser=any_of(FITTED_DIAGNOSERS),


rule diagnose:
    """The measures of every model."""
    input:
        RUN / "diagnose" / "metrics.csv",
        RUN / "diagnose" / "summary.csv",


rule prepare_episodes:
    """Read and check the stays, and derive what is predicted of them."""
    input:
        EPISODES,
    output:
        episodes=RUN / "diagnose" / "episodes.npz",
        tasks=expand(RUN / "diagnose" / "{task}.npz", task=DIAGNOSE_TASKS),
        facts=RUN / "diagnose" / "episodes.json",
    log:
        LOGS / "diagnose" / "episodes.log",
    benchmark:
        BENCHMARKS / "diagnose" / "episodes.tsv"
    conda:
        "../../../envs/cpu.yaml"
    resources:
        mem_mb=1500,
    params:
        tasks=DIAGNOSE_TASKS,
        hours=DIAGNOSE.hours,
        seed=DIAGNOSE.seeds[0],
        code=code_of("reverie/diagnose/scripts/prepare_episodes.py"),
    script:
        "scripts/prepare_episodes.py"


rule fit_diagnoser:
    """Fit a model that is not a network with one seed."""
    input:
        episodes=rules.prepare_episodes.output.episodes,
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
        episodes=rules.prepare_episodes.output.episodes,
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
        mem_mb=1500,
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
        tasks=rules.prepare_episodes.output.tasks,
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


register(
    "diagnose",
    wildcards={
        "diagnoser": TRAINED_DIAGNOSERS,
        "fitted_diagnoser": FITTED_DIAGNOSERS,
        "seed": DIAGNOSE.seeds,
    },
    sources=EPISODES,
    results=[
        *rules.diagnose.input,
        *rules.evaluate_diagnosers.output,
        *rules.plot_diagnoses.output,
    ],
)
