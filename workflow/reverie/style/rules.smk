# Neural style transfer.


include: "helpers.smk"


wildcard_constraints:
    style=any_of(STYLES),


rule style:
    """The picture of every style transfer."""
    input:
        expand(RUN / "style" / "{style}.png", style=STYLES),


rule transfer_style:
    """Paint one picture in the style of another."""
    input:
        unpack(style_sources),
    output:
        picture=figure("style/{style}.png", "style", picture="{style}", figure="painting"),
        losses=RUN / "style" / "{style}.csv",
        content=RUN / "style" / "originals" / "{style}.content.png",
        style=RUN / "style" / "originals" / "{style}.style.png",
    log:
        LOGS / "style" / "{style}.log",
    benchmark:
        BENCHMARKS / "style" / "{style}.tsv"
    priority: style_seconds  # the longest starts first
    conda:
        TRAINING_ENVIRONMENT
    resources:
        gpu=GPU,
        estimated_seconds=style_seconds,
        mem_mb=2500,
    params:
        style=style_settings,
        to=style_weights_end,
        backend=SETTINGS.backend,
        code=code_of("reverie/style/scripts/transfer_style.py"),
    script:
        "scripts/transfer_style.py"


rule plot_styles:
    """Draw the loss of every style transfer over its steps."""
    input:
        expand(rules.transfer_style.output.losses, style=STYLES),
    output:
        [
            figure(f"style/plots/{name}.svg", "descent", picture=name, figure="loss")
            for name in STYLES
        ],
    log:
        LOGS / "style" / "plot_styles.log",
    benchmark:
        BENCHMARKS / "style" / "plot_styles.tsv"
    conda:
        "../../../envs/cpu.yaml"
    params:
        code=code_of("reverie/style/scripts/plot_styles.py"),
    script:
        "scripts/plot_styles.py"


register(
    "style",
    wildcards={"style": STYLES},
    sources=[file for sources in STYLE_SOURCES.values() for file in sources.values()],
    results=[*rules.style.input, *rules.plot_styles.output],
)
