# Sentences for pictures: pictures with sentences, features, alignment, writing, measures.


include: "helpers.smk"


wildcard_constraints:
    aligner=any_of(ALIGNERS),
    describer=any_of(DESCRIBERS),


rule describe:
    """The measures of every model and writer, and all written sentences."""
    input:
        RUN / "describe" / "alignment.csv",
        RUN / "describe" / "bleu.csv",
        RUN / "describe" / "summary.csv",
        RUN / "describe" / "captions.jsonl",


rule prepare_described:
    """Bring pictures and sentences together, and count what cannot be used."""
    input:
        **DESCRIBED,
    output:
        described=RUN / "describe" / "described.npz",
        facts=RUN / "describe" / "pictures.json",
    log:
        LOGS / "describe" / "described.log",
    benchmark:
        BENCHMARKS / "describe" / "described.tsv"
    conda:
        "../../../envs/cpu.yaml"
    resources:
        mem_mb=1500,
    params:
        read=describe_selection.read(config),
        listing=describe_files.listing(DESCRIBED["pictures"]),
        code=code_of("reverie/describe/scripts/prepare_described.py"),
    script:
        "scripts/prepare_described.py"


rule compute_features:
    """Compute what a layer of a pretrained network says of every picture, once."""
    input:
        pictures=DESCRIBED["pictures"],
        described=rules.prepare_described.output.described,
        weights=DESCRIBE_WEIGHTS,
    output:
        features=RUN / "describe" / "features.npy",
        projection=RUN / "describe" / "projection.npz",
    log:
        LOGS / "describe" / "features.log",
    benchmark:
        BENCHMARKS / "describe" / "features.tsv"
    priority: feature_seconds  # all networks wait for it
    conda:
        TRAINING_ENVIRONMENT
    resources:
        gpu=GPU,
        estimated_seconds=feature_seconds,
        mem_mb=2000,
    params:
        network=describe_selection.features(config),
        backend=SETTINGS.backend,
        checkpoints=RUN / "checkpoints",
        code=code_of("reverie/describe/scripts/compute_features.py"),
    script:
        "scripts/compute_features.py"


rule train_aligner:
    """Train an alignment model with one seed, and rank sentences and pictures with it."""
    input:
        described=rules.prepare_described.output.described,
        features=rules.compute_features.output.features,
    output:
        history=RUN / "describe" / "{aligner}" / "seed{seed}" / "history.csv",
        best=RUN / "describe" / "{aligner}" / "seed{seed}" / "best.weights.h5",
        model=RUN / "describe" / "{aligner}" / "seed{seed}" / "model.json",
        ranks=expand(
            RUN / "describe" / "{{aligner}}" / "seed{{seed}}" / "ranks_{split}.npz",
            split=["val", "test"],
        ),
    log:
        LOGS / "describe" / "{aligner}" / "seed{seed}.log",
    benchmark:
        BENCHMARKS / "describe" / "{aligner}" / "seed{seed}.tsv"
    priority: aligner_seconds  # the longest starts first
    conda:
        TRAINING_ENVIRONMENT
    resources:
        gpu=GPU,
        estimated_seconds=aligner_seconds,
        mem_mb=2000,
    params:
        network=aligner_of,
        checkpoints=RUN / "checkpoints",
        code=code_of("reverie/describe/scripts/train_aligner.py"),
    script:
        "scripts/train_aligner.py"


rule train_describer:
    """Train a network that writes sentences with one seed."""
    input:
        described=rules.prepare_described.output.described,
        features=rules.compute_features.output.features,
    output:
        history=RUN / "describe" / "{describer}" / "seed{seed}" / "history.csv",
        best=RUN / "describe" / "{describer}" / "seed{seed}" / "best.weights.h5",
        model=RUN / "describe" / "{describer}" / "seed{seed}" / "model.json",
    log:
        LOGS / "describe" / "{describer}" / "seed{seed}.log",
    benchmark:
        BENCHMARKS / "describe" / "{describer}" / "seed{seed}.tsv"
    priority: describer_seconds
    conda:
        TRAINING_ENVIRONMENT
    resources:
        gpu=GPU,
        estimated_seconds=describer_seconds,
        mem_mb=2000,
    params:
        network=describer_of,
        checkpoints=RUN / "checkpoints",
        code=code_of("reverie/describe/scripts/train_describer.py"),
    script:
        "scripts/train_describer.py"


rule write_captions:
    """Write a sentence about every validation and test picture, with every beam."""
    input:
        described=rules.prepare_described.output.described,
        features=rules.compute_features.output.features,
        weights=rules.train_describer.output.best,
        model=rules.train_describer.output.model,
    output:
        captions=RUN / "describe" / "{describer}" / "seed{seed}" / "captions.jsonl",
    log:
        LOGS / "describe" / "{describer}" / "captions{seed}.log",
    benchmark:
        BENCHMARKS / "describe" / "{describer}" / "captions{seed}.tsv"
    conda:
        NETWORK_ENVIRONMENT
    resources:
        mem_mb=2000,
    params:
        beams=DESCRIBE.beams,
        code=code_of("reverie/describe/scripts/write_captions.py"),
    script:
        "scripts/write_captions.py"


rule evaluate_descriptions:
    """Measure all models and writers, with intervals and differences."""
    input:
        aligners("ranks_test.npz"),
        describers("captions.jsonl"),
        described=rules.prepare_described.output.described,
        features=rules.compute_features.output.features,
    output:
        alignment=RUN / "describe" / "alignment.csv",
        bleu=RUN / "describe" / "bleu.csv",
        summary=RUN / "describe" / "summary.csv",
        pairs=RUN / "describe" / "pairs.csv",
        frequency=RUN / "describe" / "frequency.csv",
        words=RUN / "describe" / "words.csv",
        rates=RUN / "describe" / "rates.csv",
        captions=RUN / "describe" / "captions.jsonl",
    log:
        LOGS / "describe" / "descriptions.log",
    benchmark:
        BENCHMARKS / "describe" / "descriptions.tsv"
    conda:
        "../../../envs/cpu.yaml"
    resources:
        mem_mb=1500,
    params:
        evaluated=describe_selection.evaluated(config),
        code=code_of("reverie/describe/scripts/evaluate_descriptions.py"),
    script:
        "scripts/evaluate_descriptions.py"


include: "plots.smk"


register(
    "describe",
    wildcards={"aligner": ALIGNERS, "describer": DESCRIBERS, "seed": DESCRIBE.seeds},
    sources=[*DESCRIBED.values(), DESCRIBE_WEIGHTS],
    results=[
        rules.prepare_described.output.facts,
        *rules.evaluate_descriptions.output,
        *rules.plot_descriptions.output,
        *DESCRIBE_DRAWINGS,
    ],
)
