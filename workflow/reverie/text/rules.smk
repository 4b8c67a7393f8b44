# Text generation: corpus, network, samples and their measures.


include: "helpers.smk"


rule text:
    """The samples at every temperature, and their measures."""
    input:
        RUN / "text" / "samples.jsonl",
        RUN / "text" / "metrics.csv",


rule prepare_corpus:
    """Read and check the text, and turn it into numbers."""
    input:
        source=CORPUS,
    output:
        corpus=RUN / "text" / "corpus.npz",
        facts=RUN / "text" / "corpus.json",
    log:
        LOGS / "text" / "corpus.log",
    benchmark:
        BENCHMARKS / "text" / "corpus.tsv"
    conda:
        "../../../envs/cpu.yaml"
    params:
        encoding=TEXT.encoding,
        window=TEXT.window,
        step=TEXT.step,
        held_out=TEXT.held_out,
        batch=TEXT.batch,
        code=code_of("reverie/text/scripts/prepare_corpus.py"),
    script:
        "scripts/prepare_corpus.py"


rule choose_prompts:
    """Check the prompt, and draw random ones from the corpus."""
    input:
        corpus=rules.prepare_corpus.output.corpus,
    output:
        prompts=RUN / "text" / "prompts.json",
    log:
        LOGS / "text" / "prompts.log",
    benchmark:
        BENCHMARKS / "text" / "prompts.tsv"
    conda:
        "../../../envs/cpu.yaml"
    params:
        window=TEXT.window,
        prompt=prompt,
        random=TEXT.sampling.random_prompts,
        code=code_of("reverie/text/scripts/choose_prompts.py"),
    script:
        "scripts/choose_prompts.py"


rule train_writer:
    """Train the network on the corpus with one seed."""
    input:
        corpus=rules.prepare_corpus.output.corpus,
    output:
        history=RUN / "text" / "seed{seed}" / "history.csv",
        model=RUN / "text" / "seed{seed}" / "model.json",
        weights=directory(RUN / "text" / "seed{seed}" / "weights"),
    log:
        LOGS / "text" / "seed{seed}.log",
    benchmark:
        BENCHMARKS / "text" / "seed{seed}.tsv"
    priority: writer_seconds  # the longest starts first
    conda:
        TRAINING_ENVIRONMENT
    resources:
        gpu=GPU,
        estimated_seconds=writer_seconds,
        mem_mb=1500,
    params:
        network=WRITER,
        keep=[epoch for epoch in TEXT.sampling.epochs if epoch < TEXT.epochs],
        checkpoints=RUN / "checkpoints",
        code=code_of("reverie/text/scripts/train_writer.py"),
    script:
        "scripts/train_writer.py"


rule sample_text:
    """Let a trained network continue the prompts at every temperature and greedily."""
    input:
        corpus=rules.prepare_corpus.output.corpus,
        prompts=rules.choose_prompts.output.prompts,
        history=rules.train_writer.output.history,
        model=rules.train_writer.output.model,
        weights=rules.train_writer.output.weights,
    output:
        samples=RUN / "text" / "seed{seed}" / "samples.jsonl",
        next=RUN / "text" / "seed{seed}" / "next.json",
    log:
        LOGS / "text" / "samples_seed{seed}.log",
    benchmark:
        BENCHMARKS / "text" / "samples_seed{seed}.tsv"
    conda:
        NETWORK_ENVIRONMENT
    params:
        sampling=TEXT.sampling.model_dump(include={"temperatures", "greedy", "characters"}),
        backend=SETTINGS.backend,
        code=code_of("reverie/text/scripts/sample_text.py"),
    script:
        "scripts/sample_text.py"


rule measure_samples:
    """Measure the samples' invented words, repetition and copying."""
    input:
        corpus=rules.prepare_corpus.output.corpus,
        samples=expand(rules.sample_text.output.samples, seed=TEXT.seeds),
        history=writers("history.csv"),
    output:
        samples=RUN / "text" / "samples.jsonl",
        metrics=RUN / "text" / "metrics.csv",
        invented=RUN / "text" / "invented.json",
        comparisons=RUN / "text" / "comparisons.csv",
        reference=RUN / "text" / "reference.json",
    log:
        LOGS / "text" / "metrics.log",
    benchmark:
        BENCHMARKS / "text" / "metrics.tsv"
    conda:
        "../../../envs/cpu.yaml"
    params:
        seeds=TEXT.seeds,
        code=code_of("reverie/text/scripts/measure_samples.py"),
    script:
        "scripts/measure_samples.py"


rule plot_text:
    """Draw the training curves, the reweighting, and the samples' repetition and invention."""
    input:
        history=writers("history.csv"),
        next=expand(rules.sample_text.output.next, seed=TEXT.seeds[0]),
        samples=rules.measure_samples.output.samples,
        metrics=rules.measure_samples.output.metrics,
        reference=rules.measure_samples.output.reference,
    output:
        curves=figure("text/plots/curves.svg", "text_curves", figure="training curves"),
        reweighting=figure("text/plots/reweighting.svg", "reweighting", figure="reweighting"),
        repetition=figure("text/plots/repetition.svg", "repetition", figure="repetition"),
        invention=figure("text/plots/invention.svg", "invention", figure="invention"),
    log:
        LOGS / "text" / "plot_text.log",
    benchmark:
        BENCHMARKS / "text" / "plot_text.tsv"
    conda:
        "../../../envs/cpu.yaml"
    params:
        seeds=TEXT.seeds,
        temperatures=TEXT.sampling.temperatures,
        code=code_of("reverie/text/scripts/plot_text.py"),
    script:
        "scripts/plot_text.py"


register(
    "text",
    wildcards={"seed": TEXT.seeds},
    sources=[CORPUS],
    results=[*rules.text.input, *rules.measure_samples.output, *rules.plot_text.output],
)
