# DeepDream: pictures with their octaves, contact sheets of layers, films.


include: "helpers.smk"


wildcard_constraints:
    dream=any_of(DREAMS),
    sheet=any_of(SHEETS),
    film=any_of(FILMS),


rule dream:
    """Every dream, contact sheet and film."""
    input:
        expand(RUN / "dream" / "{dream}.png", dream=DREAMS),
        expand(RUN / "dream" / "sheets" / "{sheet}.png", sheet=SHEETS),
        expand(RUN / "dream" / "films" / "{film}.mp4", film=FILMS),


rule dream_picture:
    """Dream a picture, octave by octave."""
    input:
        unpack(dream_sources),
    output:
        picture=figure("dream/{dream}.png", "dream", dream="{dream}", figure="dream"),
        losses=RUN / "dream" / "{dream}.csv",
        octaves=figure("dream/octaves/{dream}.png", "octaves", dream="{dream}", figure="octaves"),
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
        dream=dream_settings,
        to=dream_weights_end,
        backend=SETTINGS.backend,
        checkpoints=RUN / "checkpoints",
        code=code_of("reverie/dream/scripts/dream.py"),
    script:
        "scripts/dream.py"


use rule dream_picture as dream_sheet with:
    """Dream one picture with each layer of the sheet alone."""
    output:
        sheet=figure("dream/sheets/{sheet}.png", "sheet", dream="{sheet}", figure="layers"),
        table=RUN / "dream" / "sheets" / "{sheet}.csv",
    log:
        LOGS / "dream" / "sheets" / "{sheet}.log",
    benchmark:
        BENCHMARKS / "dream" / "sheets" / "{sheet}.tsv"


use rule dream_picture as dream_film with:
    """Dream a film, frame by frame, while zooming, rotating and shifting the picture."""
    output:
        film=figure("dream/films/{film}.mp4", "film", dream="{film}", figure="film"),
    log:
        LOGS / "dream" / "films" / "{film}.log",
    benchmark:
        BENCHMARKS / "dream" / "films" / "{film}.tsv"


rule plot_dreams:
    """Draw the objective of every dream over its steps."""
    input:
        expand(rules.dream_picture.output.losses, dream=DREAMS),
    output:
        [
            figure(f"dream/plots/{name}.svg", "ascent", dream=name, figure="objective")
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


register(
    "dream",
    wildcards={"dream": DREAMS, "sheet": SHEETS, "film": FILMS},
    sources=[file for sources in DREAM_SOURCES.values() for file in sources.values()],
    results=[*rules.dream.input, *rules.plot_dreams.output],
)
