# Pictures that a network dreams: octaves, contact sheets, films.


rule dream:
    """Every dream, contact sheet and film."""
    input:
        expand(RUN / "dream" / "{dream}.png", dream=DREAMS),
        expand(RUN / "dream" / "sheets" / "{sheet}.png", sheet=having("sheet")),
        expand(RUN / "dream" / "films" / "{film}.mp4", film=having("film")),


rule dream_picture:
    """Dream a picture, octave by octave."""
    input:
        unpack(dream_sources),
    output:
        picture=report(
            RUN / "dream" / "{dream}.png",
            category="Dreams",
            labels={"dream": "{dream}", "figure": "dream"},
            caption="captions/dream.rst",
        ),
        losses=RUN / "dream" / "{dream}.csv",
        octaves=report(
            RUN / "dream" / "octaves" / "{dream}.png",
            category="Dreams",
            labels={"dream": "{dream}", "figure": "octaves"},
            caption="captions/octaves.rst",
        ),
        original=RUN / "dream" / "originals" / "{dream}.png",
    log:
        LOGS / "dream" / "{dream}.log",
    benchmark:
        BENCHMARKS / "dream" / "{dream}.tsv"
    priority: dream_seconds  # the longest starts first
    conda:
        TRAINING_ENVIRONMENT
    resources:
        gpu=GPU,
        estimated_seconds=dream_seconds,
        mem_mb=2500,
    params:
        dream=lookup_dream,
        to=weights_end,
        backend=SETTINGS.backend,
        checkpoints=RUN / "checkpoints",
        code=code_of("reverie/dream/scripts/dream.py"),
    script:
        "scripts/dream.py"


use rule dream_picture as dream_sheet with:
    """Dream one picture by one layer after the other, from shallow to deep."""
    output:
        sheet=report(
            RUN / "dream" / "sheets" / "{sheet}.png",
            category="Dreams",
            labels={"dream": "{sheet}", "figure": "layers"},
            caption="captions/sheet.rst",
        ),
        table=RUN / "dream" / "sheets" / "{sheet}.csv",
    log:
        LOGS / "dream" / "sheets" / "{sheet}.log",
    benchmark:
        BENCHMARKS / "dream" / "sheets" / "{sheet}.tsv"


use rule dream_picture as dream_film with:
    """Dream without end, as a film."""
    output:
        film=report(
            RUN / "dream" / "films" / "{film}.mp4",
            category="Dreams",
            labels={"dream": "{film}", "figure": "film"},
            caption="captions/film.rst",
        ),
    log:
        LOGS / "dream" / "films" / "{film}.log",
    benchmark:
        BENCHMARKS / "dream" / "films" / "{film}.tsv"


rule plot_dreams:
    """How the objective of every dream rose."""
    input:
        expand(rules.dream_picture.output.losses, dream=DREAMS),
    output:
        [
            report(
                RUN / "dream" / "plots" / f"{name}.svg",
                category="Dreams",
                labels={"dream": name, "figure": "objective"},
                caption="captions/ascent.rst",
            )
            for name in DREAMS
        ],
    log:
        LOGS / "dream" / "plot_dreams.log",
    benchmark:
        BENCHMARKS / "dream" / "plot_dreams.tsv"
    conda:
        "../../../envs/cpu.yaml"
    params:
        code=code_of("reverie/dream/scripts/plot_dreams.py"),
    script:
        "scripts/plot_dreams.py"
