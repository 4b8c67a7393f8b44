# Figures of the sentences for pictures: charts, and pictures whose sentences point at regions.
DESCRIBE_PLOTS = {
    "bleu": figure("describe/plots/bleu.svg", "bleu", figure="BLEU"),
    "frequency": figure("describe/plots/frequency.svg", "frequency", figure="frequent words"),
}
if ALIGNERS:
    DESCRIBE_PLOTS["recalls"] = figure("describe/plots/recalls.svg", "recalls", figure="recalls")
for kind in ["models"] * bool(ALIGNERS) + ["writers"] * bool(DESCRIBERS):
    DESCRIBE_PLOTS[f"curves_{kind}"] = figure(
        f"describe/plots/curves_{kind}.svg", "describe_curves", figure=f"training curves, {kind}"
    )


rule plot_descriptions:
    """Draw the measures of models and writers, their training curves, and their use of words."""
    input:
        aligners("history.csv"),
        describers("history.csv"),
        rules.evaluate_descriptions.output.pairs,
        rules.evaluate_descriptions.output.frequency,
        facts=rules.prepare_described.output.facts,
        summary=rules.evaluate_descriptions.output.summary,
    output:
        **DESCRIBE_PLOTS,
    log:
        LOGS / "describe" / "plot_descriptions.log",
    benchmark:
        BENCHMARKS / "describe" / "plot_descriptions.tsv"
    conda:
        "../../../envs/cpu.yaml"
    params:
        titles=describe_selection.titles(config),
        seeds=DESCRIBE.seeds,
        code=code_of("reverie/describe/scripts/plot_descriptions.py"),
    script:
        "scripts/plot_descriptions.py"


DESCRIBE_DRAWINGS = []
if DESCRIBERS:

    rule draw_sentences:
        """Draw where words look in the pictures with the best, the middle and the worst sentence."""
        input:
            aligners("best.weights.h5"),
            describers("best.weights.h5"),
            **rules.evaluate_descriptions.output,
            pictures=DESCRIBED["pictures"],
            facts=rules.prepare_described.output.facts,
            described=rules.prepare_described.output.described,
            features=rules.compute_features.output.features,
        output:
            expand(
                RUN / "describe" / "drawings" / "{group}-{kind}.png",
                group=["best", "middle", "worst"],
                kind=["words", "regions"],
            ),
            shown=RUN / "describe" / "drawings" / "shown.json",
        log:
            LOGS / "describe" / "draw_sentences.log",
        benchmark:
            BENCHMARKS / "describe" / "draw_sentences.tsv"
        conda:
            NETWORK_ENVIRONMENT
        resources:
            mem_mb=2000,
        params:
            titles=describe_selection.titles(config),
            seed=DESCRIBE.seeds[0],
            code=code_of("reverie/describe/scripts/draw_sentences.py"),
        script:
            "scripts/draw_sentences.py"

    DESCRIBE_DRAWINGS = [*rules.draw_sentences.output]
